import type { LogRecord, StoredLogRecord } from '@veto/domain';

/** A record that was appended elsewhere before: it keeps the time at which that was. */
export interface DatedLogRecord extends LogRecord {
  readonly appendedAtMs?: number;
}

type Writable<T> = { -readonly [Member in keyof T]: T[Member] };

/** A record as a reader will see it. Written out member by member: a spread costs ten times as much, and this is done for each. */
export function storedRecord(record: LogRecord, position: number, appendedAtMs: number): StoredLogRecord {
  const { topic, key, value, seq, epoch, applied } = record;
  const stored: Writable<StoredLogRecord> = { topic, key, value, position, appendedAtMs };
  if (seq !== undefined) stored.seq = seq;
  if (epoch !== undefined) stored.epoch = epoch;
  if (applied !== undefined) stored.applied = applied;
  return stored;
}
