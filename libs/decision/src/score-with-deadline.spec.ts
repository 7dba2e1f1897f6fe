import { VetoError, type LineStage, type ModelScorer } from '@veto/domain';
import { aLine, anArrival, aScorer } from './a-line.spec-support';
import type { Line } from './line';
import { scoreTransactions } from './score-transaction';
import { scoreWithDeadline } from './score-with-deadline';

const vector = new Float64Array(1);
const withScore = (score: ModelScorer['score']): ModelScorer => ({ ...aScorer(() => 0), score });
const never = new Promise<never>(() => undefined);
/** A busy machine does not use up the deadline; only the model does. */
const standingStill = (): number => 0;

async function silentStagesOf(overrides: Partial<Line>): Promise<readonly LineStage[]> {
  const [scored] = await scoreTransactions(await aLine(overrides), [anArrival('t_1')]);
  return scored?.status === 'decided' ? scored.record.decision.degraded : ['log'];
}

describe('a model', () => {
  it.each<[string, ModelScorer | null]>([
    ['that does not exist', null],
    [
      'that cannot score',
      withScore(() => Promise.reject(new VetoError('model_unavailable', 'broken', { retryable: true }))),
    ],
    ['that does not answer in time', withScore(() => never)],
    ['that answers with no number', withScore(() => Promise.resolve(new Float64Array([NaN])))],
    ['that answers with no probability', withScore(() => Promise.resolve(new Float64Array([1.2])))],
    ['that answers about too few', withScore(() => Promise.resolve(new Float64Array(0)))],
  ])('%s is named as silent, and the payment is decided without it', async (_, scorer) => {
    expect(await silentStagesOf({ scorer, deadlineMs: 40, stopwatch: standingStill })).toEqual(['model']);
  });

  it('that makes a mistake of our own is not taken for a silent one', async () => {
    const line = await aLine({ scorer: withScore(() => Promise.reject(new TypeError('x is undefined'))) });
    await expect(scoreTransactions(line, [anArrival('t_1')])).rejects.toThrow('x is undefined');
  });

  it('is not asked about a payment whose deadline has passed', async () => {
    let askedCount = 0;
    const scorer = withScore((vectors) => {
      askedCount += vectors.length;
      return Promise.resolve(new Float64Array(vectors.length).fill(0.3));
    });
    const line = await aLine({ scorer });
    const words = await scoreWithDeadline(line, [
      { vector, leftMs: 0 },
      { vector, leftMs: 100 },
      { vector, leftMs: -5 },
    ]);
    expect(words).toEqual([
      { silent: ['model', 'deadline'] },
      { score: 0.3 },
      { silent: ['model', 'deadline'] },
    ]);
    expect(askedCount).toBe(1);
  });
});

describe('the time that a payment waited before the line', () => {
  it('counts against its deadline', async () => {
    const line = await aLine({ scorer: aScorer(() => 0.001), stopwatch: standingStill });
    const arrivals = [
      anArrival('t_1', {}, { parseMs: 30, waitedMs: 30, deadlineMs: 50 }),
      anArrival('t_2', {}, { deadlineMs: 5_000 }),
    ];
    const scored = await scoreTransactions(line, arrivals);
    expect(scored.map((one) => (one.status === 'decided' ? one.record.decision.degraded : null))).toEqual([
      ['model', 'deadline'],
      [],
    ]);
  });
});
