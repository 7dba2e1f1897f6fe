import type { LogRecord, StoredLogRecord } from '@veto/domain';

/** A record as a reader will see it. Written out member by member: a spread costs ten times as much, and this is done for each. */
export function storedRecord(record: LogRecord, position: number, appendedAtMs: number): StoredLogRecord {
  const { topic, key, value, seq, epoch } = record;
  if (seq === undefined) {
    return epoch === undefined
      ? { topic, key, value, position, appendedAtMs }
      : { topic, key, value, epoch, position, appendedAtMs };
  }
  return epoch === undefined
    ? { topic, key, value, seq, position, appendedAtMs }
    : { topic, key, value, seq, epoch, position, appendedAtMs };
}
