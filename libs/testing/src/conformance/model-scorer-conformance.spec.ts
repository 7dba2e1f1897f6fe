import { VetoError, type Explanation, type ModelManifest, type ModelScorer } from '@veto/domain';
import {
  modelScorerConformance,
  modelScorerGuarantees,
  type ModelDamage,
  type ModelScorerUnderTest,
} from './model-scorer-conformance';

const MANIFEST = { id: 'sum', version: '1', features: ['a', 'b', 'c'] } as unknown as ModelManifest;
const BASE = 0.2;

const present = (value: number): number => (Number.isNaN(value) ? 0 : Math.tanh(value));
const contributionsOf = (vector: Float64Array): Float64Array => vector.map((value) => present(value) / 20);

/** A model small enough to be seen to be right: 0.2 and a twentieth of each bounded value. */
class SumScorer implements ModelScorer {
  readonly manifest = MANIFEST;

  score(vectors: readonly Float64Array[]): Promise<Float64Array> {
    return Promise.resolve(Float64Array.from(vectors, (vector) => this.explain(vector).score));
  }

  explain(vector: Float64Array): Explanation {
    const contributions = contributionsOf(vector);
    return { score: contributions.reduce((sum, c) => sum + c, BASE), base: BASE, contributions };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const WHAT_DIFFERS: Readonly<Record<ModelDamage, string>> = {
  model_bytes: 'its SHA-256 is another',
  feature_order: 'feature 2 is another',
  features_hash: 'the hash of the features is another',
  golden_scores: 'golden row 4 scores otherwise',
};

function underTest(
  scorer: ModelScorer,
  refuse = (damage: ModelDamage) => WHAT_DIFFERS[damage],
): ModelScorerUnderTest {
  return {
    scorer,
    loadDamaged: (damage) => Promise.reject(new VetoError('model_rejected', refuse(damage))),
    dispose: () => Promise.resolve(),
  };
}

modelScorerConformance('a sum', () => Promise.resolve(underTest(new SumScorer())));

/** For each guarantee a scorer that breaks it, and as little else as can be. */
const BREAKERS: Readonly<Record<string, () => ModelScorerUnderTest>> = {
  MS1: () =>
    underTest(
      new (class extends SumScorer {
        override score(vectors: readonly Float64Array[]): Promise<Float64Array> {
          return Promise.resolve(
            Float64Array.from(vectors, (vector) => vector.reduce((sum, value) => sum + value / 20, BASE)),
          );
        }
      })(),
    ),
  MS2: () =>
    underTest(
      new (class extends SumScorer {
        override async score(vectors: readonly Float64Array[]): Promise<Float64Array> {
          const scores = await super.score(vectors);
          return vectors.length > 1 ? scores.map((score) => score + 1e-12) : scores;
        }
      })(),
    ),
  MS3: () =>
    underTest(
      new (class extends SumScorer {
        override explain(vector: Float64Array): Explanation {
          const explanation = super.explain(vector);
          return {
            ...explanation,
            contributions: explanation.contributions.map((c, i) => (i === 0 ? c + 1e-5 : c)),
          };
        }
      })(),
    ),
  MS4: () => underTest(new SumScorer(), () => 'it does not please'),
};

describe('the suite of the model scorer', () => {
  it.each(modelScorerGuarantees)('sees when $id is broken', async ({ id, check }) => {
    const breaker = BREAKERS[id];
    expect(breaker).toBeDefined();
    await expect(check(breaker!())).rejects.toThrow();
  });
});
