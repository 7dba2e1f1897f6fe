import type { Outcome } from '@veto/domain';

const SECONDS = 61;

/** Decisions by outcome in each of the last 61 seconds, by the log's clock. */
export class DecisionRate {
  readonly #seconds = new Float64Array(SECONDS).fill(-1);
  readonly #counts: Record<Outcome, number>[] = Array.from({ length: SECONDS }, none);

  add(outcome: Outcome, appendedAtMs: number): void {
    const second = Math.floor(appendedAtMs / 1_000);
    const slot = second % SECONDS;
    if (second < this.#seconds[slot]!) return;
    if (second > this.#seconds[slot]!) {
      this.#seconds[slot] = second;
      this.#counts[slot] = none();
    }
    this.#counts[slot]![outcome] += 1;
  }

  /** Decisions in the last whole second. */
  perSecond(nowMs: number): number {
    const second = Math.floor(nowMs / 1_000) - 1;
    const slot = second % SECONDS;
    if (this.#seconds[slot] !== second) return 0;
    return Object.values(this.#counts[slot]!).reduce((sum, count) => sum + count, 0);
  }

  /** By outcome in the last sixty whole seconds. */
  lastMinute(nowMs: number): Record<Outcome, number> {
    const total = none();
    const to = Math.floor(nowMs / 1_000);
    for (let slot = 0; slot < SECONDS; slot++) {
      const age = to - this.#seconds[slot]!;
      if (age < 1 || age > 60) continue;
      const counts = this.#counts[slot]!;
      total.approve += counts.approve;
      total.challenge += counts.challenge;
      total.review += counts.review;
      total.block += counts.block;
    }
    return total;
  }
}

function none(): Record<Outcome, number> {
  return { approve: 0, challenge: 0, review: 0, block: 0 };
}
