import fc from 'fast-check';
import { TOPICS, type EventLog, type LogRecord, type StoredLogRecord, type Topic } from '@veto/domain';
import { aClock } from '@veto/testing';
import { createMemoryLog } from './memory-event-log';
import { tail, type TailGap } from './tail';

const FOLLOWED: readonly Topic[] = [TOPICS.decisions, TOPICS.lists];

function record(i: number, topic: Topic = TOPICS.decisions): LogRecord {
  return { topic, key: `ten_test|ord_${i}`, value: new Uint8Array([i % 256]) };
}

function appendMany(log: EventLog, count: number): Promise<unknown> {
  return log.append(Array.from({ length: count }, (_, i) => record(i)));
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Follows a log until told to stop, and keeps what it was given. */
function follow(
  log: EventLog,
  options: {
    after?: number;
    batchCountMax?: number;
    bufferCountMax?: number;
    beforeBatch?: () => Promise<void>;
  } = {},
) {
  const { after = -1, batchCountMax = 10, bufferCountMax = 100, beforeBatch } = options;
  const controller = new AbortController();
  const seen: StoredLogRecord[] = [];
  const cursors: number[] = [];
  const gaps: TailGap[] = [];
  let isBusy = false;
  const done = tail({
    log,
    after,
    topics: FOLLOWED,
    batchCountMax,
    bufferCountMax,
    signal: controller.signal,
    onBatch: async (records, to) => {
      expect(isBusy).toBe(false);
      isBusy = true;
      expect(records.length).toBeLessThanOrEqual(batchCountMax);
      await beforeBatch?.();
      seen.push(...records);
      cursors.push(to);
      isBusy = false;
    },
    onGap: (gap) => gaps.push(gap),
  });
  const stop = async (): Promise<void> => {
    controller.abort();
    await done;
  };
  const until = async (position: number): Promise<void> => {
    while ((cursors.at(-1) ?? after) < position) await turn();
  };
  return { seen, cursors, gaps, done, stop, until };
}

const positionsOf = (records: readonly StoredLogRecord[]): number[] =>
  records.map(({ position }) => position);

describe('a tail', () => {
  it('gives what is on the log, then what comes, each once and in order', async () => {
    const log = createMemoryLog({ clock: aClock() });
    await appendMany(log, 25);
    const reader = follow(log);
    await reader.until(24);
    for (let i = 0; i < 15; i++) await log.append([record(i)]);
    await reader.until(39);
    await reader.stop();
    expect(positionsOf(reader.seen)).toEqual(Array.from({ length: 40 }, (_, i) => i));
    expect(reader.cursors.at(-1)).toBe(39);
    expect(reader.gaps).toEqual([]);
  });

  it('resumes after a cursor', async () => {
    const log = createMemoryLog({ clock: aClock() });
    await appendMany(log, 10);
    const reader = follow(log, { after: 6 });
    await reader.until(9);
    await reader.stop();
    expect(positionsOf(reader.seen)).toEqual([7, 8, 9]);
  });

  it('moves its cursor past records of other topics', async () => {
    const log = createMemoryLog({ clock: aClock() });
    const reader = follow(log);
    await log.append([record(0), record(1, TOPICS.labels)]);
    await log.append([record(2, TOPICS.transactions)]);
    await reader.until(2);
    await log.append([record(3, TOPICS.labels)]);
    await reader.until(3);
    await reader.stop();
    expect(positionsOf(reader.seen)).toEqual([0]);
  });

  it('drops the buffer of a slow reader, says so, and goes on from the log without loss', async () => {
    const log = createMemoryLog({ clock: aClock() });
    let letGo = (): void => undefined;
    let isHeld = true;
    const reader = follow(log, {
      bufferCountMax: 20,
      beforeBatch: () => (isHeld ? new Promise<void>((resolve) => (letGo = resolve)) : Promise.resolve()),
    });
    await turn();
    // The first record is on its way to the reader, who takes his time; then 20 fit into the buffer, and one more does not.
    await log.append([record(0)]);
    await turn();
    await appendMany(log, 20);
    expect(reader.gaps).toEqual([]);
    await appendMany(log, 1);
    expect(reader.gaps).toEqual([{ from: 0, to: 21 }]);
    await appendMany(log, 1_000);
    isHeld = false;
    letGo();
    await reader.until(1_021);
    await reader.stop();
    expect(positionsOf(reader.seen)).toEqual(Array.from({ length: 1_022 }, (_, i) => i));
    expect(reader.gaps).toHaveLength(1);
  });

  it('ends when it is aborted, at once, whether it waits or reads', async () => {
    const log = createMemoryLog({ clock: aClock() });
    const waiting = follow(log);
    await turn();
    await waiting.stop();
    await appendMany(log, 3);
    const reading = follow(log);
    await reading.stop();
    expect(reading.seen).toEqual([]);
    expect(waiting.seen).toEqual([]);
  });

  it('ends with what its reader throws, and stops listening', async () => {
    const log = createMemoryLog({ clock: aClock() });
    await appendMany(log, 3);
    let calls = 0;
    const controller = new AbortController();
    const failing = tail({
      log,
      after: -1,
      topics: FOLLOWED,
      batchCountMax: 1,
      bufferCountMax: 10,
      signal: controller.signal,
      onBatch: () => {
        calls += 1;
        throw new Error('the reader is gone');
      },
    });
    await expect(failing).rejects.toThrow('the reader is gone');
    await appendMany(log, 3);
    await turn();
    expect(calls).toBe(1);
  });

  it('loses nothing and repeats nothing at any speed of writer and reader', async () => {
    const topic = fc.constantFrom(TOPICS.decisions, TOPICS.labels, TOPICS.lists);
    const scenario = fc.record({
      // Records of each append, and how many turns of the event loop lie before it.
      appends: fc.array(
        fc.record({ topics: fc.array(topic, { minLength: 1, maxLength: 8 }), turns: fc.nat({ max: 3 }) }),
        { maxLength: 60 },
      ),
      readerTurns: fc.infiniteStream(fc.nat({ max: 4 })),
      batchCountMax: fc.integer({ min: 1, max: 7 }),
      bufferCountMax: fc.integer({ min: 1, max: 12 }),
      startsAfterAppend: fc.nat({ max: 60 }),
      after: fc.integer({ min: -1, max: 30 }),
    });
    const property = fc.asyncProperty(
      scenario,
      async ({ appends, readerTurns, startsAfterAppend, after, ...limits }) => {
        const log = createMemoryLog({ clock: aClock() });
        const beforeBatch = async (): Promise<void> => {
          for (let left = readerTurns.next().value; left > 0; left--) await turn();
        };
        let reader: ReturnType<typeof follow> | null = null;
        for (const [i, { topics, turns }] of appends.entries()) {
          if (i === startsAfterAppend) reader = follow(log, { after, beforeBatch, ...limits });
          for (let left = turns; left > 0; left--) await turn();
          void log.append(topics.map((each, j) => record(i * 10 + j, each)));
        }
        await log.append([]);
        reader ??= follow(log, { after, beforeBatch, ...limits });
        await reader.until(log.end());
        await reader.stop();
        const { records } = await log.read({ after, recordCountMax: 1_000, topics: FOLLOWED });
        expect(reader.seen).toEqual(records);
        expect([...reader.cursors].sort((a, b) => a - b)).toEqual(reader.cursors);
      },
    );
    await fc.assert(property, { numRuns: 150 });
  });
});
