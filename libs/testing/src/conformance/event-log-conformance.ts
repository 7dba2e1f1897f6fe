import {
  TOPICS,
  type EventLog,
  type LogBatch,
  type LogRecord,
  type StoredLogRecord,
  type Topic,
} from '@veto/domain';
import { describeGuarantees, type Disposable, type Guarantee } from './guarantee';

/** How many records may wait in the log under test. */
export const WAITING_RECORD_COUNT_MAX = 10;

export interface EventLogUnderTest extends Disposable {
  /** An empty log, opened with `WAITING_RECORD_COUNT_MAX`. */
  readonly log: EventLog;
  /** Closes the log and opens it again; null for one that does not outlive its process. */
  readonly reopen: (() => Promise<EventLog>) | null;
  /** Opens what would be left if the process were killed at this moment; null as above. */
  readonly crash: (() => Promise<EventLog>) | null;
  /** As `crash`, when the last record had been written but for its last byte; null as above. */
  readonly tear: (() => Promise<EventLog>) | null;
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

function record(i: number, topic: Topic = TOPICS.decisions): LogRecord {
  return {
    topic,
    key: `ten_test|ord_${i}`,
    value: encode(`{"number":${i},"text":"é 漢 \\u0000"}`),
    seq: i,
    epoch: 1,
  };
}

function recordsOf(count: number, from = 0): LogRecord[] {
  return Array.from({ length: count }, (_, i) => record(from + i));
}

/** What was appended, of what was read. */
function appendedOf(stored: readonly StoredLogRecord[]): LogRecord[] {
  return stored.map(({ position: _position, appendedAtMs: _appendedAtMs, ...appended }) => ({
    ...appended,
    value: new Uint8Array(appended.value),
  }));
}

/** Reads on from a position until the log has no more, as every reader does. */
async function readAll(
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
async function outcomeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'resolved',
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );
}

export const eventLogGuarantees: readonly Guarantee<EventLogUnderTest>[] = [
  {
    id: 'EL1',
    title: 'has what it acknowledged, also after a crash',
    check: async ({ log, crash }) => {
      await log.append(recordsOf(3));
      expect(log.end()).toBe((await readAll(log)).at(-1)?.position);
      const survivor = crash === null ? log : await crash();
      expect(appendedOf(await readAll(survivor))).toEqual(recordsOf(3));
    },
  },
  {
    id: 'EL2',
    title: 'reads back in the order of the calls, byte for byte, at positions that only grow',
    check: async ({ log }) => {
      expect(log.end()).toBe(-1);
      const bare: LogRecord = { topic: TOPICS.lists, key: 'ten_test|é', value: new Uint8Array(0) };
      const calls = [recordsOf(3), [record(3, TOPICS.labels), bare], recordsOf(4, 4)];
      const given = await Promise.all(calls.map((records) => log.append(records)));
      const stored = await readAll(log);
      expect(appendedOf(stored)).toEqual(calls.flat());
      // Plain bytes: a Buffer's `slice` shares what a reader means to copy.
      for (const { value } of stored) expect(value.constructor).toBe(Uint8Array);
      expect(stored.map(({ position }) => position)).toEqual(given.flat());
      expect(given.flat()).toEqual([...new Set(given.flat())].sort((a, b) => a - b));
    },
  },
  {
    id: 'EL3',
    title: 'never reads a torn record, and every one that was acknowledged before it',
    check: async ({ log, tear }) => {
      await log.append(recordsOf(2));
      const torn = log.append(recordsOf(2, 2));
      // Half of an append is never seen while it is on its way …
      expect([2, 4]).toContain((await readAll(log)).length);
      await torn;
      if (tear === null) return;
      // … nor when its last record was torn: the append was all or nothing.
      const survivor = await tear();
      expect(appendedOf(await readAll(survivor))).toEqual(recordsOf(2));
      await survivor.append(recordsOf(1, 9));
      expect(appendedOf(await readAll(survivor))).toEqual([...recordsOf(2), ...recordsOf(1, 9)]);
    },
  },
  {
    id: 'EL4',
    title: 'reads every record after any position exactly once, in batches of any size, also after a restart',
    check: async ({ log, reopen }) => {
      const topics = Object.values(TOPICS);
      const appended = Array.from({ length: 40 }, (_, i) => record(i, topics[(i * i) % topics.length]));
      for (let i = 0; i < appended.length; i += 5) await log.append(appended.slice(i, i + 5));
      const before = await readAll(log);
      expect(appendedOf(before)).toEqual(appended);
      const reopened = reopen === null ? log : await reopen();
      for (const after of [-1, ...before.map(({ position }) => position)]) {
        for (const recordCountMax of [1, 7, 1_000]) {
          const found = await readAll(reopened, { after, recordCountMax });
          expect(found).toEqual(before.filter(({ position }) => position > after));
          const wanted = [TOPICS.labels, TOPICS.transactions];
          const some = await readAll(reopened, { after, recordCountMax, topics: wanted });
          expect(some).toEqual(
            found.filter(({ topic }) => wanted.includes(topic as (typeof wanted)[number])),
          );
        }
      }
      await reopened.append([record(40)]);
      expect(appendedOf(await readAll(reopened)).slice(-1)).toEqual([record(40)]);
    },
  },
  {
    id: 'EL5',
    title: 'tells subscribers of durable records, in order, and does not wait for them',
    check: async ({ log }) => {
      const heard: StoredLogRecord[] = [];
      const ends: boolean[] = [];
      const stop = log.subscribe((records) => {
        ends.push((records.at(-1)?.position ?? Number.NaN) <= log.end());
        heard.push(...records);
      });
      let slowIsDone = false;
      let letGo = (): void => undefined;
      log.subscribe(async () => {
        await new Promise<void>((resolve) => {
          letGo = resolve;
        });
        slowIsDone = true;
      });
      await Promise.all([log.append(recordsOf(3)), log.append(recordsOf(2, 3))]);
      await log.append(recordsOf(1, 5));
      expect(slowIsDone).toBe(false);
      expect(heard).toEqual(await readAll(log));
      expect(heard).toHaveLength(6);
      expect(ends).not.toContain(false);
      stop();
      await log.append(recordsOf(1, 6));
      expect(heard).toHaveLength(6);
      letGo();
    },
  },
  {
    id: 'EL6',
    title: 'refuses an append beyond what may wait, and writes nothing of it',
    check: async ({ log }) => {
      const first = log.append(recordsOf(WAITING_RECORD_COUNT_MAX - 1));
      const tooMany = outcomeOf(log.append(recordsOf(2, 100)));
      const fits = log.append(recordsOf(1, WAITING_RECORD_COUNT_MAX - 1));
      expect(await tooMany).toBe('log_unavailable');
      await first;
      await fits;
      expect(appendedOf(await readAll(log))).toEqual(recordsOf(WAITING_RECORD_COUNT_MAX));
      await log.append(recordsOf(WAITING_RECORD_COUNT_MAX, WAITING_RECORD_COUNT_MAX));
      expect(await readAll(log)).toHaveLength(2 * WAITING_RECORD_COUNT_MAX);
    },
  },
  {
    id: 'EL7',
    title: 'makes durable what waits when it is closed, and takes nothing afterwards',
    check: async ({ log, reopen }) => {
      const waiting = [log.append(recordsOf(2)), log.append(recordsOf(1, 2), { relaxed: true })];
      const closed = log.close();
      const late = outcomeOf(log.append(recordsOf(1, 3)));
      await closed;
      await log.close();
      expect(await late).toBe('log_unavailable');
      expect(await outcomeOf(log.append(recordsOf(1, 4)))).toBe('log_unavailable');
      await Promise.all(waiting);
      expect(log.end()).toBeGreaterThanOrEqual(2);
      if (reopen !== null) expect(appendedOf(await readAll(await reopen()))).toEqual(recordsOf(3));
    },
  },
];

/** One test for each guarantee of `EventLog`, on a fresh log each. */
export function eventLogConformance(name: string, factory: () => Promise<EventLogUnderTest>): void {
  describeGuarantees(name, eventLogGuarantees, factory);
}
