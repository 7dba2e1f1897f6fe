import { HISTORY_RECORD_BYTES, HISTORY_RECORD_COUNT_MAX, HISTORY_SEQ_OFFSET } from '@veto/domain';

const NOTHING = new Uint8Array(0);
/** So many bytes of a history a reader sees, the latest. */
export const VISIBLE_BYTES_MAX = HISTORY_RECORD_COUNT_MAX * HISTORY_RECORD_BYTES;

/** A history lacks what was just appended to it: it was dropped in between. */
export class HistoryLost extends Error {
  constructor(seq: number) {
    super(`a history does not hold the record ${seq} that was appended to it`);
  }
}

/** Where the record with `seq` lies, of which it is known that it was appended; −1 = it does not. */
export function placeOf(history: Buffer, seq: number): number {
  let at = history.length - HISTORY_RECORD_BYTES;
  while (at >= 0 && seqAt(history, at) > seq) at -= HISTORY_RECORD_BYTES;
  return at >= 0 && seqAt(history, at) === seq ? at : -1;
}

/** What a reader sees of the records that lie before `at`. */
export function visibleTo(history: Buffer, at: number): Uint8Array {
  return at === 0 ? NOTHING : viewOf(history, Math.max(0, at - VISIBLE_BYTES_MAX), at);
}

/** The records before `seq`, the latest of them, whether one with `seq` is there or not. */
export function visibleBefore(history: Buffer | null, seq: number): Uint8Array {
  if (history === null) return NOTHING;
  let end = history.length;
  while (end > 0 && seqAt(history, end - HISTORY_RECORD_BYTES) >= seq) end -= HISTORY_RECORD_BYTES;
  return visibleTo(history, end);
}

function seqAt(history: Buffer, at: number): number {
  return history.readUIntLE(at + HISTORY_SEQ_OFFSET, 6);
}

/** The bytes as what the port promises, and no more. */
export function viewOf(bytes: Buffer, from = 0, to = bytes.length): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + from, to - from);
}

export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
