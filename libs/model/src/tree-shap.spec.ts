import fc from 'fast-check';
import { bruteForceShapley, expectedGiven } from './oracle/brute-force-shapley';
import { treesAndVector } from './random-trees.spec-support';
import { LEAF, marginOf, type TreeEnsemble } from './tree-ensemble';
import { TABLED_SPLIT_COUNT_MAX, TreeShap } from './tree-shap';

/** amount < 100 → 0 (30 rows), else night < 1 → 1 (6 rows), else 3 (4 rows). */
const SMALL: TreeEnsemble = {
  featureCount: 2,
  baseMargin: -2,
  calibration: { a: 1, b: 0 },
  roots: Int32Array.of(0),
  feature: Int32Array.of(0, LEAF, 1, LEAF, LEAF),
  threshold: Float32Array.of(100, 0, 1, 0, 0),
  left: Int32Array.of(1, LEAF, 3, LEAF, LEAF),
  right: Int32Array.of(2, LEAF, 4, LEAF, LEAF),
  defaultLeft: Uint8Array.of(1, 0, 0, 0, 0),
  cover: Float32Array.of(40, 30, 10, 6, 4),
  value: Float32Array.of(0, 0, 0, 1, 3),
};

function largestDifference(a: Float64Array, b: Float64Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

describe('a large payment at night, by one small tree', () => {
  const { margin, contributions } = new TreeShap(SMALL).explain(Float64Array.of(250, 1));

  it('has the margin of its leaf', () => {
    expect(margin).toBe(-2 + 3);
  });

  it('is compared with the average over the training rows', () => {
    // (30 · 0 + 6 · 1 + 4 · 3) / 40 = 0.45
    expect(new TreeShap(SMALL).expectedMargin).toBeCloseTo(-2 + 0.45, 12);
  });

  it('owes its margin to the amount and the hour as worked out by hand', () => {
    // Worth of what is known: nothing 0.45; amount 0.6 · 1 + 0.4 · 3 = 1.8; night 0.25 · 3 = 0.75; both 3.
    // amount: ½ (1.8 − 0.45) + ½ (3 − 0.75) = 1.8; night: ½ (0.75 − 0.45) + ½ (3 − 1.8) = 0.75; together 3 − 0.45.
    expect(contributions[0]).toBeCloseTo(1.8, 12);
    expect(contributions[1]).toBeCloseTo(0.75, 12);
  });
});

describe('an explanation', () => {
  it('equals the definition over all subsets of features, for trees that fit into tables', () => {
    fc.assert(
      fc.property(treesAndVector({ featureCount: 5, depthMax: 4 }), ({ trees, vector }) => {
        const { contributions } = new TreeShap(trees).explain(vector);
        expect(largestDifference(contributions, bruteForceShapley(trees, vector))).toBeLessThan(1e-12);
      }),
      { numRuns: 100, seed: 4 },
    );
  });

  it('equals the definition over all subsets of features, for paths too long for a table', () => {
    let untabledCount = 0;
    fc.assert(
      fc.property(
        treesAndVector({ featureCount: 6, depthMax: TABLED_SPLIT_COUNT_MAX + 3 }),
        ({ trees, vector }) => {
          if (longestPath(trees) > TABLED_SPLIT_COUNT_MAX) untabledCount++;
          const { contributions } = new TreeShap(trees).explain(vector);
          expect(largestDifference(contributions, bruteForceShapley(trees, vector))).toBeLessThan(1e-12);
        },
      ),
      { numRuns: 12, seed: 5 },
    );
    expect(untabledCount).toBeGreaterThan(3);
  });

  it('adds up from the average margin to the margin of the trees', () => {
    fc.assert(
      fc.property(treesAndVector({ featureCount: 8, depthMax: 6 }), ({ trees, vector }) => {
        const shap = new TreeShap(trees);
        const { margin, contributions } = shap.explain(vector);
        expect(margin).toBeCloseTo(marginOf(trees, vector), 12);
        expect(shap.expectedMargin).toBeCloseTo(expectedGiven(trees, vector, new Set()), 12);
        const sum = contributions.reduce((total, part) => total + part, shap.expectedMargin);
        expect(sum).toBeCloseTo(margin, 10);
      }),
      { numRuns: 60, seed: 6 },
    );
  });

  it('does not remember the vector before', () => {
    const shap = new TreeShap(SMALL);
    const first = shap.explain(Float64Array.of(250, 1));
    shap.explain(Float64Array.of(NaN, NaN));
    expect(shap.explain(Float64Array.of(250, 1))).toEqual(first);
  });

  it('compares as float32: a value that rounds to the threshold is not below it', () => {
    const justBelow = 100 - 1e-9;
    expect(Math.fround(justBelow)).toBe(100);
    expect(new TreeShap(SMALL).explain(Float64Array.of(justBelow, 1)).margin).toBe(1);
  });
});

function longestPath(trees: TreeEnsemble): number {
  const below = (node: number): number =>
    trees.feature[node] === LEAF ? 0 : 1 + Math.max(below(trees.left[node]!), below(trees.right[node]!));
  return Math.max(...Array.from(trees.roots, below));
}
