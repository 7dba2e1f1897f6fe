/**
 * The server's time as this console knows it. A frame cannot arrive before it was sent, so the largest difference
 * seen is the one with the least travel time in it; the countdown of an undo runs on this clock.
 */
export class ServerClock {
  readonly #localNow: () => number;
  #offsetMs: number | null = null;

  constructor(localNow: () => number = () => Date.now()) {
    this.#localNow = localNow;
  }

  observe(serverTimeMs: number): void {
    const offsetMs = serverTimeMs - this.#localNow();
    if (this.#offsetMs === null || offsetMs > this.#offsetMs) this.#offsetMs = offsetMs;
  }

  /** ms since epoch, the server's clock; this console's own until the first frame. */
  readonly now = (): number => this.#localNow() + (this.#offsetMs ?? 0);
}
