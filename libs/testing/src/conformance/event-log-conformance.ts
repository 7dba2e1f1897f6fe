import { cutIncludes, TOPICS, type LogCut, type LogRecord, type StoredLogRecord } from '@veto/domain';
import {
  appendedOf,
  expectToHold,
  ordered,
  outcomeOf,
  PATIENCE_MS,
  readAll,
  record,
  recordsOf,
  WAITING_RECORD_COUNT_MAX,
  type EventLogUnderTest,
} from './event-log-steps';
import { describeGuarantees, type Guarantee } from './guarantee';

export { WAITING_RECORD_COUNT_MAX, type EventLogUnderTest } from './event-log-steps';

export const eventLogGuarantees: readonly Guarantee<EventLogUnderTest>[] = [
  {
    id: 'EL1',
    title: 'has what it acknowledged, also after a crash',
    check: async (underTest) => {
      const { log, crash } = underTest;
      await log.append(recordsOf(3));
      await expectToHold(underTest, log, recordsOf(3));
      expect(log.end()).toBe((await readAll(log)).at(-1)?.position);
      const survivor = crash === null ? log : await crash();
      await expectToHold(underTest, survivor, recordsOf(3));
    },
  },
  {
    id: 'EL2',
    title: 'reads back in the order of the calls, byte for byte, at positions that only grow',
    check: async (underTest) => {
      const { log } = underTest;
      expect(log.end()).toBe(-1);
      const bare: LogRecord = { topic: TOPICS.lists, key: 'ten_test|é', value: new Uint8Array(0) };
      const ofOneKey = (i: number): LogRecord => ({ ...record(i), key: 'ten_test|one' });
      const calls = [
        recordsOf(2),
        [ofOneKey(1), ofOneKey(2)],
        [record(3, TOPICS.labels), bare],
        [ofOneKey(3)],
        [ofOneKey(4)],
      ];
      await Promise.all(calls.map((records) => log.append(records)));
      const stored = await expectToHold(underTest, log, calls.flat());
      // Plain bytes: a Buffer's `slice` shares what a reader means to copy.
      for (const { value } of stored) expect(value.constructor).toBe(Uint8Array);
      const positions = stored.map(({ position }) => position);
      expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
    },
  },
  {
    id: 'EL3',
    title: 'never reads a torn record, and every one that was acknowledged before it',
    check: async (underTest) => {
      const { log, tear, order } = underTest;
      await log.append(recordsOf(2));
      await underTest.settled(log);
      const torn = log.append(recordsOf(2, 2));
      // Half of an append is never seen while it is on its way …
      if (order === 'total') expect([2, 4]).toContain((await readAll(log)).length);
      await torn;
      await underTest.settled(log);
      if (tear === null) return;
      // … nor when its last record was torn: the append was all or nothing, and what a broker holds comes again.
      const survivor = await tear();
      const left = order === 'total' ? recordsOf(2) : recordsOf(4);
      await expectToHold(underTest, survivor, left);
      await survivor.append(recordsOf(1, 9));
      await expectToHold(underTest, survivor, [...left, ...recordsOf(1, 9)]);
    },
  },
  {
    id: 'EL4',
    title: 'reads every record after any position exactly once, in batches of any size, also after a restart',
    check: async (underTest) => {
      const { log, reopen } = underTest;
      const topics = Object.values(TOPICS);
      const appended = Array.from({ length: 40 }, (_, i) => record(i, topics[(i * i) % topics.length]));
      for (let i = 0; i < appended.length; i += 5) await log.append(appended.slice(i, i + 5));
      const before = await expectToHold(underTest, log, appended);
      const reopened = reopen === null ? log : await reopen();
      await underTest.settled(reopened);
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
      await underTest.settled(reopened);
      expect(appendedOf(await readAll(reopened)).slice(-1)).toEqual([record(40)]);
    },
  },
  {
    id: 'EL5',
    title: 'tells subscribers of durable records, in order, and does not wait for them',
    check: async (underTest) => {
      const { log } = underTest;
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
      await underTest.settled(log);
      expect(slowIsDone).toBe(false);
      expect(heard).toEqual(await readAll(log));
      expect(heard).toHaveLength(6);
      expect(ends).not.toContain(false);
      stop();
      await log.append(recordsOf(1, 6));
      await underTest.settled(log);
      expect(heard).toHaveLength(6);
      letGo();
    },
  },
  {
    id: 'EL6',
    title: 'refuses an append beyond what may wait, and writes nothing of it',
    check: async (underTest) => {
      const { log } = underTest;
      const first = log.append(recordsOf(WAITING_RECORD_COUNT_MAX - 1));
      const tooMany = outcomeOf(log.append(recordsOf(2, 100)));
      const fits = log.append(recordsOf(1, WAITING_RECORD_COUNT_MAX - 1));
      expect(await tooMany).toBe('log_unavailable');
      await first;
      await fits;
      await expectToHold(underTest, log, recordsOf(WAITING_RECORD_COUNT_MAX));
      await log.append(recordsOf(WAITING_RECORD_COUNT_MAX, WAITING_RECORD_COUNT_MAX));
      await expectToHold(underTest, log, recordsOf(2 * WAITING_RECORD_COUNT_MAX));
    },
  },
  {
    id: 'EL7',
    title: 'makes durable what waits when it is closed, and takes nothing afterwards',
    check: async (underTest) => {
      const { log, reopen, order } = underTest;
      const waiting = [log.append(recordsOf(2)), log.append(recordsOf(1, 2), { relaxed: true })];
      const closed = log.close();
      const late = outcomeOf(log.append(recordsOf(1, 3)));
      await closed;
      await log.close();
      expect(await late).toBe('log_unavailable');
      expect(await outcomeOf(log.append(recordsOf(1, 4)))).toBe('log_unavailable');
      expect(await outcomeOf(log.appendReadable(recordsOf(1, 5)))).toBe('log_unavailable');
      await Promise.all(waiting);
      // What a broker took need not have come back before the log was closed.
      if (order === 'total') expect(log.end()).toBeGreaterThanOrEqual(2);
      if (reopen !== null) await expectToHold(underTest, await reopen(), recordsOf(3));
    },
  },
  {
    id: 'EL8',
    title: 'can be asked for a record at once at the position that it was given, after those of its key',
    check: async (underTest) => {
      const { log } = underTest;
      for (let i = 0; i < 10; i++) {
        const [earlier, later] = [record(2 * i), { ...record(2 * i + 1), key: record(2 * i).key }] as const;
        const [, position] = await Promise.all([
          log.append([earlier]),
          log.appendReadable([record(100 + i, TOPICS.labels), later]),
        ]);
        const stored = await readAll(log);
        const found = stored.filter(({ key }) => key === later.key);
        expect(appendedOf(found)).toEqual([earlier, later]);
        expect(found.at(-1)?.position).toBe(position);
        expect(stored.some(({ key }) => key === record(100 + i).key)).toBe(true);
      }
      await log.append(recordsOf(3, 200));
      const end = await log.appendReadable([]);
      expect(await readAll(log)).toHaveLength(33);
      expect(end).toBe(log.end());
    },
  },
  {
    id: 'EL9',
    title: 'tells how much can be read here, how much there is, and when the one has reached the other',
    check: async ({ log }) => {
      const before = await log.latest();
      expect(await log.reached(before, PATIENCE_MS)).toBe(true);
      await log.append([record(0)]);
      const after = await log.latest();
      expect(cutIncludes(before, after)).toBe(false);
      expect(cutIncludes(after, before)).toBe(true);
      expect(await log.reached(after, PATIENCE_MS)).toBe(true);
      expect(cutIncludes(log.cut(), after)).toBe(true);
      expect(await readAll(log)).toHaveLength(1);
      const [grown] = Object.entries(after).filter(
        ([partition, offset]) => offset > (before[partition] ?? 0),
      );
      const [partition = '', offset = 0] = grown ?? [];
      const wanted: LogCut = { [partition]: offset + 1 };
      expect(await log.reached(wanted, 20)).toBe(false);
      const reached = log.reached(wanted, PATIENCE_MS);
      await log.append([record(0)]);
      expect(await reached).toBe(true);
      expect(await readAll(log)).toHaveLength(2);
      expect(cutIncludes(log.cut(), after)).toBe(true);
    },
  },
  {
    id: 'EL10',
    title:
      'says where records are durable: on the log, or, while there is no broker, in its write-ahead file',
    check: async (underTest) => {
      const { log, sever } = underTest;
      await log.append(recordsOf(1));
      expect(log.durability()).toBe('log');
      if (sever === null) return;
      const bringBack = await sever();
      await log.append(recordsOf(2, 1));
      expect(log.durability()).toBe('wal');
      expect(await log.appendReadable(recordsOf(1, 3))).toBeNull();
      await bringBack();
      for (const until = Date.now() + PATIENCE_MS; log.durability() === 'wal' && Date.now() < until;)
        await new Promise((resolve) => setTimeout(resolve, 20));
      expect(log.durability()).toBe('log');
      expect(await log.appendReadable(recordsOf(1, 4))).not.toBeNull();
      await underTest.settled(log);
      // A request whose answer was lost is sent again: the same bytes may lie there twice.
      const firsts = new Map(
        [...(await readAll(log))]
          .reverse()
          .map((stored) => [`${stored.key} ${String(stored.value)}`, stored]),
      );
      expect(ordered(appendedOf([...firsts.values()].reverse()), underTest.order)).toEqual(
        ordered(recordsOf(5), underTest.order),
      );
    },
  },
];

/** One test for each guarantee of `EventLog`, on a fresh log each. */
export function eventLogConformance(name: string, factory: () => Promise<EventLogUnderTest>): void {
  describeGuarantees(name, eventLogGuarantees, factory);
}
