import type { Message } from 'kafkajs';
import { crc32c } from './crc32c';

/** A request to append, as kafkajs hands it to its encoder. */
export interface ProduceRequest {
  readonly acks: number;
  readonly timeout: number;
  readonly topicData: readonly {
    readonly topic: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly firstSequence?: number;
      readonly messages: readonly Message[];
    }[];
  }[];
}

/** Before the records of a batch, by the protocol. */
const BATCH_HEADER_BYTES = 61;
const AFTER_LENGTH = 12;
const CRC_AT = 17;
const ATTRIBUTES_AT = 21;
const MAGIC = 2;
const NO_PRODUCER = -1n;

/** One partition's records with what was measured of them. */
interface MeasuredBatch {
  readonly partition: number;
  readonly firstSequence: number;
  readonly messages: readonly Message[];
  readonly bodyLengths: readonly number[];
  readonly timestamps: readonly number[];
  readonly firstTimestamp: number;
  readonly maxTimestamp: number;
  readonly byteLength: number;
}

/**
 * The body of a produce request (version 3 to 7) without compression and outside transactions, in one buffer of the right
 * size: the bytes that kafkajs would make, which copies each record eight times on the way.
 */
export function encodeProduce(request: ProduceRequest, nowMs: number): Buffer {
  const topics = request.topicData.map(({ topic, partitions }) => ({
    topic: Buffer.from(topic),
    batches: partitions.map((partition) => measureBatch(partition, nowMs)),
  }));
  let length = 2 + 2 + 4 + 4;
  for (const { topic, batches } of topics) {
    length += 2 + topic.length + 4;
    for (const { byteLength } of batches) length += 4 + 4 + byteLength;
  }
  const buffer = Buffer.allocUnsafe(length);
  let at = buffer.writeInt16BE(-1, 0);
  at = buffer.writeInt16BE(request.acks, at);
  at = buffer.writeInt32BE(request.timeout, at);
  at = buffer.writeInt32BE(topics.length, at);
  for (const { topic, batches } of topics) {
    at = buffer.writeInt16BE(topic.length, at);
    at += topic.copy(buffer, at);
    at = buffer.writeInt32BE(batches.length, at);
    for (const batch of batches) {
      at = buffer.writeInt32BE(batch.partition, at);
      at = buffer.writeInt32BE(batch.byteLength, at);
      at = writeBatch(buffer, at, batch);
    }
  }
  return buffer;
}

function measureBatch(
  { partition, firstSequence = 0, messages }: ProduceRequest['topicData'][number]['partitions'][number],
  nowMs: number,
): MeasuredBatch {
  const timestamps = messages.map(({ timestamp }) => (timestamp === undefined ? nowMs : Number(timestamp)));
  let firstTimestamp = Infinity;
  let maxTimestamp = -Infinity;
  for (const timestamp of timestamps) {
    if (timestamp < firstTimestamp) firstTimestamp = timestamp;
    if (timestamp > maxTimestamp) maxTimestamp = timestamp;
  }
  let byteLength = BATCH_HEADER_BYTES;
  const bodyLengths = messages.map((message, index) => {
    const bodyLength = measureRecord(message, index, timestamps[index]! - firstTimestamp);
    byteLength += varintLength(bodyLength) + bodyLength;
    return bodyLength;
  });
  return {
    partition,
    firstSequence,
    messages,
    bodyLengths,
    timestamps,
    firstTimestamp,
    maxTimestamp,
    byteLength,
  };
}

function measureRecord(message: Message, index: number, timestampDelta: number): number {
  let length = 1 + varintLength(timestampDelta) + varintLength(index);
  length += bytesLength(message.key) + bytesLength(message.value);
  let headerCount = 0;
  const { headers } = message;
  if (headers !== undefined) {
    for (const name in headers) {
      const value = headers[name];
      for (const each of Array.isArray(value) ? value : [value]) {
        headerCount += 1;
        length += bytesLength(name) + bytesLength(each);
      }
    }
  }
  return length + varintLength(headerCount);
}

function writeBatch(buffer: Buffer, start: number, batch: MeasuredBatch): number {
  const { messages, bodyLengths, timestamps, firstTimestamp } = batch;
  buffer.writeBigInt64BE(0n, start);
  buffer.writeInt32BE(batch.byteLength - AFTER_LENGTH, start + 8);
  buffer.writeInt32BE(0, start + 12);
  buffer.writeInt8(MAGIC, start + 16);
  buffer.writeInt16BE(0, start + ATTRIBUTES_AT);
  buffer.writeInt32BE(messages.length - 1, start + 23);
  buffer.writeBigInt64BE(BigInt(firstTimestamp), start + 27);
  buffer.writeBigInt64BE(BigInt(batch.maxTimestamp), start + 35);
  buffer.writeBigInt64BE(NO_PRODUCER, start + 43);
  buffer.writeInt16BE(0, start + 51);
  buffer.writeInt32BE(batch.firstSequence, start + 53);
  buffer.writeInt32BE(messages.length, start + 57);
  let at = start + BATCH_HEADER_BYTES;
  for (let index = 0; index < messages.length; index++) {
    at = writeVarint(buffer, at, bodyLengths[index]!);
    buffer[at++] = 0;
    at = writeVarint(buffer, at, timestamps[index]! - firstTimestamp);
    at = writeVarint(buffer, at, index);
    at = writeMessage(buffer, at, messages[index]!);
  }
  buffer.writeUInt32BE(crc32c(buffer, start + ATTRIBUTES_AT, at), start + CRC_AT);
  return at;
}

function writeMessage(buffer: Buffer, start: number, { key, value, headers }: Message): number {
  let at = writeBytes(buffer, start, key);
  at = writeBytes(buffer, at, value);
  if (headers === undefined) return writeVarint(buffer, at, 0);
  const entries: (readonly [string, Buffer | string | undefined])[] = [];
  for (const name in headers) {
    const header = headers[name];
    if (Array.isArray(header)) for (const each of header) entries.push([name, each]);
    else entries.push([name, header]);
  }
  at = writeVarint(buffer, at, entries.length);
  for (const [name, header] of entries) {
    at = writeBytes(buffer, at, name);
    at = writeBytes(buffer, at, header);
  }
  return at;
}

type Bytes = Buffer | string | null | undefined;

/** Of the length and the bytes. */
function bytesLength(bytes: Bytes): number {
  if (bytes === null || bytes === undefined) return 1;
  const length = typeof bytes === 'string' ? Buffer.byteLength(bytes) : bytes.length;
  return varintLength(length) + length;
}

function writeBytes(buffer: Buffer, at: number, bytes: Bytes): number {
  if (bytes === null || bytes === undefined) return writeVarint(buffer, at, -1);
  if (typeof bytes === 'string') {
    const start = writeVarint(buffer, at, Buffer.byteLength(bytes));
    return start + buffer.write(bytes, start);
  }
  const start = writeVarint(buffer, at, bytes.length);
  buffer.set(bytes, start);
  return start + bytes.length;
}

/** Above this a zigzagged number does not fit into 32 bits, and is divided instead of shifted. */
const SMALL_MAX = 0x3fffffff;

/** Bytes that `writeVarint` takes. @param value a whole number, at least −1 */
function varintLength(value: number): number {
  let rest = value < 0 ? -2 * value - 1 : 2 * value;
  let length = 1;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) length += 1;
  return length;
}

/** Zigzag, seven bits a byte, low ones first. @returns the offset after it */
function writeVarint(buffer: Buffer, start: number, value: number): number {
  let at = start;
  let rest = value < 0 ? -2 * value - 1 : 2 * value;
  for (; rest > SMALL_MAX; rest = Math.floor(rest / 0x80)) buffer[at++] = (rest % 0x80) | 0x80;
  for (; rest >= 0x80; rest >>>= 7) buffer[at++] = (rest & 0x7f) | 0x80;
  buffer[at++] = rest;
  return at;
}
