import type { KafkaMessage, Message } from 'kafkajs';
import type { LogRecord, StoredLogRecord } from '@veto/domain';
import type { DatedLogRecord } from '../stored-record';

type Writable<T> = { -readonly [Member in keyof T]: T[Member] };

/** A record on its way to a partition. */
export interface RoutedRecord {
  readonly record: DatedLogRecord;
  readonly partition: number;
}

/**
 * A record as a message: the value untouched; seq and epoch as decimal text and the applied event as bytes in headers,
 * so that a rebuild reads them without parsing the value.
 */
export function messageOf({ record, partition }: RoutedRecord): Message {
  const headers: Record<string, Buffer | string> = { schema: schemaOf(record.topic) };
  if (record.seq !== undefined) headers['seq'] = String(record.seq);
  if (record.epoch !== undefined) headers['epoch'] = String(record.epoch);
  if (record.applied !== undefined) headers['applied'] = bufferOf(record.applied);
  const message: Message = { key: record.key, value: bufferOf(record.value), partition, headers };
  if (record.appendedAtMs !== undefined) message.timestamp = String(record.appendedAtMs);
  return message;
}

/** `veto.decisions.v1` → `decisions.v1`: whose documented schemas the value follows. */
function schemaOf(topic: string): string {
  return topic.slice(topic.indexOf('.') + 1);
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A message as a record of the log; null for a tombstone, which says nothing to a reader. */
export function recordOf(
  topic: LogRecord['topic'],
  message: KafkaMessage,
): Omit<StoredLogRecord, 'position'> | null {
  const { key, value, headers, timestamp } = message;
  if (value === null) return null;
  const record: Writable<Omit<StoredLogRecord, 'position'>> = {
    topic,
    key: key === null ? '' : key.toString('utf8'),
    value: plainBytes(value),
    appendedAtMs: Number(timestamp),
  };
  if (headers === undefined) return record;
  const seq = numberOf(headers['seq']);
  const epoch = numberOf(headers['epoch']);
  const { applied } = headers;
  if (seq !== null) record.seq = seq;
  if (epoch !== null) record.epoch = epoch;
  if (Buffer.isBuffer(applied)) record.applied = plainBytes(applied);
  return record;
}

/** The same bytes, not as a Buffer, whose `slice` would share what a reader means to copy. */
function plainBytes(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}

type Header = NonNullable<KafkaMessage['headers']>[string];

const ZERO = 48;

/** A header of decimal digits; null when it is absent or is not ours. Read digit by digit: this is done for each record of a rebuild. */
function numberOf(header: Header): number | null {
  if (!Buffer.isBuffer(header) || header.length === 0 || header.length > 15) return null;
  let value = 0;
  for (const byte of header) {
    if (byte < ZERO || byte > ZERO + 9) return null;
    value = value * 10 + (byte - ZERO);
  }
  return value;
}
