import { createRequire } from 'node:module';
import { CompressionTypes } from 'kafkajs';

/**
 * Batches as producers with foreign codecs write them. Every one of these formats has a form for what does not compress:
 * a frame around the bytes as they are. It is as valid as any, and needs no library.
 */
export function registerStoredCodecs(): void {
  // The table of codecs is not among the names that an ES module may import.
  const { CompressionCodecs } = createRequire(import.meta.url)('kafkajs') as {
    CompressionCodecs: Record<number, unknown>;
  };
  const stored: readonly (readonly [CompressionTypes, (bytes: Buffer) => Buffer])[] = [
    [CompressionTypes.Snappy, storedSnappy],
    [CompressionTypes.LZ4, storedLz4],
    [CompressionTypes.ZSTD, storedZstd],
  ];
  for (const [type, store] of stored) {
    CompressionCodecs[type] = () => ({
      compress: async (encoder: { readonly buffer: Buffer }) => Promise.resolve(store(encoder.buffer)),
      decompress: async () => Promise.reject(new Error('these codecs only write')),
    });
  }
}

function piecesOf(bytes: Buffer, byteCountMax: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += byteCountMax) pieces.push(bytes.subarray(at, at + byteCountMax));
  return pieces;
}

/** Snappy's blocks in the frame of Kafka's Java client, each one literal. */
function storedSnappy(bytes: Buffer): Buffer {
  const header = Buffer.from([0x82, ...Buffer.from('SNAPPY'), 0, 0, 0, 0, 1, 0, 0, 0, 1]);
  const blocks = piecesOf(bytes, 32_768).flatMap((piece) => {
    const literal = Buffer.alloc(3);
    // A literal whose length follows in two bytes.
    literal.writeUInt8(61 << 2, 0);
    literal.writeUInt16LE(piece.length - 1, 1);
    const block = Buffer.concat([varintOf(piece.length), literal, piece]);
    const size = Buffer.alloc(4);
    size.writeUInt32BE(block.length);
    return [size, block];
  });
  return Buffer.concat([header, ...blocks]);
}

function varintOf(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}

/** Independent blocks of at most 64 KiB, none compressed, no checksums but the header's. */
function storedLz4(bytes: Buffer): Buffer {
  const header = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82]);
  const blocks = piecesOf(bytes, 65_536).flatMap((piece) => {
    const size = Buffer.alloc(4);
    size.writeUInt32LE((piece.length | 0x80000000) >>> 0);
    return [size, piece];
  });
  return Buffer.concat([header, ...blocks, Buffer.alloc(4)]);
}

/** One segment of raw blocks. */
function storedZstd(bytes: Buffer): Buffer {
  const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0]);
  header.writeUInt32LE(bytes.length, 5);
  const pieces = piecesOf(bytes, 65_536);
  const blocks = pieces.flatMap((piece, i) => {
    const size = Buffer.alloc(3);
    size.writeUIntLE((piece.length << 3) | (i === pieces.length - 1 ? 1 : 0), 0, 3);
    return [size, piece];
  });
  return Buffer.concat([header, ...blocks]);
}
