import { HISTORY_RECORD_BYTES, HISTORY_RECORD_COUNT_MAX, writeHistorySeq } from '@veto/domain';
import fc from 'fast-check';
import { HistoryCopies } from './history-copies';
import { visibleBefore } from './visible-history';

const NAME = 'h1|merchant';

function recordOf(seq: number, fill = seq % 251): Buffer {
  const record = Buffer.alloc(HISTORY_RECORD_BYTES, fill);
  writeHistorySeq(record, seq);
  return record;
}

function historyOf(from: number, to: number): Buffer {
  return Buffer.concat(Array.from({ length: to - from + 1 }, (_, i) => recordOf(from + i)));
}

/** Reads as a call does. @returns whether the end of the history was enough */
function read(copies: HistoryCopies, history: Buffer): boolean {
  const from = copies.readFrom(NAME);
  if (from !== null && copies.goOn(NAME, from, history.subarray(from))) return true;
  copies.keep(NAME, history);
  return false;
}

describe('copies of long histories', () => {
  it('show whatever grows and is cut as it was when each record came, or say that they do not know', () => {
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ type: fc.constant('grow'), count: fc.integer({ min: 1, max: 40 }) }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ type: fc.constant('cut'), count: fc.integer({ min: 288, max: 400 }) }),
      },
    );
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 60 }), (steps) => {
        const copies = new HistoryCopies();
        let [history, seq, tailCount] = [historyOf(1, 300), 300, 0];
        const seen: (readonly [Uint8Array, Buffer])[] = [];
        read(copies, history);
        for (const { type, count } of steps) {
          if (type === 'grow') {
            history = Buffer.concat([history, historyOf(seq + 1, seq + count)]);
            seq += count;
          } else history = history.subarray(-count * HISTORY_RECORD_BYTES);
          if (read(copies, history)) tailCount += 1;
          // Of what a batch appended, each record: those of the batch before may be asked for, too.
          for (let own = seq; own > seq - 32; own--) {
            const visible = copies.before(NAME, own);
            expect(visible).not.toBeNull();
            expect(Buffer.compare(visible!, visibleBefore(history, own))).toBe(0);
            seen.push([visible!, Buffer.from(visible!)]);
          }
        }
        // Bytes that were handed out never change.
        for (const [visible, asItWas] of seen) expect(Buffer.compare(visible, asItWas)).toBe(0);
        expect(tailCount).toBeGreaterThan(0);
      }),
      { numRuns: 12 },
    );
  });

  it('go on from what two calls read that were under way together, in either order', () => {
    for (const order of [
      [303, 305],
      [305, 303],
    ]) {
      const copies = new HistoryCopies();
      copies.keep(NAME, historyOf(1, 300));
      const from = copies.readFrom(NAME)!;
      for (const end of order) expect(copies.goOn(NAME, from, historyOf(1, end).subarray(from))).toBe(true);
      const wanted = historyOf(305 - HISTORY_RECORD_COUNT_MAX, 304);
      expect(Buffer.compare(copies.before(NAME, 305)!, wanted)).toBe(0);
    }
  });

  it('are given up where another record has the same number at the same place', () => {
    const copies = new HistoryCopies();
    copies.keep(NAME, historyOf(1, 300));
    const from = copies.readFrom(NAME)!;
    expect(copies.goOn(NAME, from, Buffer.concat([recordOf(300, 7), recordOf(301)]))).toBe(false);
    expect([copies.readFrom(NAME), copies.before(NAME, 300), copies.byteCount]).toEqual([null, null, 0]);
  });

  it('are given up where the history is shorter than it was', () => {
    const copies = new HistoryCopies();
    copies.keep(NAME, historyOf(1, 300));
    expect(copies.goOn(NAME, copies.readFrom(NAME)!, Buffer.alloc(0))).toBe(false);
  });

  it('do not know what an earlier record saw when its beginning is gone here', () => {
    const copies = new HistoryCopies();
    copies.keep(NAME, historyOf(1, 1_000));
    // 1 000 − (256 + 64) records lie before what is kept, and the first of these with 256 before it is the 937th.
    expect(copies.before(NAME, 936)).toBeNull();
    expect(copies.before(NAME, 937)).toHaveLength(HISTORY_RECORD_COUNT_MAX * HISTORY_RECORD_BYTES);
    expect(copies.before(NAME, 1_001)).toBeNull();
  });

  it('are of long histories, and of no more bytes than are allowed', () => {
    const copies = new HistoryCopies(64, 100_000);
    copies.keep(NAME, historyOf(1, 63));
    expect(copies.readFrom(NAME)).toBeNull();
    copies.keep('a', historyOf(1, 300));
    copies.keep('b', historyOf(1, 300));
    copies.keep('c', historyOf(1, 300));
    // Each takes 300 records and room for 128 more, 25 680 bytes: 'a', which was read last, stays.
    copies.goOn('a', copies.readFrom('a')!, recordOf(300));
    copies.keep('d', historyOf(1, 300));
    expect(['a', 'b', 'c', 'd'].map((name) => copies.readFrom(name) !== null)).toEqual([
      true,
      false,
      true,
      true,
    ]);
    expect(copies.byteCount).toBe(3 * 25_680);
  });
});
