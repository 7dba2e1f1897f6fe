import fc from 'fast-check';
import { LEAF, type TreeEnsemble } from './tree-ensemble';

/** One node of a drawn tree; covers are whole numbers, so that float32 adds them exactly. */
type DrawnTree =
  | { readonly value: number; readonly cover: number }
  | {
      readonly feature: number;
      readonly threshold: number;
      readonly defaultLeft: boolean;
      readonly left: DrawnTree;
      readonly right: DrawnTree;
    };

const coverOf = (tree: DrawnTree): number =>
  'cover' in tree ? tree.cover : coverOf(tree.left) + coverOf(tree.right);

/** Thresholds −2 … 2: few enough that paths split on one feature again and again, and that vectors hit them exactly. */
function drawnTree(featureCount: number, depthMax: number): fc.Arbitrary<DrawnTree> {
  const leaf = fc.record({
    value: fc.integer({ min: -8, max: 8 }).map((n) => n / 8),
    cover: fc.integer({ min: 1, max: 50 }),
  });
  if (depthMax === 0) return leaf;
  const below = drawnTree(featureCount, depthMax - 1);
  const inner = fc.record({
    feature: fc.nat(featureCount - 1),
    threshold: fc.integer({ min: -2, max: 2 }),
    defaultLeft: fc.boolean(),
    left: below,
    right: below,
  });
  return fc.oneof({ weight: 1, arbitrary: leaf }, { weight: 5, arbitrary: inner });
}

/** Flat arrays of drawn trees. */
function ensembleOf(featureCount: number, trees: readonly DrawnTree[]): TreeEnsemble {
  const roots: number[] = [];
  const nodes: {
    feature: number;
    threshold: number;
    left: number;
    right: number;
    defaultLeft: number;
    cover: number;
    value: number;
  }[] = [];
  const add = (tree: DrawnTree): number => {
    const at = nodes.length;
    const leaf = { feature: LEAF, threshold: 0, left: LEAF, right: LEAF, defaultLeft: 0, value: 0 };
    nodes.push({ ...leaf, cover: coverOf(tree) });
    if ('cover' in tree) nodes[at] = { ...leaf, value: tree.value, cover: tree.cover };
    else {
      const { feature, threshold } = tree;
      const children = { left: add(tree.left), right: add(tree.right) };
      nodes[at] = {
        feature,
        threshold,
        ...children,
        defaultLeft: Number(tree.defaultLeft),
        cover: coverOf(tree),
        value: 0,
      };
    }
    return at;
  };
  for (const tree of trees) roots.push(add(tree));
  return {
    featureCount,
    baseMargin: -1.5,
    calibration: { a: 1.25, b: -0.5 },
    roots: Int32Array.from(roots),
    feature: Int32Array.from(nodes, (node) => node.feature),
    threshold: Float32Array.from(nodes, (node) => node.threshold),
    left: Int32Array.from(nodes, (node) => node.left),
    right: Int32Array.from(nodes, (node) => node.right),
    defaultLeft: Uint8Array.from(nodes, (node) => node.defaultLeft),
    cover: Float32Array.from(nodes, (node) => node.cover),
    value: Float32Array.from(nodes, (node) => node.value),
  };
}

/** One to three trees and a vector that may miss values, hit thresholds exactly, or be infinite. */
export function treesAndVector(o: {
  readonly featureCount: number;
  readonly depthMax: number;
}): fc.Arbitrary<{ trees: TreeEnsemble; vector: Float64Array }> {
  const value = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(NaN, Infinity, -Infinity, -0, 0.5));
  return fc
    .record({
      trees: fc.array(drawnTree(o.featureCount, o.depthMax), { minLength: 1, maxLength: 3 }),
      vector: fc.array(value, { minLength: o.featureCount, maxLength: o.featureCount }),
    })
    .map(({ trees, vector }) => ({
      trees: ensembleOf(o.featureCount, trees),
      vector: Float64Array.from(vector),
    }));
}
