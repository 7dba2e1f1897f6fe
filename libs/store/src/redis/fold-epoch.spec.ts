import { createHash } from 'node:crypto';
import fc from 'fast-check';
import {
  HISTORY_RECORD_COUNT_MAX,
  packApplied,
  readHistoryTimeMs,
  TOPICS,
  writeHistorySeq,
  type AppliedEvent,
  type StoredLogRecord,
} from '@veto/domain';
import {
  aBeginRequest,
  aHistoryRecord,
  anAppendLabelRequest,
  DULL_NOW_MS,
  dullHistoryEventOf,
} from '@veto/testing';
import { digestOf, EpochFold, seqsOfHistory } from './fold-epoch';

const TENANT = 'ten_test';
const SEQS_PER_EPOCH = 1_000;

function decisionOf(
  transactionId: string,
  applied: AppliedEvent,
  place: { readonly epoch: number; readonly seq: number },
): StoredLogRecord {
  const key = `${TENANT}|${transactionId}`;
  const value = new Uint8Array([1]);
  return {
    topic: TOPICS.decisions,
    key,
    value,
    applied: packApplied(applied),
    ...place,
    position: 0,
    appendedAtMs: 0,
  };
}

interface NaiveEvent {
  readonly id: string;
  readonly applied: AppliedEvent;
  readonly epoch: number;
  readonly seq: number;
}

/** `EpochOpened`'s comment, word by word: all records in a list, and whatever is asked is looked for in it. */
function naiveDigest(records: readonly StoredLogRecord[], firstSeq: number): string {
  const ids = [...new Set(records.map(({ key }) => key))];
  const events = ids.map((id): NaiveEvent => {
    const ofId = records.filter(({ key }) => key === id);
    const placed = ofId.find(({ seq }) => (seq ?? 0) > 0) ?? ofId[0]!;
    const packed = placed.applied!;
    const keys = new TextDecoder().decode(packed.subarray(60)).trimEnd().split('\n');
    const record = packed.slice(0, 60);
    return { id, applied: { entityKeys: keys, record }, epoch: placed.epoch ?? 0, seq: placed.seq ?? 0 };
  });
  const placed = events.filter(({ seq }) => seq > 0).sort((a, b) => a.epoch - b.epoch || a.seq - b.seq);
  const others = events
    .filter(({ seq }) => seq === 0)
    .sort(
      (a, b) =>
        readHistoryTimeMs(a.applied.record) - readHistoryTimeMs(b.applied.record) || (a.id < b.id ? -1 : 1),
    )
    .map((event, i) => ({ ...event, seq: firstSeq + i }));
  const entityKeys = new Set(events.flatMap(({ applied }) => applied.entityKeys));
  const hash = createHash('sha256');
  for (const entityKey of [...entityKeys].sort()) {
    const own = [...placed, ...others].filter(({ applied }) => applied.entityKeys.includes(entityKey));
    hash.update(`${entityKey}\n`);
    for (const { applied, seq } of own.slice(-HISTORY_RECORD_COUNT_MAX)) {
      const record = applied.record.slice();
      writeHistorySeq(record, seq);
      hash.update(record);
    }
  }
  return hash.digest('hex');
}

/** Payments on a few cards and one merchant, in order of their places. */
const somePayments = fc
  .array(
    fc.record({
      card: fc.nat(5),
      minute: fc.nat(100),
      epoch: fc.integer({ min: 1, max: 3 }),
      /** How often it came on the log, and which of these had a place. */
      copies: fc.array(fc.boolean(), { minLength: 1, maxLength: 3 }),
      /** Moves it in the log, by so much. */
      jitter: fc.nat(400),
    }),
    { maxLength: 700, size: 'max' },
  )
  .map((payments) => {
    const inOrder = [...payments].sort((a, b) => a.epoch - b.epoch);
    return inOrder.map((payment, i) => ({ ...payment, i, seq: payment.epoch * SEQS_PER_EPOCH + i }));
  });

describe('what an epoch opens with', () => {
  it('is that of the naive oracle, over any log', () => {
    fc.assert(
      fc.property(somePayments, fc.boolean(), (payments, isReopened) => {
        const log = [...payments].sort((a, b) => a.i + a.jitter - (b.i + b.jitter));
        const rounds = log.flatMap((payment, at) =>
          payment.copies.map((isPlaced, copy) => ({ ...payment, at, isPlaced, copy })),
        );
        const records = [...rounds]
          .sort((a, b) => a.at + a.copy * 50 - (b.at + b.copy * 50) || a.copy - b.copy)
          .map(({ i, card, minute, epoch, seq, isPlaced }) => {
            const record = aHistoryRecord({ mark: i % 256, timeMs: DULL_NOW_MS + minute * 60_000 });
            const entityKeys = [`${TENANT}|card:${card}`, `${TENANT}|merchant:1`];
            return decisionOf(
              `ord_${i}`,
              { entityKeys, record },
              isPlaced ? { epoch, seq } : { epoch, seq: 0 },
            );
          });
        const fold = new EpochFold({ historyEventOf: dullHistoryEventOf });
        records.forEach((record, at) => {
          fold.add(record);
          if (isReopened && at % 100 === 0) fold.open(10_000);
        });
        expect(digestOf(fold.open(10_000))).toBe(naiveDigest(records, 10_000));
      }),
      { numRuns: 60, seed: 5 },
    );
  });

  it('is the same whether a hot history was cut in between or not, and in whatever order it came', () => {
    const events = Array.from({ length: 3_000 }, (_, i) =>
      decisionOf(
        `ord_${i}`,
        { entityKeys: [`${TENANT}|merchant:1`], record: aHistoryRecord({ mark: i % 256 }) },
        { epoch: 1, seq: i + 1 },
      ),
    );
    const seqsOf = (records: readonly StoredLogRecord[]): number[] => {
      const fold = new EpochFold({ historyEventOf: dullHistoryEventOf });
      for (const record of records) fold.add(record);
      return seqsOfHistory(fold.open(5_000).historyOf(`${TENANT}|merchant:1`));
    };
    const latest = Array.from({ length: 256 }, (_, i) => 3_000 - 255 + i);
    expect(seqsOf(events)).toEqual(latest);
    expect(seqsOf([...events].reverse())).toEqual(latest);
  });

  it('numbers what had no place by its own time, above everything else', () => {
    const fold = new EpochFold({ historyEventOf: dullHistoryEventOf });
    const on = (timeMs: number): AppliedEvent => ({
      entityKeys: [`${TENANT}|card:1`],
      record: aHistoryRecord({ timeMs }),
    });
    fold.add(decisionOf('late', on(2_000), { epoch: 1, seq: 0 }));
    fold.add(decisionOf('placed', on(9_000), { epoch: 1, seq: 7 }));
    fold.add(decisionOf('early', on(1_000), { epoch: 1, seq: 0 }));
    const opened = fold.open(100);
    const history = opened.historyOf(`${TENANT}|card:1`);
    expect(seqsOfHistory(history)).toEqual([7, 100, 101]);
    expect([60, 120].map((at) => readHistoryTimeMs(history, at))).toEqual([1_000, 2_000]);
    expect(opened.lastSeq).toBe(101);
    const settled = new EpochFold({ historyEventOf: dullHistoryEventOf });
    settled.add(decisionOf('late', on(2_000), { epoch: 1, seq: 0 }));
    expect(settled.settle(100)).toBe(100);
    settled.add(decisionOf('next', on(1_000), { epoch: 2, seq: 101 }));
    expect(seqsOfHistory(settled.open(200).historyOf(`${TENANT}|card:1`))).toEqual([100, 101]);
    // The sweeper found its place later.
    fold.add(decisionOf('late', on(2_000), { epoch: 1, seq: 8 }));
    expect(seqsOfHistory(fold.open(100).historyOf(`${TENANT}|card:1`))).toEqual([7, 8, 100]);
  });

  it('counts a label once, by what it says, and no record that was never sequenced', () => {
    const fold = new EpochFold({ historyEventOf: dullHistoryEventOf });
    const label = { topic: TOPICS.labels, key: 'k', position: 0, appendedAtMs: 0, epoch: 1 };
    const value = anAppendLabelRequest().payload;
    fold.add({ ...label, key: `${TENANT}|1`, value, seq: 3 });
    fold.add({ ...label, key: `${TENANT}|1`, value, seq: 4 });
    fold.add({ topic: TOPICS.labels, key: `${TENANT}|2`, value, position: 0, appendedAtMs: 0 });
    const begun = aBeginRequest({ transactionId: 'ord_9' }).payload;
    fold.add({ topic: TOPICS.transactions, key: `${TENANT}|9`, value: begun, position: 0, appendedAtMs: 0 });
    expect(seqsOfHistory(fold.open(10).historyOf(`${TENANT}|card:cfp_1`))).toEqual([3]);
    expect(fold.eventCount).toBe(1);
  });

  it('holds the events of its shard only', () => {
    const fold = new EpochFold({
      historyEventOf: dullHistoryEventOf,
      isOfShard: (tenantId) => tenantId === 'ten_b',
    });
    const applied = { entityKeys: [`${TENANT}|card:1`], record: aHistoryRecord() };
    fold.add(decisionOf('ord_1', applied, { epoch: 4, seq: 70 }));
    expect([fold.eventCount, fold.seqMax, fold.epochMax]).toEqual([0, 0, 0]);
    expect([...fold.open(1).keys]).toEqual([]);
  });
});
