/** One way of compressing the records of a batch, as kafkajs calls it. */
export interface Codec {
  /** @param encoder what kafkajs hands over: the records, encoded, in `buffer` */
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
  decompress(buffer: Buffer): Promise<Buffer>;
}

/**
 * How large a batch may be when it is unpacked: a batch of a few bytes that claims to hold gigabytes is refused instead
 * of filling the memory. The largest batch that a broker takes by default is 1 MiB packed.
 */
export const UNPACKED_BYTES_MAX = 64 * 1024 * 1024;

/** A batch that cannot be unpacked: damaged, or larger than `UNPACKED_BYTES_MAX`. */
export class CodecError extends Error {
  override readonly name = 'CodecError';
}
