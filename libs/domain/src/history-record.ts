/**
 * The fixed width of one record in an entity's history, in bytes, and where the sequence number lies in it.
 * A state store knows no more of a record than this and its time: it writes `seq` into the record and appends it.
 * The rest of the layout belongs to `@veto/features`, which alone reads and writes records.
 */
export const HISTORY_RECORD_BYTES = 60;

/** Offset of the 48-bit little-endian sequence number within a record. */
export const HISTORY_SEQ_OFFSET = 4;

/**
 * Offset of the 48-bit little-endian time of a record, ms since epoch: when a payment was made, when a label was reported.
 * A store may look at it to tell which histories nobody will look at any more.
 */
export const HISTORY_TIME_OFFSET = 10;

/** A reader looks at no more than this many of the latest records of an entity; a store keeps at least as many. */
export const HISTORY_RECORD_COUNT_MAX = 256;

/** Records older than this, before the transaction's own time, are not looked at; a store may drop an idle history after it. */
export const HISTORY_AGE_MAX_MS = 40 * 24 * 3_600_000;

/** Writes the sequence number into a record, in place. @param seq integer, 0 … 2^48 − 1 */
export function writeHistorySeq(record: Uint8Array, seq: number): void {
  const low = seq % 0x1_0000_0000;
  const high = Math.floor(seq / 0x1_0000_0000);
  record[HISTORY_SEQ_OFFSET] = low & 0xff;
  record[HISTORY_SEQ_OFFSET + 1] = (low >>> 8) & 0xff;
  record[HISTORY_SEQ_OFFSET + 2] = (low >>> 16) & 0xff;
  record[HISTORY_SEQ_OFFSET + 3] = (low >>> 24) & 0xff;
  record[HISTORY_SEQ_OFFSET + 4] = high & 0xff;
  record[HISTORY_SEQ_OFFSET + 5] = (high >>> 8) & 0xff;
}

/** Reads the sequence number of the record that starts at `offset`. */
export function readHistorySeq(bytes: Uint8Array, offset = 0): number {
  const at = offset + HISTORY_SEQ_OFFSET;
  const byte = (i: number): number => bytes[at + i] ?? 0;
  const low = byte(0) + byte(1) * 0x100 + byte(2) * 0x1_0000 + byte(3) * 0x100_0000;
  return low + (byte(4) + byte(5) * 0x100) * 0x1_0000_0000;
}

/** Reads the time of the record that starts at `offset`, ms since epoch. */
export function readHistoryTimeMs(bytes: Uint8Array, offset = 0): number {
  const at = offset + HISTORY_TIME_OFFSET;
  const byte = (i: number): number => bytes[at + i] ?? 0;
  const low = byte(0) + byte(1) * 0x100 + byte(2) * 0x1_0000 + byte(3) * 0x100_0000;
  return low + (byte(4) + byte(5) * 0x100) * 0x1_0000_0000;
}
