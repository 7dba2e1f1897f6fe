/**
 * The 32-bit hash under which a history remembers a value: FNV-1a over UTF-16 code units, then murmur3's finaliser.
 * 0 is kept for "absent". Two of 256 values share a hash with a chance of 1 in 130 000; a count of distinct values
 * is then one too low. It is not a secret: it keeps tokens out of histories by size, not by strength.
 * @returns integer, 1 … 2^32 − 1
 */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  hash = (hash ^ (hash >>> 16)) >>> 0;
  return hash === 0 ? 1 : hash;
}
