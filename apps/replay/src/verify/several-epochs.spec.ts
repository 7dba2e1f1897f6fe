import fc from 'fast-check';
import { TOPICS } from '@veto/domain';
import { ClusterInMemory, type Step } from './a-cluster-in-memory.spec-support';
import { kindsOf, verifyThese } from './a-verified-log.spec-support';

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant('pay' as const),
      shape: fc.nat(5),
      how: fc.constantFrom('shared' as const, 'shared' as const, 'alone' as const, 'late' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('sweep' as const), which: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('label' as const), which: fc.nat(9) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('reopen' as const),
      reason: fc.constantFrom('lost' as const, 'asked' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('arrive' as const) }) },
);

describe('a log of several epochs', () => {
  it('holds, whatever was decided alone, came late, got its place later, or was made anew in between', async () => {
    let epochCount = 0;
    let localCount = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const { records, journalLines } = await new ClusterInMemory().run(steps);
        const report = await verifyThese(records, journalLines);
        expect(report.findings).toEqual([]);
        epochCount = Math.max(epochCount, records.filter(({ topic }) => topic === TOPICS.epochs).length);
        localCount += report.local;
      }),
      { numRuns: 40 },
    );
    expect(epochCount).toBeGreaterThan(3);
    expect(localCount).toBeGreaterThan(10);
  }, 60_000);

  const payments: readonly Step[] = Array.from({ length: 6 }, (_, i) => ({
    type: 'pay',
    shape: i % 2,
    how: 'shared',
  }));
  const twoEpochs: readonly Step[] = [
    ...payments,
    { type: 'pay', shape: 1, how: 'alone' },
    { type: 'reopen', reason: 'asked' },
    ...payments,
  ];

  it('is found wrong where an epoch began with something else than it says', async () => {
    const { records, journalLines } = await new ClusterInMemory().run(twoEpochs);
    const changedCut = records.map((record) => {
      if (record.topic !== TOPICS.epochs) return record;
      const json = Buffer.from(record.value).toString();
      return { ...record, value: Buffer.from(json.replace(/("veto.decisions.v1\/\d":)\d+/, '$10')) };
    });
    expect(kindsOf(await verifyThese(records, journalLines))).toEqual([]);
    expect(kindsOf(await verifyThese(changedCut, journalLines))).toContain('I4 vector_differs');
  });

  it('is found wrong where an epoch begins at numbers that were given out before', async () => {
    const { records } = await new ClusterInMemory().run(twoEpochs);
    const changed = records.map((record) => {
      if (record.topic !== TOPICS.epochs) return record;
      const json = Buffer.from(record.value).toString();
      return { ...record, value: Buffer.from(json.replace(/"first_seq":1\d+/, '"first_seq":3')) };
    });
    expect(kindsOf(await verifyThese(changed, null))).toContain('I9 epoch_wrong');
  });

  it('counts places that were lost with a shared state apart, and no others', async () => {
    const lost: readonly Step[] = twoEpochs.map((one) =>
      one.type === 'reopen' ? { ...one, reason: 'lost' } : one,
    );
    for (const [steps, kinds] of [
      [lost, []],
      [twoEpochs, ['I9 seq_gap']],
    ] as const) {
      const { records } = await new ClusterInMemory().run(steps);
      // The last payment before the epoch, which no later one of it saw.
      const at = records.findIndex(({ topic, seq }) => topic === TOPICS.decisions && seq === 5);
      const without = records.filter((_, i) => i !== at);
      const found = kindsOf(await verifyThese(without, null));
      expect(found.filter((kind) => kind.startsWith('I9'))).toEqual(kinds);
    }
  });
});
