import { HISTORY_RECORD_BYTES, HISTORY_RECORD_COUNT_MAX } from '@veto/domain';
import { aTransaction, DULL_NOW_MS } from '@veto/testing';
import fc from 'fast-check';
import { benchComputeFeatures } from './compute-features.bench';
import { computeFeatures } from './compute-features';
import { featureSet } from './feature-set';
import { differencesFromOracle } from './oracle/compare-with-oracle.oracle';
import { crowdedStreamOf, eventStreamOf } from './oracle/event-stream.oracle';
import { naiveFeatures } from './oracle/naive-features.oracle';
import { featuresOf, SmallStore, vectorOf } from './oracle/small-store.oracle';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const streams = fc.array(fc.nat(), { maxLength: 400, size: 'max' }).map(eventStreamOf);
const crowds = fc.record({
  seed: fc.nat(),
  count: fc.integer({ min: 400, max: 700 }),
  stepMs: fc.constantFrom(0, 1000, 60_000, 600_000, 3_600_000),
  lateShare: fc.constantFrom(0, 2, 10),
  lateMs: fc.constantFrom(0, 60_000, 86_400_000, 30 * 86_400_000),
});

describe('the features of a stream with late, repeated and contradicting events', () => {
  it('are those of the naive oracle, bit for bit, in 1 000 random streams', () => {
    fc.assert(
      fc.property(streams, (stream) => {
        expect(differencesFromOracle(stream)).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('are those of the naive oracle also where histories are longer than what is looked at', () => {
    fc.assert(
      fc.property(crowds, (crowd) => {
        const stream = crowdedStreamOf(crowd);
        expect(differencesFromOracle(stream, stream.begun.slice(-5))).toEqual([]);
      }),
      { numRuns: 8 },
    );
  });

  it('are those of the whole past, or named as truncated, when events come in order of time', () => {
    fc.assert(
      fc.property(crowds, (crowd) => {
        const stream = crowdedStreamOf({ ...crowd, lateShare: 0 });
        const payment = stream.begun[stream.begun.length - 1]!;
        const whole = naiveFeatures(payment.transaction, payment.seq, stream.events, Infinity);
        const { values, truncated } = vectorOf(payment, payment.histories);
        const silentlyWrong = featureSet.definitions.filter(
          ({ name }, i) => !Object.is(values[i], whole.values.get(name) ?? NaN) && !truncated.includes(name),
        );
        expect(silentlyWrong).toEqual([]);
      }),
      { numRuns: 8 },
    );
  });
});

describe('fifty payments with one card in the same millisecond', () => {
  it('see 0 to 49 before them', () => {
    const store = new SmallStore();
    const counts = Array.from(
      { length: 50 },
      (_, i) => featuresOf(store, aTransaction({ id: `t${i}` })).value['card_count_1m'],
    );
    expect(counts).toEqual(Array.from({ length: 50 }, (_, i) => i));
  });
});

describe('the window of a minute', () => {
  it.each([
    ['holds a payment 60 000 ms before', 60_000, 1],
    ['does not hold one 60 001 ms before', 60_001, 0],
    ['holds one of the same millisecond that was taken in before', 0, 1],
    ['does not hold one a millisecond later that was taken in before', -1, 0],
  ])('%s', (_, agoMs, count) => {
    const store = new SmallStore();
    store.pay(aTransaction({ id: 'before', occurredAtMs: DULL_NOW_MS - agoMs }));
    expect(featuresOf(store, aTransaction({ id: 'now' })).value['card_count_1m']).toBe(count);
  });
});

describe('a payment begun again after a crash', () => {
  it('sees neither itself nor what came after it', () => {
    const store = new SmallStore();
    for (let i = 0; i < 5; i++) store.pay(aTransaction({ id: `t${i}` }));
    const third = store.begun[2]!;
    const { values } = vectorOf(third, store.histories);
    expect(values).toEqual(vectorOf(third, third.histories).values);
    expect(values[featureSet.definitions.findIndex(({ name }) => name === 'card_count_1m')]).toBe(2);
  });
});

describe('a label', () => {
  const paid = aTransaction({ id: 'paid', occurredAtMs: DULL_NOW_MS - 3 * DAY_MS });
  const facts = {
    transactionId: 'paid',
    occurredAtMs: paid.occurredAtMs,
    amountBaseMinor: paid.amountBaseMinor,
  };
  const seenWith = (labels: readonly (readonly [verdict: 'fraud' | 'legit', reportedAtMs: number])[]) => {
    const store = new SmallStore();
    store.pay(paid);
    for (const [verdict, reportedAtMs] of labels) store.label(paid, { ...facts, verdict, reportedAtMs });
    return featuresOf(store, aTransaction({ id: 'now' })).value;
  };

  it('is not seen a millisecond before it is reported', () => {
    expect(seenWith([['fraud', DULL_NOW_MS + 1]])).toMatchObject({
      merchant_fraud_count_30d: 0,
      merchant_time_since_fraud: NaN,
    });
  });

  it('is seen from when it is reported, and speaks of when the payment was made', () => {
    // Three days before: 3 × 24 hours.
    expect(seenWith([['fraud', DULL_NOW_MS]])).toMatchObject({
      merchant_fraud_count_30d: 1,
      merchant_fraud_share_24h: 1,
      merchant_time_since_fraud: 72,
      customer_time_since_fraud: 72,
    });
  });

  it('counts once however often it is delivered, at its first delivery', () => {
    const twice = seenWith([
      ['fraud', DULL_NOW_MS - 2 * DAY_MS],
      ['fraud', DULL_NOW_MS],
    ]);
    expect(twice).toMatchObject({
      merchant_label_count_24h: 0,
      merchant_label_count_7d: 1,
      merchant_fraud_count_30d: 1,
    });
  });

  it('gives way to a later one', () => {
    const reversed = seenWith([
      ['fraud', DULL_NOW_MS - 2 * DAY_MS],
      ['legit', DULL_NOW_MS - DAY_MS],
    ]);
    expect(reversed).toMatchObject({
      merchant_label_count_7d: 1,
      merchant_fraud_share_7d: 0,
      merchant_genuine_run: 1,
    });
  });

  it('is known no earlier than the payment was made', () => {
    expect(seenWith([['fraud', paid.occurredAtMs - DAY_MS]])).toMatchObject({
      merchant_label_count_7d: 1,
      merchant_label_count_24h: 0,
    });
  });
});

describe('a view that is full', () => {
  /** `HISTORY_RECORD_COUNT_MAX` payments, the eight oldest at `cutAgoMs`, the others just now. */
  const truncatedWith = (cutAgoMs: number, count = HISTORY_RECORD_COUNT_MAX): readonly string[] => {
    const store = new SmallStore();
    for (let i = 0; i < count; i++) {
      store.pay(aTransaction({ id: `t${i}`, occurredAtMs: DULL_NOW_MS - (i < 8 ? cutAgoMs : 0) }));
    }
    return featuresOf(store, aTransaction({ id: 'now' })).truncated.filter((name) =>
      name.startsWith('device_count'),
    );
  };

  it('names what reaches back to its oldest records', () => {
    expect(truncatedWith(60 * MINUTE_MS)).toEqual(['device_count_1h']);
  });

  it('does not name what ends before them', () => {
    expect(truncatedWith(60 * MINUTE_MS + 1)).toEqual([]);
  });

  it('names nothing while one record more would still fit', () => {
    expect(truncatedWith(0, HISTORY_RECORD_COUNT_MAX - 1)).toEqual([]);
  });

  it('is judged by the latest of its eight oldest records, so that seven late ones hide nothing', () => {
    const store = new SmallStore();
    for (let i = 0; i < HISTORY_RECORD_COUNT_MAX; i++) {
      store.pay(aTransaction({ id: `t${i}`, occurredAtMs: DULL_NOW_MS - (i < 7 ? DAY_MS : 0) }));
    }
    expect(featuresOf(store, aTransaction({ id: 'now' })).truncated).toContain('device_count_1h');
  });

  it('does not call in question what was found', () => {
    const store = new SmallStore();
    for (let i = 0; i < HISTORY_RECORD_COUNT_MAX; i++) store.pay(aTransaction({ id: `t${i}` }));
    const known = featuresOf(store, aTransaction({ id: 'now' }));
    expect(known.value).toMatchObject({ customer_device_is_new: 0, customer_time_since_last: 0 });
    expect(known.truncated).not.toContain('customer_device_is_new');
    expect(known.truncated).not.toContain('customer_time_since_last');
    const elsewhere = aTransaction({ id: 'new', payload: { device: { fingerprint: 'dfp_never_seen' } } });
    expect(featuresOf(store, elsewhere).truncated).toContain('customer_device_is_new');
  });
});

describe('an entity', () => {
  const valuesOf = (histories: Parameters<typeof computeFeatures>[0]['histories']) => {
    const { values } = computeFeatures({ transaction: aTransaction(), seq: 3, histories });
    return Object.fromEntries(featureSet.definitions.map(({ name }, i) => [name, values[i]]));
  };

  it('that was never seen has counts of 0', () => {
    expect(valuesOf([{ kind: 'device', bytes: new Uint8Array(0) }])).toMatchObject({
      device_count_1h: 0,
      device_fraud_count_30d: 0,
    });
  });

  it('whose history was not read has no counts', () => {
    expect(valuesOf([])).toMatchObject({
      device_count_1h: NaN,
      card_count_1m: NaN,
      merchant_label_count_30d: NaN,
      amount: 49.9,
    });
  });

  it('may not come twice', () => {
    const device = { kind: 'device', bytes: new Uint8Array(0) } as const;
    expect(() => valuesOf([device, device])).toThrow('two histories of the device of transaction ord_1');
  });

  it('whose history is no whole records is refused', () => {
    expect(() => valuesOf([{ kind: 'ip', bytes: new Uint8Array(HISTORY_RECORD_BYTES + 1) }])).toThrow(
      'history of ip: 61 bytes are no whole records',
    );
  });

  it('whose history another codec wrote is refused', () => {
    const bytes = new Uint8Array(HISTORY_RECORD_BYTES).fill(9, 0, 1);
    expect(() => valuesOf([{ kind: 'ip', bytes }])).toThrow(
      'history record of codec version 9: this program reads version 1',
    );
  });
});

describe('the bench', () => {
  it('measures four lengths of history', () => {
    let ticks = 0;
    const results = benchComputeFeatures({ stopwatch: () => ++ticks, callCount: 2, sampleCount: 2 });
    expect(results.map(({ recordCount, entityCount }) => [recordCount, entityCount])).toEqual([
      [0, 7],
      [8, 7],
      [64, 7],
      [256, 7],
    ]);
    // A sample of two calls takes one tick of 1 ms: 500 µs a call, and the same for JSON.parse.
    expect(
      results.every(({ microsPerCall, timesJsonParse }) => microsPerCall === 500 && timesJsonParse === 1),
    ).toBe(true);
  });
});
