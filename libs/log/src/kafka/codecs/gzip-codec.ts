import { promisify } from 'node:util';
import { gzip, unzip } from 'node:zlib';
import { UNPACKED_BYTES_MAX, type Codec } from './codec';

const pack = promisify(gzip);
const unpack = promisify<Buffer, { maxOutputLength: number }, Buffer>(unzip);

export const gzipCodec: Codec = {
  compress: ({ buffer }) => pack(buffer),
  decompress: (buffer) => unpack(buffer, { maxOutputLength: UNPACKED_BYTES_MAX }),
};
