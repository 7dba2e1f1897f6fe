/** What a certificate is made of, in the distinguished encoding of ASN.1 (X.690): a tag, a length, and what is inside. */
export function tagged(tag: number, ...inside: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(inside);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes = length < 0x100 ? [length] : [length >> 8, length & 0xff];
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}

export const sequence = (...inside: readonly Uint8Array[]): Buffer => tagged(0x30, ...inside);
export const set = (...inside: readonly Uint8Array[]): Buffer => tagged(0x31, ...inside);
export const octets = (inside: Uint8Array): Buffer => tagged(0x04, inside);
export const text = (value: string): Buffer => tagged(0x0c, Buffer.from(value));
/** Big-endian; the first bit is the sign. */
export const integer = (bytes: Uint8Array): Buffer => tagged(0x02, bytes);
/** Of whole bytes. */
export const bitString = (bytes: Uint8Array): Buffer => tagged(0x03, Buffer.from([0]), bytes);

/** Until 2049. */
export function utcTime(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/\D/g, '').slice(2, 14);
  return tagged(0x17, Buffer.from(`${digits}Z`, 'ascii'));
}

/** `1.2.840…`: the first two arcs in one byte, the others in sevens of bits. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...arcs] = dotted.split('.').map(Number);
  return tagged(0x06, Buffer.from([first * 40 + second, ...arcs.flatMap(sevens)]));
}

function sevens(arc: number): number[] {
  const groups = [arc & 0x7f];
  for (let rest = arc >>> 7; rest > 0; rest >>>= 7) groups.unshift((rest & 0x7f) | 0x80);
  return groups;
}
