import { compressFrame, decompressFrame } from 'lz4-napi';
import { CodecError, UNPACKED_BYTES_MAX, type Codec } from './codec';

const MAGIC = 0x184d2204;
/** By the two bits of the frame's block descriptor that say it: 64 KiB, 256 KiB, 1 MiB, 4 MiB. */
const BLOCK_BYTES_MAX = new Map([
  [4, 64 * 1024],
  [5, 256 * 1024],
  [6, 1024 * 1024],
  [7, 4 * 1024 * 1024],
]);

/** LZ4 in its frame format, which is what Kafka writes. */
export const lz4Codec: Codec = {
  compress: ({ buffer }) => compressFrame(buffer),
  decompress: async (buffer) => {
    refuseBomb(buffer);
    return decompressFrame(buffer);
  },
};

/** Every block unpacks to the frame's block size at most, so that counting them bounds the whole without unpacking it. */
function refuseBomb(frame: Buffer): void {
  if (frame.length < 7 || frame.readUInt32LE(0) !== MAGIC) throw new CodecError('lz4: not a frame');
  const flags = frame.readUInt8(4);
  const blockBytesMax = BLOCK_BYTES_MAX.get((frame.readUInt8(5) >> 4) & 7);
  if (blockBytesMax === undefined) throw new CodecError('lz4: unknown block size');
  const hasChecksums = (flags & 0x10) !== 0;
  let at = 7 + ((flags & 0x08) === 0 ? 0 : 8) + ((flags & 0x01) === 0 ? 0 : 4);
  let unpackedBytesMax = 0;
  while (at + 4 <= frame.length) {
    const packedBytes = frame.readUInt32LE(at) & 0x7fffffff;
    if (packedBytes === 0) return;
    unpackedBytesMax += blockBytesMax;
    if (unpackedBytesMax > UNPACKED_BYTES_MAX) throw new CodecError('lz4: unpacks to too much');
    at += 4 + packedBytes + (hasChecksums ? 4 : 0);
  }
  throw new CodecError('lz4: the frame ends too early');
}
