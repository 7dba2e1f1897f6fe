import fc from 'fast-check';
import {
  HISTORY_RECORD_BYTES,
  packApplied,
  TOPICS,
  unpackApplied,
  writeHistorySeq,
  type EpochOpened,
  type StoredLogRecord,
} from '@veto/domain';
import { EpochFold } from '@veto/store';
import { DULL_NOW_MS } from '@veto/testing';
import { Findings } from './findings';
import { LogEvidence, type PlacedEvent } from './log-evidence';
import { placeOrderOf } from './place-order';
import { SpillFile } from './spill-file';

const CARD = 'ten_a|card:1';
const spill = new SpillFile();
afterAll(() => spill.close());

/** One event on one card, alone in its partition. */
interface Event {
  readonly seq: number;
  /** Every byte of its record but the number. */
  readonly byte: number;
  /** What the record has in place of its number: 0 where it was decided without one. */
  readonly written: number;
}

function appliedOf({ byte, written }: Event): Uint8Array {
  const record = new Uint8Array(HISTORY_RECORD_BYTES).fill(byte);
  writeHistorySeq(record, written);
  return packApplied({ entityKeys: [CARD], record });
}

const idOf = ({ byte }: Event): string => `ten_a|t_${byte}`;

/** An epoch in which they came, in this order, and the next one, which begins with all of them. */
function orderOf(events: readonly Event[]): ReturnType<typeof placeOrderOf>['ofShards'][number] {
  const evidence = new LogEvidence({ findings: new Findings(), spill, examine: () => undefined });
  const cut = Object.fromEntries(events.map(({ byte }) => [`${TOPICS.decisions}/${byte}`, 1]));
  const opened: EpochOpened = {
    ...{ schema: 'epoch.v1', shard: 0, epoch: 1, cut: {}, reason: 'first' },
    ...{ first_seq: 1, opened_at_ms: DULL_NOW_MS },
  };
  const next: EpochOpened = { ...opened, epoch: 2, cut, reason: 'behind', first_seq: 100 };
  for (const [offset, one] of [opened, next].entries())
    evidence.epochs.push({ opened: one, lies: { partition: `${TOPICS.epochs}/0`, offset } });
  for (const event of events)
    evidence.events.push({
      ...{ type: 'payment', id: idOf(event), tenantId: 'ten_a', epoch: 1, seq: event.seq },
      applied: appliedOf(event),
      lies: { partition: `${TOPICS.decisions}/${event.byte}`, offset: 0 },
    });
  return placeOrderOf(evidence, () => 0, new Findings()).ofShards[0]!;
}

/** What is left of a history made of these, with their places written. */
function historyOf(events: readonly PlacedEvent[]): string {
  return Buffer.concat(
    events.map(({ applied, seq }) => {
      const { record } = unpackApplied(applied);
      writeHistorySeq(record, seq);
      return record;
    }),
  ).toString('hex');
}

/** The same by the store. */
function foldedHistoryOf(events: readonly Event[]): string {
  const fold = new EpochFold({ historyEventOf: () => null });
  for (const [position, event] of events.entries()) {
    const record: StoredLogRecord = {
      ...{ topic: TOPICS.decisions, key: idOf(event), value: new Uint8Array(), position },
      ...{ applied: appliedOf(event), seq: event.seq, epoch: 1, appendedAtMs: DULL_NOW_MS },
    };
    fold.add(record);
  }
  return Buffer.from(fold.open(100).historyOf(CARD)).toString('hex');
}

describe('a place that a state gave out twice, after it had lost its end', () => {
  const first: Event = { seq: 1, byte: 9, written: 1 };
  const twice: readonly Event[] = [
    { seq: 2, byte: 3, written: 2 },
    { seq: 2, byte: 4, written: 0 },
  ];

  it.each([
    ['the smaller bytes arrived first', [first, ...twice]],
    ['the larger bytes arrived first', [twice[1]!, twice[0]!, first]],
  ])('is that of the smaller bytes, when %s', (_, events) => {
    const [one, next] = orderOf(events);
    expect(one!.events.map(({ id }) => id)).toEqual(['ten_a|t_9', 'ten_a|t_3']);
    expect(next!.placed().map(({ id }) => id)).toEqual(['ten_a|t_9', 'ten_a|t_3', 'ten_a|t_4']);
  });

  it('begins the next epoch with the history that the store makes of it, in whatever order the records arrived', () => {
    const events = fc
      .uniqueArray(
        fc.record({ seq: fc.integer({ min: 1, max: 4 }), byte: fc.nat(255), written: fc.nat(5) }),
        {
          ...{ selector: ({ byte }) => byte, minLength: 2, maxLength: 8 },
        },
      )
      .chain((some) => fc.tuple(fc.constant(some), fc.shuffledSubarray(some, { minLength: some.length })));
    fc.assert(
      fc.property(events, ([some, shuffled]) => {
        const [one, next] = orderOf(shuffled);
        expect(historyOf(next!.placed())).toBe(foldedHistoryOf(some));
        expect(one!.events).toEqual(orderOf(some)[0]!.events);
      }),
    );
  });
});
