import fc from 'fast-check';
import type { ModelScorer } from '@veto/domain';
import { describeGuarantees, type Disposable, type Guarantee } from './guarantee';

/** A way in which an artifact can differ from what its manifest, or this build, says. */
export const MODEL_DAMAGES = ['model_bytes', 'feature_order', 'features_hash', 'golden_scores'] as const;
export type ModelDamage = (typeof MODEL_DAMAGES)[number];

export interface ModelScorerUnderTest extends Disposable {
  readonly scorer: ModelScorer;
  /** Loads a copy of the artifact that has this one thing wrong with it. */
  readonly loadDamaged: (damage: ModelDamage) => Promise<ModelScorer>;
}

/** What the refusal of each damage must at least name. */
const NAMED_BY_REFUSAL: Readonly<Record<ModelDamage, RegExp>> = {
  model_bytes: /sha-?256/i,
  feature_order: /feature/i,
  features_hash: /hash/i,
  golden_scores: /golden/i,
};

const RUNS = 50;
const ROW_COUNT_MAX = 40;

/** Ordinary values, missing ones, zeros and the edges of what a double holds. */
function vectors(width: number): fc.Arbitrary<Float64Array> {
  const value = fc.oneof(
    { weight: 6, arbitrary: fc.double({ min: -10_000, max: 10_000, noNaN: true }) },
    { weight: 2, arbitrary: fc.constant(Number.NaN) },
    { weight: 1, arbitrary: fc.constantFrom(0, -0, 1, 1e-300) },
    { weight: 1, arbitrary: fc.double({ noDefaultInfinity: true, noNaN: true }) },
  );
  return fc.array(value, { minLength: width, maxLength: width }).map((values) => Float64Array.from(values));
}

function batches(scorer: ModelScorer): fc.Arbitrary<Float64Array[]> {
  return fc.array(vectors(scorer.manifest.features.length), { minLength: 1, maxLength: ROW_COUNT_MAX });
}

export const modelScorerGuarantees: readonly Guarantee<ModelScorerUnderTest>[] = [
  {
    id: 'MS1',
    title: 'scores every vector of the declared width in [0, 1], missing values included',
    check: async ({ scorer }) => {
      const allMissing = new Float64Array(scorer.manifest.features.length).fill(Number.NaN);
      const property = fc.asyncProperty(batches(scorer), async (batch) => {
        const scores = await scorer.score([...batch, allMissing]);
        expect(scores).toHaveLength(batch.length + 1);
        for (const score of scores) {
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(1);
        }
      });
      await fc.assert(property, { numRuns: RUNS });
    },
  },
  {
    id: 'MS2',
    title: 'gives each row of a batch the score that it gets alone',
    check: async ({ scorer }) => {
      expect(await scorer.score([])).toHaveLength(0);
      const property = fc.asyncProperty(batches(scorer), async (batch) => {
        const together = await scorer.score(batch);
        const alone: number[] = [];
        for (const vector of batch) alone.push(...(await scorer.score([vector])));
        expect([...together]).toEqual(alone);
      });
      await fc.assert(property, { numRuns: RUNS });
    },
  },
  {
    id: 'MS3',
    title: 'explains a score by contributions that sum to it',
    check: async ({ scorer }) => {
      const property = fc.asyncProperty(vectors(scorer.manifest.features.length), async (vector) => {
        const { base, contributions, score } = scorer.explain(vector);
        expect(contributions).toHaveLength(vector.length);
        const sum = contributions.reduce((total, contribution) => total + contribution, base);
        expect(Math.abs(sum - score)).toBeLessThanOrEqual(1e-6);
        const [scored = Number.NaN] = await scorer.score([vector]);
        expect(Math.abs(score - scored)).toBeLessThanOrEqual(1e-5);
      });
      await fc.assert(property, { numRuns: RUNS });
    },
  },
  {
    id: 'MS4',
    title: 'refuses an artifact that differs, and says what differs',
    check: async ({ loadDamaged }) => {
      for (const damage of MODEL_DAMAGES) {
        const refusal = await loadDamaged(damage).then(
          () => null,
          (error: unknown) => error,
        );
        expect({ damage, refusal }).toMatchObject({ damage, refusal: { code: 'model_rejected' } });
        expect((refusal as Error).message).toMatch(NAMED_BY_REFUSAL[damage]);
      }
    },
  },
];

/** One test for each guarantee of `ModelScorer`, on a fresh scorer each. */
export function modelScorerConformance(name: string, factory: () => Promise<ModelScorerUnderTest>): void {
  describeGuarantees(name, modelScorerGuarantees, factory);
}
