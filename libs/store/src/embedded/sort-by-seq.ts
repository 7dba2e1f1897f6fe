import { HISTORY_RECORD_BYTES, readHistorySeq } from '@veto/domain';

/**
 * The records in order of their sequence numbers: the bytes themselves when they are so already, else a copy. A number
 * that was given twice, by a state that had lost its end, is no order: then the records' own bytes are.
 */
export function sortBySeq(bytes: Uint8Array): Uint8Array {
  const seqs: number[] = [];
  let isSorted = true;
  for (let at = 0; at < bytes.length; at += HISTORY_RECORD_BYTES) {
    const seq = readHistorySeq(bytes, at);
    isSorted &&= at === 0 || isInOrder(bytes, at - HISTORY_RECORD_BYTES, at);
    seqs.push(seq);
  }
  if (isSorted) return bytes;
  const sorted = new Uint8Array(bytes.length);
  const order = seqs
    .map((_, i) => i)
    .sort(
      (a, b) =>
        seqs[a]! - seqs[b]! || compareRecords(bytes, a * HISTORY_RECORD_BYTES, b * HISTORY_RECORD_BYTES),
    );
  order.forEach((from, to) => {
    const at = from * HISTORY_RECORD_BYTES;
    sorted.set(bytes.subarray(at, at + HISTORY_RECORD_BYTES), to * HISTORY_RECORD_BYTES);
  });
  return sorted;
}

function isInOrder(bytes: Uint8Array, first: number, second: number): boolean {
  const [a, b] = [readHistorySeq(bytes, first), readHistorySeq(bytes, second)];
  return a < b || (a === b && compareRecords(bytes, first, second) <= 0);
}

function compareRecords(bytes: Uint8Array, first: number, second: number): number {
  return Buffer.compare(
    bytes.subarray(first, first + HISTORY_RECORD_BYTES),
    bytes.subarray(second, second + HISTORY_RECORD_BYTES),
  );
}
