import { TOPICS } from '@veto/domain';
import { aClock, eventLogConformance, WAITING_RECORD_COUNT_MAX } from '@veto/testing';
import { createMemoryLog } from './memory-event-log';

eventLogConformance('the memory log', () => {
  const log = createMemoryLog({ clock: aClock(), waitingRecordCountMax: WAITING_RECORD_COUNT_MAX });
  return Promise.resolve({
    log,
    order: 'total',
    settled: () => Promise.resolve(),
    reopen: null,
    crash: null,
    tear: null,
    sever: null,
    dispose: () => log.close(),
  });
});

describe('a memory log that keeps some topics', () => {
  it('counts and tells of the others, and forgets them', async () => {
    const log = createMemoryLog({ clock: aClock(7), retain: [TOPICS.labels] });
    const heard: number[] = [];
    log.subscribe((records) => heard.push(...records.map(({ position }) => position)));
    const record = (topic: (typeof TOPICS)[keyof typeof TOPICS]) => ({
      topic,
      key: 'k',
      value: new Uint8Array(1),
    });
    await log.append([
      record(TOPICS.labels),
      record(TOPICS.decisions),
      record(TOPICS.labels),
      record(TOPICS.decisions),
    ]);
    expect(heard).toEqual([0, 1, 2, 3]);
    expect(log.end()).toBe(3);
    expect(await log.read({ after: -1, recordCountMax: 9 })).toEqual({
      records: [0, 2].map((position) => ({ ...record(TOPICS.labels), position, appendedAtMs: 7 })),
      to: 3,
    });
  });
});
