import fc from 'fast-check';
import { TOPICS, type LogRecord } from '@veto/domain';
import { PresentRecords } from './present-records';

function aRecord(text: string): LogRecord {
  return { topic: TOPICS.decisions, key: 'ten_a|t_1', value: new TextEncoder().encode(text) };
}

/** Writes all records as an attempt does that was interrupted after each of `stops`, and began its last batch again. */
function attempts(
  records: readonly LogRecord[],
  stops: readonly { at: number; again: number }[],
): LogRecord[] {
  const written: LogRecord[] = [];
  let at = 0;
  for (const stop of stops) {
    const to = Math.min(records.length, at + stop.at);
    written.push(...records.slice(at, to));
    written.push(...records.slice(Math.max(0, to - stop.again), to));
    at = to;
  }
  return written;
}

describe('what an earlier attempt left', () => {
  it('is recognised however often it was interrupted, and the rest is what is missing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 30 }),
        fc.array(fc.record({ at: fc.nat(8), again: fc.nat(5) }), { maxLength: 5 }),
        (texts, stops) => {
          const records = texts.map((text, i) => aRecord(`${text}${i}`));
          const written = attempts(records, stops);
          const present = new PresentRecords();
          for (const record of written) present.add(record, 0);
          const missing = records.filter((record) => !present.recognise(record, 0));
          const there = stops.reduce((sum, { at }) => Math.min(records.length, sum + at), 0);
          expect(missing).toEqual(records.slice(there));
          expect(present.strange()).toBeNull();
        },
      ),
    );
  });

  it('is not what somebody else wrote', () => {
    const present = new PresentRecords();
    present.add(aRecord('a'), 0);
    present.add(aRecord('not ours'), 0);
    expect(present.recognise(aRecord('a'), 0)).toBe(true);
    expect(present.recognise(aRecord('b'), 0)).toBe(false);
    expect(present.strange()).toEqual({ partition: `${TOPICS.decisions}/0`, offset: 1 });
  });

  it('is not the same in another order', () => {
    const present = new PresentRecords();
    present.add(aRecord('b'), 0);
    present.add(aRecord('a'), 0);
    expect(present.recognise(aRecord('a'), 0)).toBe(false);
    expect(present.recognise(aRecord('b'), 0)).toBe(false);
    expect(present.strange()).toEqual({ partition: `${TOPICS.decisions}/0`, offset: 0 });
    present.rewind();
    expect(present.recognise(aRecord('b'), 0)).toBe(true);
    expect(present.recognise(aRecord('a'), 0)).toBe(true);
    expect(present.strange()).toBeNull();
  });

  it('is told apart by place and effect, not by value alone', () => {
    const present = new PresentRecords();
    present.add({ ...aRecord('a'), seq: 1, epoch: 1 }, 0);
    expect(present.recognise({ ...aRecord('a'), seq: 1, epoch: 1 }, 1)).toBe(false);
    expect(present.recognise({ ...aRecord('a'), seq: 1, epoch: 1 }, 0)).toBe(true);
    present.rewind();
    expect(present.recognise({ ...aRecord('a'), seq: 2, epoch: 1 }, 0)).toBe(false);
  });
});
