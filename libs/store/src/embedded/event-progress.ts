import { HISTORY_AGE_MAX_MS } from '@veto/domain';

const MINUTE_MS = 60_000;

/** One event moves progress on by no more than this: a single wrong clock must not age every history at once. */
export const PROGRESS_STEP_MS_MAX = 60_000;
/** So many events in a row that lie further back than histories are kept say that progress itself is wrong. */
export const BEHIND_COUNT_MAX = 1_000;

/**
 * How far the events of the log have come in their own time. A function of the events alone, so that whoever follows
 * the same log forgets the same histories, whatever the clock on the wall says.
 */
export class EventProgress {
  #nowMs: number;
  #behindCount: number;

  constructor(from: { readonly nowMs: number; readonly behindCount: number } = { nowMs: 0, behindCount: 0 }) {
    this.#nowMs = from.nowMs;
    this.#behindCount = from.behindCount;
  }

  /** In minutes since epoch. */
  get minute(): number {
    return Math.floor(this.#nowMs / MINUTE_MS);
  }

  /** A history that was last touched before this minute is idle. */
  get horizonMinute(): number {
    return this.minute - HISTORY_AGE_MAX_MS / MINUTE_MS;
  }

  get state(): { readonly nowMs: number; readonly behindCount: number } {
    return { nowMs: this.#nowMs, behindCount: this.#behindCount };
  }

  /**
   * Notes the time of the next event.
   * @returns true when progress has to go back to it; what is idle now must be forgotten before `goBackTo`
   */
  advance(timeMs: number): boolean {
    if (this.#nowMs === 0) this.#nowMs = timeMs;
    if (timeMs >= this.#nowMs - HISTORY_AGE_MAX_MS) {
      this.#behindCount = 0;
      if (timeMs > this.#nowMs) this.#nowMs = Math.min(timeMs, this.#nowMs + PROGRESS_STEP_MS_MAX);
      return false;
    }
    this.#behindCount += 1;
    return this.#behindCount >= BEHIND_COUNT_MAX;
  }

  goBackTo(timeMs: number): void {
    this.#nowMs = timeMs;
    this.#behindCount = 0;
  }
}
