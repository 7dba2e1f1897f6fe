export interface CircuitOptions {
  /** Failures within a window above which the circuit may open. */
  readonly failedCountMax: number;
  /** Share of what was handled within the window above which it may open. */
  readonly failedShareMax: number;
  readonly windowMs: number;
  /** How long it stays open before one record is tried again. */
  readonly openMs: number;
}

export const CIRCUIT_DEFAULTS: CircuitOptions = {
  failedCountMax: 50,
  failedShareMax: 0.01,
  windowMs: 60_000,
  openMs: 60_000,
};

/** Parts of the window that fall out of it one by one. */
const SLICE_COUNT = 12;

interface Slice {
  readonly index: number;
  handled: number;
  failed: number;
}

/**
 * Stops a partition when failures of our own (not bad records, not the world) are both many and a noticeable share: it
 * is then our bug, and setting every record aside would only move the work. After a while one attempt is let through;
 * it closes the circuit when it succeeds and opens it again when it does not.
 */
export class Circuit {
  readonly #options: CircuitOptions;
  #slices: Slice[] = [];
  #openUntilMs: number | null = null;
  #isProbing = false;

  constructor(options: CircuitOptions) {
    this.#options = options;
  }

  isOpen(nowMs: number): boolean {
    return this.#openUntilMs !== null && nowMs < this.#openUntilMs;
  }

  /** Whether it was opened and has not been closed again, also while it is being tried. */
  get isBroken(): boolean {
    return this.#openUntilMs !== null;
  }

  /** @returns true when this closed the circuit */
  succeeded(nowMs: number): boolean {
    this.#slice(nowMs).handled += 1;
    if (!this.#isProbing) return false;
    this.close();
    return true;
  }

  /** A record that failed at every attempt. @returns true when the circuit is open now, so that it is not to be set aside */
  failed(nowMs: number): boolean {
    const slice = this.#slice(nowMs);
    slice.handled += 1;
    slice.failed += 1;
    if (this.#isProbing || this.#isTooMuch()) this.#open(nowMs);
    return this.#openUntilMs !== null;
  }

  /** The time is over: the next record decides. @returns false when that was said before */
  probe(): boolean {
    if (this.#isProbing) return false;
    this.#isProbing = true;
    return true;
  }

  close(): void {
    this.#openUntilMs = null;
    this.#isProbing = false;
    this.#slices = [];
  }

  #open(nowMs: number): void {
    this.#openUntilMs = nowMs + this.#options.openMs;
    this.#isProbing = false;
  }

  #isTooMuch(): boolean {
    const failed = this.#slices.reduce((sum, slice) => sum + slice.failed, 0);
    const handled = this.#slices.reduce((sum, slice) => sum + slice.handled, 0);
    return failed > this.#options.failedCountMax && failed > handled * this.#options.failedShareMax;
  }

  #slice(nowMs: number): Slice {
    const index = Math.floor((nowMs * SLICE_COUNT) / this.#options.windowMs);
    const last = this.#slices.at(-1);
    if (last !== undefined && last.index === index) return last;
    const slice = { index, handled: 0, failed: 0 };
    this.#slices = [...this.#slices.filter((old) => old.index > index - SLICE_COUNT), slice];
    return slice;
  }
}
