import fc from 'fast-check';
import { probabilityOf } from './calibration';
import { Explainer } from './explainer';
import { treesAndVector } from './random-trees.spec-support';
import { LEAF, marginOf, type TreeEnsemble } from './tree-ensemble';

/** One split into −1 (3 rows) and `right` (1 row). */
function stump(right: number): TreeEnsemble {
  return {
    featureCount: 2,
    baseMargin: 0,
    calibration: { a: 2, b: 1 },
    roots: Int32Array.of(0),
    feature: Int32Array.of(1, LEAF, LEAF),
    threshold: Float32Array.of(5, 0, 0),
    left: Int32Array.of(1, LEAF, LEAF),
    right: Int32Array.of(2, LEAF, LEAF),
    defaultLeft: Uint8Array.of(1, 0, 0),
    cover: Float32Array.of(4, 3, 1),
    value: Float32Array.of(0, -1, right),
  };
}

describe('an explained score', () => {
  it('is the calibrated margin, and its base the calibrated average margin', () => {
    const { score, base, contributions } = new Explainer(stump(3)).explain(Float64Array.of(0, 9));
    // margin 3; average (3 · −1 + 1 · 3) / 4 = 0; p = 1 / (1 + e^−(2 m + 1))
    expect(score).toBeCloseTo(1 / (1 + Math.exp(-7)), 12);
    expect(base).toBeCloseTo(1 / (1 + Math.exp(-1)), 12);
    expect(Array.from(contributions)).toEqual([0, expect.closeTo(score - base, 12)]);
  });

  it('is base plus contributions, whatever the trees', () => {
    fc.assert(
      fc.property(treesAndVector({ featureCount: 6, depthMax: 6 }), ({ trees, vector }) => {
        const { score, base, contributions } = new Explainer(trees).explain(vector);
        expect(contributions.reduce((sum, part) => sum + part, base)).toBeCloseTo(score, 9);
        expect(score).toBeCloseTo(probabilityOf(marginOf(trees, vector), trees.calibration), 12);
      }),
      { numRuns: 100, seed: 7 },
    );
  });

  it('keeps contributions that cancel out when the score is the average score', () => {
    // Two stumps on two features, +1 and −1 in equal parts: a vector that is +1 by one and −1 by the other is average.
    const trees: TreeEnsemble = {
      ...stump(0),
      roots: Int32Array.of(0, 3),
      feature: Int32Array.of(0, LEAF, LEAF, 1, LEAF, LEAF),
      threshold: Float32Array.of(5, 0, 0, 5, 0, 0),
      left: Int32Array.of(1, LEAF, LEAF, 4, LEAF, LEAF),
      right: Int32Array.of(2, LEAF, LEAF, 5, LEAF, LEAF),
      defaultLeft: Uint8Array.of(1, 0, 0, 1, 0, 0),
      cover: Float32Array.of(4, 2, 2, 4, 2, 2),
      value: Float32Array.of(0, -1, 1, 0, -1, 1),
    };
    const { score, base, contributions } = new Explainer(trees).explain(Float64Array.of(9, 1));
    expect(score).toBe(base);
    // slope a · p (1 − p) at p = sigmoid(1), times ±1
    const slope = 2 * base * (1 - base);
    expect(Array.from(contributions)).toEqual([expect.closeTo(slope, 12), expect.closeTo(-slope, 12)]);
  });
});
