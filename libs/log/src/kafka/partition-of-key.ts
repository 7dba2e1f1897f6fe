const M = 0x5bd1e995;
const SEED = 0x9747b28c;

/**
 * The partition of a key: as Kafka's own clients choose it (murmur2), so that records of one key lie together whoever
 * wrote them.
 * @param partitionCount > 0
 */
export function partitionOfKey(key: string, partitionCount: number): number {
  return (murmur2(Buffer.from(key)) & 0x7fffffff) % partitionCount;
}

/** murmur2 in 32 bits, as in Kafka's `Utils.murmur2`. */
function murmur2(bytes: Buffer): number {
  const { length } = bytes;
  let hash = SEED ^ length;
  const wholeWordsEnd = length & ~3;
  for (let i = 0; i < wholeWordsEnd; i += 4) {
    let word = Math.imul(bytes.readInt32LE(i), M);
    word = Math.imul(word ^ (word >>> 24), M);
    hash = Math.imul(hash, M) ^ word;
  }
  if (length > wholeWordsEnd) {
    for (let i = length - 1; i >= wholeWordsEnd; i--) hash ^= bytes[i]! << (8 * (i - wholeWordsEnd));
    hash = Math.imul(hash, M);
  }
  hash = Math.imul(hash ^ (hash >>> 13), M);
  return hash ^ (hash >>> 15);
}
