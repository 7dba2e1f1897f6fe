import { HISTORY_RECORD_BYTES, HISTORY_RECORD_COUNT_MAX } from '@veto/domain';
import { NO_WINDOW, type Field, type HistoryView } from './history-view';

/** Four times the records of one view: probes stay short, and a free slot is always found. */
const SLOT_COUNT = 4 * HISTORY_RECORD_COUNT_MAX;
const GENERATION_MAX = 2 ** 29 - 1;

// Scratch: open addressing, two words a slot, cleared in O(1) by beginning a new generation. The first word is the
// value, the second the generation × 8 + the index of the narrowest window that holds the value.
const slots = new Uint32Array(2 * SLOT_COUNT);
let generation = 0;

function beginGeneration(): void {
  generation++;
  if (generation <= GENERATION_MAX) return;
  slots.fill(0);
  generation = 1;
}

/**
 * Counts the distinct values of a field in every window at once: `tally[row + i]` becomes the number of values whose
 * narrowest window has index i. 0, an absent value, is none.
 */
export function countDistinct(view: HistoryView, field: Field, tally: Float64Array, row: number): void {
  beginGeneration();
  const { data, start, windowAt } = view;
  const { offset, shift } = field;
  const mark = generation * 8;
  let [lastValue, lastWindow] = [0, 0];
  for (let at = data.byteLength - HISTORY_RECORD_BYTES, i = 0; at >= start; at -= HISTORY_RECORD_BYTES, i++) {
    const window = windowAt[i]!;
    if (window === NO_WINDOW) continue;
    const value = data.getUint32(at + offset, true) >>> shift;
    // Entities have habits: most often it is the value of the record before, in no narrower window.
    if (value === 0 || (value === lastValue && window >= lastWindow)) continue;
    [lastValue, lastWindow] = [value, window];
    let slot = 2 * (value & (SLOT_COUNT - 1));
    while (slots[slot] !== value && slots[slot + 1]! >= mark) slot = (slot + 2) & (2 * SLOT_COUNT - 1);
    if (slots[slot] !== value || slots[slot + 1]! < mark) {
      slots[slot] = value;
    } else {
      const known = slots[slot + 1]! - mark;
      if (window >= known) continue;
      tally[row + known]!--;
    }
    slots[slot + 1] = mark + window;
    tally[row + window]!++;
  }
}

/** Counts the payments with a given value of a field, likewise. @param value not 0 */
export function countSame(
  view: HistoryView,
  field: Field & { readonly value: number },
  tally: Float64Array,
  row: number,
): void {
  const { data, start, windowAt } = view;
  const { offset, shift, value } = field;
  for (let at = data.byteLength - HISTORY_RECORD_BYTES, i = 0; at >= start; at -= HISTORY_RECORD_BYTES, i++) {
    const window = windowAt[i]!;
    if (window !== NO_WINDOW && data.getUint32(at + offset, true) >>> shift === value) tally[row + window]!++;
  }
}
