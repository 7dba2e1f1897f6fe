import {
  TOPICS,
  type EventLog,
  type LogBatch,
  type LogRecord,
  type StoredLogRecord,
  type Topic,
} from '@veto/domain';
import type { Disposable } from './guarantee';

/** How many records may wait in the log under test. */
export const WAITING_RECORD_COUNT_MAX = 10;

export interface EventLogUnderTest extends Disposable {
  /** An empty log, opened with `WAITING_RECORD_COUNT_MAX`. */
  readonly log: EventLog;
  /** Whether records keep their order over all keys, as in one process, or among those of one key. */
  readonly order: 'total' | 'key';
  /** Waits until everything acknowledged so far can be read here. */
  readonly settled: (log: EventLog) => Promise<void>;
  /** Closes the log and opens it again; null for one that does not outlive its process. */
  readonly reopen: (() => Promise<EventLog>) | null;
  /** Opens what would be left if the process were killed at this moment; null as above. */
  readonly crash: (() => Promise<EventLog>) | null;
  /** As `crash`, when the last record had been written but for its last byte; null as above. */
  readonly tear: (() => Promise<EventLog>) | null;
  /** Takes the broker away, and resolves with how to bring it back; null for a log that has none. */
  readonly sever: (() => Promise<() => Promise<void>>) | null;
}

/** Long enough for a broker on a busy machine; a log in one process needs none of it. */
export const PATIENCE_MS = 30_000;

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

export function record(i: number, topic: Topic = TOPICS.decisions): LogRecord {
  return {
    topic,
    key: `ten_test|ord_${i}`,
    value: encode(`{"number":${i},"text":"é 漢 \\u0000"}`),
    seq: i,
    epoch: 1,
    ...(i % 2 === 0 ? { applied: encode(`applied ${i}`) } : {}),
  };
}

export function recordsOf(count: number, from = 0): LogRecord[] {
  return Array.from({ length: count }, (_, i) => record(from + i));
}

/** What was appended, of what was read. */
export function appendedOf(stored: readonly StoredLogRecord[]): LogRecord[] {
  return stored.map(({ position: _position, appendedAtMs: _appendedAtMs, ...appended }) => ({
    ...appended,
    value: new Uint8Array(appended.value),
    ...(appended.applied === undefined ? {} : { applied: new Uint8Array(appended.applied) }),
  }));
}

/** The records in the one order that the log promises: as they are, or those of each key together. */
export function ordered(
  records: readonly LogRecord[],
  order: EventLogUnderTest['order'],
): readonly LogRecord[] {
  if (order === 'total') return records;
  const place = ({ topic, key }: LogRecord): string => `${topic} ${key}`;
  return [...records].sort((a, b) => (place(a) < place(b) ? -1 : place(a) > place(b) ? 1 : 0));
}

/** Sees that exactly these can be read, in the promised order, once everything acknowledged is there. */
export async function expectToHold(
  underTest: Pick<EventLogUnderTest, 'order' | 'settled'>,
  log: EventLog,
  expected: readonly LogRecord[],
): Promise<readonly StoredLogRecord[]> {
  await underTest.settled(log);
  const stored = await readAll(log);
  expect(ordered(appendedOf(stored), underTest.order)).toEqual(ordered(expected, underTest.order));
  return stored;
}

/** Reads on from a position until the log has no more, as every reader does. */
export async function readAll(
  log: EventLog,
  query: { after?: number; recordCountMax?: number; topics?: readonly Topic[] } = {},
): Promise<StoredLogRecord[]> {
  const { after = -1, recordCountMax = 1_000, ...rest } = query;
  const found: StoredLogRecord[] = [];
  let at = after;
  while (at < log.end()) {
    const batch: LogBatch = await log.read({ after: at, recordCountMax, ...rest });
    expect(batch.records.length).toBeLessThanOrEqual(recordCountMax);
    expect(batch.to).toBeGreaterThan(at);
    found.push(...batch.records);
    at = batch.to;
  }
  return found;
}

/** The code that a promise rejects with, or `resolved`. */
export async function outcomeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'resolved',
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );
}
