import { groupRow, leafGroupsOf, type LeafGroup } from './leaf-groups';
import { askSplits, splitsOf, type Splits } from './splits';
import type { TreeEnsemble } from './tree-ensemble';

/**
 * Groups of leaves with at most this many questions have the rows for all 2^6 answers computed when the model is
 * loaded: 64 · 7 numbers of 8 bytes, 3.6 kB a group at most. A tree of depth 5 is eight groups or fewer.
 */
export const TABLED_SPLIT_COUNT_MAX = 6;

/** Log odds of one vector and the part of each feature in them. */
export interface MarginExplanation {
  readonly margin: number;
  /** [F]; expectedMargin + Σ contributions = margin. */
  readonly contributions: Float64Array;
}

/**
 * Exact path-dependent TreeSHAP (Lundberg et al. 2018, algorithm 2) over one model, in log odds.
 *
 * The algorithm's result is a sum over leaves, and what a leaf contributes depends on the vector only through the
 * answers to the splits on its path. So at load the leaves are cut into groups with few questions, every group gets a
 * table with one row for each possible set of answers, and explaining is: answer every question of the model once,
 * then look up and add one row a group. Deeper leaves, whose tables would be too large, get their row computed.
 */
export class TreeShap {
  /** Log odds of an average training payment. */
  readonly expectedMargin: number;
  readonly #baseMargin: number;
  readonly #featureCount: number;
  readonly #splits: Splits;
  readonly #tables: GroupTables;
  readonly #untabled: readonly LeafGroup[];
  readonly #goesLeft: Uint8Array;
  readonly #row: Float64Array;

  constructor(trees: TreeEnsemble) {
    this.#splits = splitsOf(trees);
    const groups = leafGroupsOf(trees, this.#splits, TABLED_SPLIT_COUNT_MAX);
    const tabled = groups.filter((group) => group.splits.length <= TABLED_SPLIT_COUNT_MAX);
    this.#untabled = groups.filter((group) => group.splits.length > TABLED_SPLIT_COUNT_MAX);
    this.#tables = tablesOf(tabled);
    this.#goesLeft = new Uint8Array(this.#splits.count);
    this.#row = new Float64Array(
      1 + groups.reduce((most, group) => Math.max(most, group.features.length), 0),
    );
    this.#baseMargin = trees.baseMargin;
    this.#featureCount = trees.featureCount;
    this.expectedMargin = groups.reduce((sum, group) => sum + expectedValueOf(group), trees.baseMargin);
  }

  /** @param vector [F], NaN = missing. Allocates nothing but its result. */
  explain(vector: Float64Array): MarginExplanation {
    askSplits(this.#splits, vector, this.#goesLeft);
    const contributions = new Float64Array(this.#featureCount);
    const margin = this.#baseMargin + this.#addTabled(contributions) + this.#addUntabled(contributions);
    return { margin, contributions };
  }

  /** @returns the sum of the values of the leaves that are reached */
  #addTabled(contributions: Float64Array): number {
    const { splitStarts, splits, featureStarts, features, tableStarts, rows } = this.#tables;
    const goesLeft = this.#goesLeft;
    let value = 0;
    for (let group = 0; group < tableStarts.length; group++) {
      const firstSplit = splitStarts[group]!;
      const splitCount = splitStarts[group + 1]! - firstSplit;
      let key = 0;
      for (let i = 0; i < splitCount; i++) key |= goesLeft[splits[firstSplit + i]!]! << i;
      const firstFeature = featureStarts[group]!;
      const featureCount = featureStarts[group + 1]! - firstFeature;
      const row = tableStarts[group]! + key * (featureCount + 1);
      value += rows[row]!;
      for (let i = 0; i < featureCount; i++)
        contributions[features[firstFeature + i]!]! += rows[row + 1 + i]!;
    }
    return value;
  }

  #addUntabled(contributions: Float64Array): number {
    let value = 0;
    for (const group of this.#untabled) {
      let key = 0;
      for (let i = 0; i < group.splits.length; i++) key |= this.#goesLeft[group.splits[i]!]! << i;
      groupRow(group, key, this.#row, 0);
      value += this.#row[0]!;
      for (let i = 0; i < group.features.length; i++) contributions[group.features[i]!]! += this.#row[1 + i]!;
    }
    return value;
  }
}

/** All groups in flat arrays; a group's table has 2^splits rows of 1 + features numbers, as `groupRow` writes them. */
interface GroupTables {
  readonly splitStarts: Int32Array;
  readonly splits: Int32Array;
  readonly featureStarts: Int32Array;
  readonly features: Int32Array;
  readonly tableStarts: Int32Array;
  readonly rows: Float64Array;
}

function tablesOf(groups: readonly LeafGroup[]): GroupTables {
  const sizes = groups.map((group) => 2 ** group.splits.length * (1 + group.features.length));
  const ends = startsOf(sizes);
  const rows = new Float64Array(ends[groups.length]!);
  groups.forEach((group, i) => {
    const width = 1 + group.features.length;
    for (let key = 0; key < 2 ** group.splits.length; key++)
      groupRow(group, key, rows, ends[i]! + key * width);
  });
  return {
    splitStarts: startsOf(groups.map((group) => group.splits.length)),
    splits: Int32Array.from(groups.flatMap((group) => group.splits)),
    featureStarts: startsOf(groups.map((group) => group.features.length)),
    features: Int32Array.from(groups.flatMap((group) => group.features)),
    tableStarts: ends.subarray(0, groups.length),
    rows,
  };
}

/** A vector of which nothing is known falls into each leaf as often as the training rows did. */
function expectedValueOf(group: LeafGroup): number {
  return group.leaves.reduce(
    (sum, leaf) => sum + leaf.value * leaf.weights.reduce((share, w) => share * w, 1),
    0,
  );
}

/** Running sums from 0: [2, 3] → 0, 2, 5. */
function startsOf(counts: readonly number[]): Int32Array {
  const starts = new Int32Array(counts.length + 1);
  counts.forEach((count, i) => {
    starts[i + 1] = starts[i]! + count;
  });
  return starts;
}
