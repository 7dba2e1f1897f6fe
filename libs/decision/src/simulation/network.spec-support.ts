import type { Chance } from './chance.spec-support';

/** What can be broken from outside. */
export interface Breakable {
  breakDown(): void;
}

const LATENCY_MS = 0.15;

/** The way between one instance and one server: how long a message takes now, and whether it passes at all. */
export class Network {
  readonly #chance: Chance;
  readonly #links = new Set<Breakable>();
  #stalledUntilMs = 0;
  #slowUntilMs = 0;
  #slowMs = 0;

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  addLink(link: Breakable): () => void {
    this.#links.add(link);
    return () => this.#links.delete(link);
  }

  /** Nothing passes until then; nothing is lost. */
  stall(untilMs: number): void {
    this.#stalledUntilMs = Math.max(this.#stalledUntilMs, untilMs);
  }

  slow(untilMs: number, byMs: number): void {
    this.#slowUntilMs = untilMs;
    this.#slowMs = byMs;
  }

  breakLinks(): void {
    for (const link of this.#links) link.breakDown();
  }

  heal(): void {
    this.#stalledUntilMs = 0;
    this.#slowUntilMs = 0;
  }

  isStalled(nowMs: number): boolean {
    return this.#stalledUntilMs > nowMs;
  }

  /** When a message that is sent now arrives. */
  arrival(nowMs: number): number {
    const slowMs = nowMs < this.#slowUntilMs ? this.#chance.around(this.#slowMs) : 0;
    return Math.max(nowMs, this.#stalledUntilMs) + LATENCY_MS + this.#chance.around(LATENCY_MS) + slowMs;
  }
}
