import { LEAF, type TreeEnsemble } from './tree-ensemble';

/**
 * What the trees ask of features, each question once however many nodes ask it: does the vector go left here? The
 * questions about feature `f` are at `starts[f] … starts[f + 1]`, by rising threshold.
 */
export interface Splits {
  readonly count: number;
  readonly starts: Int32Array;
  readonly threshold: Float32Array;
  readonly defaultLeft: Uint8Array;
  /** Question of each node; −1 at a leaf. */
  readonly ofNode: Int32Array;
}

/** The questions of all inner nodes. */
export function splitsOf(trees: TreeEnsemble): Splits {
  const inner = Array.from(trees.feature.keys()).filter((node) => trees.feature[node] !== LEAF);
  const keyOf = (node: number): string =>
    `${trees.feature[node]} ${trees.threshold[node]} ${trees.defaultLeft[node]}`;
  const asking = [...new Map(inner.map((node) => [keyOf(node), node])).values()].sort(
    (a, b) => trees.feature[a]! - trees.feature[b]! || trees.threshold[a]! - trees.threshold[b]!,
  );
  const positions = new Map(asking.map((node, i) => [keyOf(node), i]));
  const starts = new Int32Array(trees.featureCount + 1);
  for (const node of asking) starts[trees.feature[node]! + 1]!++;
  for (let f = 0; f < trees.featureCount; f++) starts[f + 1]! += starts[f]!;
  return {
    count: asking.length,
    starts,
    threshold: Float32Array.from(asking, (node) => trees.threshold[node]!),
    defaultLeft: Uint8Array.from(asking, (node) => trees.defaultLeft[node]!),
    ofNode: Int32Array.from(trees.feature, (_, node) => positions.get(keyOf(node)) ?? -1),
  };
}

/**
 * Answers every question once, into `goesLeft`. Values are compared as float32, as the graph compares them.
 * @param vector [F], NaN = missing
 */
export function askSplits(splits: Splits, vector: Float64Array, goesLeft: Uint8Array): void {
  const { starts, threshold, defaultLeft } = splits;
  for (let f = 0; f < vector.length; f++) {
    const x = Math.fround(vector[f]!);
    const end = starts[f + 1]!;
    if (Number.isNaN(x)) for (let s = starts[f]!; s < end; s++) goesLeft[s] = defaultLeft[s]!;
    else for (let s = starts[f]!; s < end; s++) goesLeft[s] = Number(x < threshold[s]!);
  }
}
