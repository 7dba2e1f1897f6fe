import { CompressionTypes } from 'kafkajs';
import { CompressionCodecs } from '../kafkajs-names';
import type { Codec } from './codec';
import { gzipCodec } from './gzip-codec';
import { lz4Codec } from './lz4-codec';
import { snappyCodec } from './snappy-codec';
import { markUndecodable } from './undecodable-batch';
import { zstdCodec } from './zstd-codec';

const CODECS: readonly (readonly [keyof typeof CompressionCodecs, string, Codec])[] = [
  [CompressionTypes.GZIP, 'gzip', gzipCodec],
  [CompressionTypes.Snappy, 'snappy', snappyCodec],
  [CompressionTypes.LZ4, 'lz4', lz4Codec],
  [CompressionTypes.ZSTD, 'zstd', zstdCodec],
];

/**
 * Makes kafkajs read every codec of Kafka. It brings gzip only, and a single batch in another stops a consumer for good:
 * whoever may write to a topic could then stop everybody who reads it. kafkajs keeps codecs for the whole process, so
 * that this is for all its clients; calling it again changes nothing.
 *
 * A batch that cannot be unpacked does not stop a reader either: its records are replaced, one for one, by markers that
 * `undecodableBatch` recognises. Every reader asks it before it takes a record for what it seems to be.
 */
export function registerCodecs(): void {
  for (const [type, name, codec] of CODECS) {
    const marked = markUndecodable(name, codec);
    CompressionCodecs[type] = () => marked;
  }
}
