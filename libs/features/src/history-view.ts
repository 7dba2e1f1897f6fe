import {
  HISTORY_AGE_MAX_MS,
  HISTORY_RECORD_BYTES,
  HISTORY_RECORD_COUNT_MAX,
  readHistorySeq,
  type EntityKind,
} from '@veto/domain';
import { RECORD_OFFSETS as AT } from './record-codec';
import { WINDOWS } from './windows';

/** What a payment's record can be asked for: its entities, and where it happened. */
export type Dimension = EntityKind | 'country';

/** Where a dimension lies in a record: read 32 bits at `offset` and drop the lowest `shift` of them. */
export interface Field {
  readonly dimension: Dimension;
  readonly offset: number;
  readonly shift: number;
}

export function fieldOf(dimension: Dimension): Field {
  // The country's 16 bits are the upper half of the 32 bits that begin two bytes before it.
  return dimension === 'country'
    ? { dimension, offset: AT.country - 2, shift: 16 }
    : { dimension, offset: AT[dimension], shift: 0 };
}

/** Mark of a record that is no payment in any window: a label, or made too early or too late to be seen. */
export const NO_WINDOW = 0xff;

/** The part of a history at which one payment looks. */
export interface HistoryView {
  /** From the history's begin to the newest record that is seen. */
  readonly data: DataView;
  /** Where the oldest record that is looked at begins. */
  readonly start: number;
  /** Index of the narrowest window that holds the i-th newest record, or `NO_WINDOW`. */
  readonly windowAt: Uint8Array;
}

const VIEW_BYTES_MAX = HISTORY_RECORD_COUNT_MAX * HISTORY_RECORD_BYTES;
// Scratch, shared by all views: one view at a time is looked at.
const windowAt = new Uint8Array(HISTORY_RECORD_COUNT_MAX);

/** The latest `HISTORY_RECORD_COUNT_MAX` records with a seq below `seq`. @param bytes whole records in order of seq */
export function historyViewOf(bytes: Uint8Array, seq: number): HistoryView {
  let end = bytes.length;
  while (end > 0 && readHistorySeq(bytes, end - HISTORY_RECORD_BYTES) >= seq) end -= HISTORY_RECORD_BYTES;
  return {
    data: new DataView(bytes.buffer, bytes.byteOffset, end),
    start: Math.max(0, end - VIEW_BYTES_MAX),
    windowAt,
  };
}

/**
 * The cut between what is looked at and what was dropped is judged by the latest of this many records at it, so that a
 * few late ones there do not hide that something newer was dropped.
 */
const CUT_RECORD_COUNT = 8;

/** Age of the cut when the view is full, so that there may be records beyond it; Infinity when it is not. */
export function cutAgeMsOf({ data, start }: HistoryView, timeMs: number): number {
  if (data.byteLength - start < VIEW_BYTES_MAX) return Infinity;
  let ageMs = Infinity;
  for (let i = 0; i < CUT_RECORD_COUNT; i++) {
    ageMs = Math.min(ageMs, timeMs - uint48(data, start + i * HISTORY_RECORD_BYTES + AT.time));
  }
  return ageMs;
}

export function uint48(data: DataView, at: number): number {
  return data.getUint32(at, true) + data.getUint16(at + 4, true) * 0x1_0000_0000;
}

/** Widths of the windows, ascending, in ms. */
export const WIDTHS_MS = Float64Array.from(WINDOWS, (window) => window.ms);

export function isKept(ageMs: number): boolean {
  return ageMs >= 0 && ageMs <= HISTORY_AGE_MAX_MS;
}

/** Index of the narrowest window that reaches back this far. @param ageMs 0 … `HISTORY_AGE_MAX_MS` */
export function windowIndexOfAge(ageMs: number): number {
  let window = 0;
  while (ageMs > WIDTHS_MS[window]!) window++;
  return window;
}
