import { compress, uncompress } from 'snappyjs';
import { CodecError, UNPACKED_BYTES_MAX, type Codec } from './codec';

/** What the Java clients write in front of their chunks; others write one raw block. */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
/** Magic, version and the oldest version that can read it. */
const XERIAL_HEADER_BYTES = 16;

/** Snappy, raw and in the framing of the Java clients. Written raw, which all of them read. */
export const snappyCodec: Codec = {
  compress: ({ buffer }) => Promise.resolve(compress(buffer)),
  // An `async` function, so that whatever the library throws is a rejection.
  decompress: async (buffer) =>
    isXerial(buffer) ? unpackChunks(buffer) : uncompress(buffer, UNPACKED_BYTES_MAX),
};

function isXerial(buffer: Buffer): boolean {
  return buffer.length >= XERIAL_HEADER_BYTES && buffer.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC);
}

function unpackChunks(buffer: Buffer): Buffer {
  const chunks: Buffer[] = [];
  let unpackedBytes = 0;
  for (let at = XERIAL_HEADER_BYTES; at < buffer.length;) {
    if (at + 4 > buffer.length) throw new CodecError('snappy: a chunk without its length');
    const length = buffer.readUInt32BE(at);
    const end = at + 4 + length;
    if (end > buffer.length) throw new CodecError('snappy: a chunk ends too early');
    const chunk = uncompress(buffer.subarray(at + 4, end), UNPACKED_BYTES_MAX - unpackedBytes);
    unpackedBytes += chunk.length;
    chunks.push(chunk);
    at = end;
  }
  return Buffer.concat(chunks);
}
