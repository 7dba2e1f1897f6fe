/** A signed 32-bit number as the records of a batch hold it: zigzag, seven bits a byte, low ones first. */
export function writeVarint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}

/** @returns the number at `at` and where the next thing begins; null when there is none */
export function readVarint(
  buffer: Buffer,
  at: number,
): { readonly value: number; readonly end: number } | null {
  let zigzag = 0;
  for (let index = 0; index < 5; index++) {
    const byte = buffer[at + index];
    if (byte === undefined) return null;
    zigzag |= (byte & 0x7f) << (7 * index);
    if (byte < 0x80) return { value: (zigzag >>> 1) ^ -(zigzag & 1), end: at + index + 1 };
  }
  return null;
}
