const FREE_FAILURES = 5;
const WAIT_S_MAX = 300;
const ADDRESS_COUNT_MAX = 10_000;

/** Makes guessing tokens slow: after five failures an address waits, twice as long each time, up to five minutes. */
export class SignInBackoff {
  readonly #failures = new Map<string, { readonly count: number; readonly untilMs: number }>();

  /** Seconds that this address has to wait; 0 = none. */
  waitS(address: string, nowMs: number): number {
    const untilMs = this.#failures.get(address)?.untilMs ?? 0;
    return Math.max(0, Math.ceil((untilMs - nowMs) / 1_000));
  }

  failed(address: string, nowMs: number): void {
    const count = (this.#failures.get(address)?.count ?? 0) + 1;
    const waitS = count < FREE_FAILURES ? 0 : Math.min(WAIT_S_MAX, 2 ** (count - FREE_FAILURES));
    this.#failures.delete(address);
    this.#failures.set(address, { count, untilMs: nowMs + waitS * 1_000 });
    if (this.#failures.size <= ADDRESS_COUNT_MAX) return;
    const oldest = this.#failures.keys().next();
    if (oldest.done !== true) this.#failures.delete(oldest.value);
  }
}
