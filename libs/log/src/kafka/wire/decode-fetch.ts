import type { Codec } from '../codecs/codec';
import { CompressionCodecs } from '../kafkajs-names';
import { readRecords, type BatchContext, type FetchedMessage } from './read-records';

/** An answer to a fetch, as kafkajs makes it of version 11. */
export interface FetchResponse {
  readonly throttleTime: 0;
  readonly clientSideThrottleTime: number;
  readonly errorCode: number;
  readonly sessionId: number;
  readonly responses: readonly {
    readonly topicName: string;
    readonly partitions: readonly FetchedPartition[];
  }[];
}

export interface FetchedPartition {
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: string;
  readonly lastStableOffset: string;
  readonly lastStartOffset: string;
  readonly abortedTransactions: readonly { readonly producerId: string; readonly firstOffset: string }[];
  readonly preferredReadReplica: number;
  readonly messages: readonly FetchedMessage[];
}

const BATCH_HEADER_BYTES = 61;
const AFTER_LENGTH = 12;
const MAGIC_AT = 16;
const MAGIC = 2;
const CODEC_MASK = 0x7;
/** Those that kafkajs knows, by the number that a batch has for them; 0 is none. */
const CODECS: Readonly<Record<number, (() => Codec) | undefined>> = CompressionCodecs;
const LOG_APPEND_TIME_FLAG = 0x8;
const TRANSACTION_FLAG = 0x10;
const CONTROL_FLAG = 0x20;

/**
 * An answer to a fetch (version 11), as kafkajs would decode it, in a fifth of the time.
 * @returns null when it holds messages of the format before record batches, which nobody has written since 2017
 * @throws RangeError when a batch without codec does not hold what it says
 */
export async function decodeFetch(bytes: Buffer): Promise<FetchResponse | null> {
  const reader = new FieldReader(bytes);
  const clientSideThrottleTime = reader.int32();
  const errorCode = reader.int16();
  const sessionId = reader.int32();
  const responses: FetchResponse['responses'][number][] = [];
  for (let topics = reader.int32(); topics > 0; topics--) {
    const topicName = reader.text();
    const partitions: FetchedPartition[] = [];
    for (let left = reader.int32(); left > 0; left--) {
      const partition = await readPartition(reader);
      if (partition === null) return null;
      partitions.push(partition);
    }
    responses.push({ topicName, partitions });
  }
  return { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses };
}

async function readPartition(reader: FieldReader): Promise<FetchedPartition | null> {
  const partition = reader.int32();
  const errorCode = reader.int16();
  const highWatermark = String(reader.int64());
  const lastStableOffset = String(reader.int64());
  const lastStartOffset = String(reader.int64());
  const abortedTransactions: { producerId: string; firstOffset: string }[] = [];
  for (let left = reader.int32(); left > 0; left--)
    abortedTransactions.push({ producerId: String(reader.int64()), firstOffset: String(reader.int64()) });
  const preferredReadReplica = reader.int32();
  const messages = await readBatches(reader.recordSet());
  if (messages === null) return null;
  return {
    partition,
    errorCode,
    highWatermark,
    lastStableOffset,
    lastStartOffset,
    abortedTransactions,
    preferredReadReplica,
    messages,
  };
}

async function readBatches(set: Buffer): Promise<readonly FetchedMessage[] | null> {
  const messages: FetchedMessage[] = [];
  for (let at = 0; at + BATCH_HEADER_BYTES <= set.length;) {
    if (set[at + MAGIC_AT] !== MAGIC) return null;
    const end = at + AFTER_LENGTH + set.readInt32BE(at + 8);
    // The last batch may be cut off: the next fetch brings it whole.
    if (end > set.length) break;
    await readBatch(set, at, end, messages);
    at = end;
  }
  return messages;
}

async function readBatch(set: Buffer, at: number, end: number, messages: FetchedMessage[]): Promise<void> {
  const attributes = set.readInt16BE(at + 21);
  const recordCount = set.readInt32BE(at + 57);
  const packed = set.subarray(at + BATCH_HEADER_BYTES, end);
  const codec = CODECS[attributes & CODEC_MASK];
  const unpacked = codec === undefined || recordCount <= 0 ? packed : await codec().decompress(packed);
  readRecords(unpacked, { recordCount, context: contextOf(set, at, attributes), messages });
}

function contextOf(set: Buffer, at: number, attributes: number): BatchContext {
  return {
    firstOffset: String(set.readBigInt64BE(at)),
    firstTimestamp: String(set.readBigInt64BE(at + 27)),
    partitionLeaderEpoch: set.readInt32BE(at + 12),
    inTransaction: (attributes & TRANSACTION_FLAG) !== 0,
    isControlBatch: (attributes & CONTROL_FLAG) !== 0,
    lastOffsetDelta: set.readInt32BE(at + 23),
    producerId: String(set.readBigInt64BE(at + 43)),
    producerEpoch: set.readInt16BE(at + 51),
    firstSequence: set.readInt32BE(at + 53),
    maxTimestamp: String(set.readBigInt64BE(at + 35)),
    timestampType: (attributes & LOG_APPEND_TIME_FLAG) === 0 ? 0 : 1,
    magicByte: MAGIC,
  };
}

/** Reads one field after the other. */
class FieldReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  int16(): number {
    this.#at += 2;
    return this.#bytes.readInt16BE(this.#at - 2);
  }

  int32(): number {
    this.#at += 4;
    return this.#bytes.readInt32BE(this.#at - 4);
  }

  int64(): bigint {
    this.#at += 8;
    return this.#bytes.readBigInt64BE(this.#at - 8);
  }

  text(): string {
    const length = this.int16();
    this.#at += length;
    return this.#bytes.toString('utf8', this.#at - length, this.#at);
  }

  recordSet(): Buffer {
    const length = Math.max(0, this.int32());
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}
