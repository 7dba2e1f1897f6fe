import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { Decompress } from 'fzstd';
import { CodecError, UNPACKED_BYTES_MAX, type Codec } from './codec';

type Unpack = (
  buffer: Buffer,
  options: { readonly maxOutputLength: number },
  done: (error: Error | null, unpacked: Buffer) => void,
) => void;
type Pack = (buffer: Buffer, done: (error: Error | null, packed: Buffer) => void) => void;

/** Node has Zstandard from 22.15 on; its types here are those of the oldest Node that Veto runs on. */
const native = zlib as { readonly zstdDecompress?: Unpack; readonly zstdCompress?: Pack };

/**
 * Zstandard: by Node where it can, else by a library that only reads. What others write can then be read everywhere;
 * writing it needs Node 22.15.
 */
export const zstdCodec: Codec = {
  compress: ({ buffer }) => {
    if (native.zstdCompress === undefined)
      return Promise.reject(new CodecError('zstd: writing it needs Node 22.15'));
    return promisify(native.zstdCompress)(buffer);
  },
  decompress: async (buffer) =>
    native.zstdDecompress === undefined
      ? unpackInJs(buffer)
      : promisify(native.zstdDecompress)(buffer, { maxOutputLength: UNPACKED_BYTES_MAX }),
};

/** In pieces, so that what is too large is noticed before all of it is in memory. Exported for its test on a newer Node. */
export function unpackInJs(buffer: Buffer): Buffer {
  const pieces: Uint8Array[] = [];
  let unpackedBytes = 0;
  let isComplete = false;
  const stream = new Decompress((piece, isLast) => {
    unpackedBytes += piece.length;
    if (unpackedBytes > UNPACKED_BYTES_MAX) throw new CodecError('zstd: unpacks to too much');
    pieces.push(piece.slice());
    isComplete = isLast === true;
  });
  stream.push(buffer, true);
  if (!isComplete) throw new CodecError('zstd: the frame ends too early');
  return Buffer.concat(pieces);
}
