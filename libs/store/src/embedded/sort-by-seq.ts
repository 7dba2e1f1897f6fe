import { HISTORY_RECORD_BYTES, readHistorySeq } from '@veto/domain';

/** The records in order of their sequence numbers: the bytes themselves when they are so already, else a copy. */
export function sortBySeq(bytes: Uint8Array): Uint8Array {
  const seqs: number[] = [];
  let isSorted = true;
  for (let at = 0; at < bytes.length; at += HISTORY_RECORD_BYTES) {
    const seq = readHistorySeq(bytes, at);
    isSorted &&= seq >= (seqs.at(-1) ?? 0);
    seqs.push(seq);
  }
  if (isSorted) return bytes;
  const sorted = new Uint8Array(bytes.length);
  const order = seqs.map((_, i) => i).sort((a, b) => seqs[a]! - seqs[b]!);
  order.forEach((from, to) => {
    const at = from * HISTORY_RECORD_BYTES;
    sorted.set(bytes.subarray(at, at + HISTORY_RECORD_BYTES), to * HISTORY_RECORD_BYTES);
  });
  return sorted;
}
