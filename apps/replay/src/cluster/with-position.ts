import type { StoredLogRecord } from '@veto/domain';
import type { ScannedRecord } from '@veto/log';

type Writable<T> = { -readonly [Member in keyof T]: T[Member] };

/**
 * A scanned record with a position, which on a cluster is only the order of reading. Written out member by member: a
 * spread would cost more than what is done with the record.
 */
export function withPosition(record: ScannedRecord, position: number): StoredLogRecord {
  const { topic, key, value, appendedAtMs, source, seq, epoch, applied } = record;
  const stored: Writable<StoredLogRecord> = { topic, key, value, appendedAtMs, source, position };
  if (seq !== undefined) stored.seq = seq;
  if (epoch !== undefined) stored.epoch = epoch;
  if (applied !== undefined) stored.applied = applied;
  return stored;
}
