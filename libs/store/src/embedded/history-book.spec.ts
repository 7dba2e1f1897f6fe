import fc from 'fast-check';
import {
  HISTORY_AGE_MAX_MS,
  HISTORY_RECORD_BYTES,
  HISTORY_RECORD_COUNT_MAX,
  readHistorySeq,
  writeHistorySeq,
} from '@veto/domain';
import { aHistoryRecord, DULL_NOW_MS } from '@veto/testing';
import { BEHIND_COUNT_MAX, EventProgress, PROGRESS_STEP_MS_MAX } from './event-progress';
import { HistoryBook } from './history-book';

const MINUTE_MS = 60_000;

function recordOf(seq: number, mark = seq % 256): Uint8Array {
  const record = aHistoryRecord({ mark });
  writeHistorySeq(record, seq);
  return record;
}

/** Appends `count` payments at one time, one entity each, from `firstSeq` on. */
function pay(
  book: HistoryBook,
  key: string,
  options: { count?: number; firstSeq?: number; timeMs?: number } = {},
): void {
  const { count = 1, firstSeq = 1, timeMs = DULL_NOW_MS } = options;
  for (let i = 0; i < count; i++) {
    book.advance(timeMs);
    book.append(key, recordOf(firstSeq + i));
  }
}

function seqsOf(bytes: Uint8Array): number[] {
  return Array.from({ length: bytes.length / HISTORY_RECORD_BYTES }, (_, i) =>
    readHistorySeq(bytes, i * HISTORY_RECORD_BYTES),
  );
}

describe('a history', () => {
  it('shows its latest 256 records, whatever its storage grew through', () => {
    const book = new HistoryBook();
    for (let seq = 1; seq <= 1_100; seq++) {
      book.append('ten|card:1', recordOf(seq));
      if (seq % 3 === 0) book.append('ten|card:2', recordOf(seq));
      const from = Math.max(1, seq - HISTORY_RECORD_COUNT_MAX + 1);
      expect(seqsOf(book.visible('ten|card:1'))).toEqual(
        Array.from({ length: seq - from + 1 }, (_, i) => from + i),
      );
    }
    expect(seqsOf(book.visible('ten|card:2')).at(-1)).toBe(1_098);
    expect(book.visible('ten|card:3')).toHaveLength(0);
  });

  it('is as in an array of records, for any appends to any entities, and handed out bytes stay', () => {
    const appends = fc.array(fc.record({ key: fc.nat({ max: 6 }), count: fc.integer({ min: 1, max: 90 }) }), {
      maxLength: 60,
    });
    const property = fc.property(appends, (all) => {
      const book = new HistoryBook();
      const oracle = new Map<string, number[]>();
      const handedOut: { bytes: Uint8Array; copy: Buffer }[] = [];
      let seq = 0;
      for (const { key: n, count } of all) {
        const key = `ten|card:${n}`;
        const seqs = oracle.get(key) ?? [];
        oracle.set(key, seqs);
        for (let i = 0; i < count; i++) {
          seq += 1;
          seqs.push(seq);
          book.append(key, recordOf(seq));
        }
        const bytes = book.visible(key);
        handedOut.push({ bytes, copy: Buffer.from(bytes) });
        expect(seqsOf(bytes)).toEqual(seqs.slice(-HISTORY_RECORD_COUNT_MAX));
      }
      for (const { bytes, copy } of handedOut) expect(copy.equals(bytes)).toBe(true);
      expect(book.entityCount).toBe(oracle.size);
    });
    fc.assert(property, { numRuns: 150 });
  });
});

/** Moves the events on in steps that count in full. */
function letPass(book: HistoryBook, fromMs: number, byMs: number): void {
  for (let ms = PROGRESS_STEP_MS_MAX; ms <= byMs; ms += PROGRESS_STEP_MS_MAX) book.advance(fromMs + ms);
}

describe('a history that nobody touches', () => {
  it('reads as never seen once the events are 40 days further, not a minute earlier', () => {
    const book = new HistoryBook();
    pay(book, 'ten|card:idle', { count: 20 });
    letPass(book, DULL_NOW_MS, HISTORY_AGE_MAX_MS);
    expect(book.visible('ten|card:idle')).toHaveLength(20 * HISTORY_RECORD_BYTES);
    book.advance(DULL_NOW_MS + HISTORY_AGE_MAX_MS + MINUTE_MS);
    expect(book.visible('ten|card:idle')).toHaveLength(0);
    pay(book, 'ten|card:idle', { firstSeq: 900, timeMs: DULL_NOW_MS + HISTORY_AGE_MAX_MS + MINUTE_MS });
    expect(seqsOf(book.visible('ten|card:idle'))).toEqual([900]);
  });

  it('gives its room back, so that a stream of new entities does not grow for ever', () => {
    const book = new HistoryBook();
    const everyMinutes = 20;
    for (let minute = 0; minute < 150 * 1_440; minute++) {
      const timeMs = DULL_NOW_MS + minute * MINUTE_MS;
      if (minute % everyMinutes === 0) pay(book, `ten|ip:${minute}`, { timeMs });
      else book.advance(timeMs);
    }
    // 40 days of entities are in use: 2 880. The sweep looks at two places an event, so it is through all of them within
    // 1 440 events, in which 72 more may have come to be idle; and the minute that is not yet over counts as well.
    expect(book.entityCount).toBeGreaterThanOrEqual(2_880);
    expect(book.slotCount).toBeLessThanOrEqual(2_880 + 2 * 74);
  });

  it('is not forgotten for one payment whose clock is years ahead', () => {
    const book = new HistoryBook();
    pay(book, 'ten|card:1');
    book.advance(DULL_NOW_MS + 20 * 365 * 24 * 60 * MINUTE_MS);
    expect(book.visible('ten|card:1')).toHaveLength(HISTORY_RECORD_BYTES);
    expect(book.progress.state.nowMs).toBe(DULL_NOW_MS + PROGRESS_STEP_MS_MAX);
  });

  it('keeps what is touched, however late the events are that touch it', () => {
    const book = new HistoryBook();
    pay(book, 'ten|card:1');
    pay(book, 'ten|card:2', { firstSeq: 2, timeMs: DULL_NOW_MS - 2 * HISTORY_AGE_MAX_MS });
    expect(seqsOf(book.visible('ten|card:2'))).toEqual([2]);
  });
});

describe('the progress of events', () => {
  it('goes back when a thousand in a row say that it is wrong, and not for fewer', () => {
    const progress = new EventProgress({ nowMs: DULL_NOW_MS, behindCount: 0 });
    const longAgoMs = DULL_NOW_MS - HISTORY_AGE_MAX_MS - 1;
    for (let i = 1; i < BEHIND_COUNT_MAX; i++) expect(progress.advance(longAgoMs)).toBe(false);
    expect(progress.advance(DULL_NOW_MS)).toBe(false);
    for (let i = 1; i < BEHIND_COUNT_MAX; i++) expect(progress.advance(longAgoMs)).toBe(false);
    expect(progress.advance(longAgoMs)).toBe(true);
    progress.goBackTo(longAgoMs);
    expect(progress.state).toEqual({ nowMs: longAgoMs, behindCount: 0 });
  });

  it('keeps every history that is not idle when it goes back', () => {
    const book = new HistoryBook(new EventProgress({ nowMs: DULL_NOW_MS, behindCount: 0 }));
    pay(book, 'ten|card:1');
    const longAgoMs = DULL_NOW_MS - 10 * HISTORY_AGE_MAX_MS;
    for (let i = 0; i < BEHIND_COUNT_MAX; i++) book.advance(longAgoMs);
    expect(book.progress.state.nowMs).toBe(longAgoMs);
    expect(book.visible('ten|card:1')).toHaveLength(HISTORY_RECORD_BYTES);
  });
});
