import { HISTORY_RECORD_COUNT_MAX } from '@veto/domain';

/** Four times the records of one history: probes stay short, and a free slot is always found. */
const SLOT_COUNT = 4 * HISTORY_RECORD_COUNT_MAX;

/**
 * A scratch table of the distinct values of one history: open addressing, no allocation, cleared in O(1) by generation.
 * It remembers for each value the narrowest window that holds it.
 */
export class DistinctTable {
  readonly #values = new Uint32Array(SLOT_COUNT);
  /** Generation × 8 + window index of the value in the slot. */
  readonly #marks = new Int32Array(SLOT_COUNT);
  #generation = 0;

  /** Forgets every value. */
  clear(): void {
    if (++this.#generation < 2 ** 27) return;
    this.#generation = 1;
    this.#marks.fill(0);
  }

  /**
   * Counts a value seen in the window of index `window` (and so in every wider one).
   * @param counts counts[from + i] = values whose narrowest window is i; updated in place
   */
  add(value: number, window: number, counts: Float64Array, from: number): void {
    let slot = value & (SLOT_COUNT - 1);
    while (this.#marks[slot]! >> 3 === this.#generation) {
      if (this.#values[slot] === value) {
        const known = this.#marks[slot]! & 7;
        if (window < known) {
          counts[from + known]!--;
          counts[from + window]!++;
          this.#marks[slot] = this.#generation * 8 + window;
        }
        return;
      }
      slot = (slot + 1) & (SLOT_COUNT - 1);
    }
    this.#values[slot] = value;
    this.#marks[slot] = this.#generation * 8 + window;
    counts[from + window]!++;
  }
}
