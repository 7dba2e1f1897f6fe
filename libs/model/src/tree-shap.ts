import { leafPathsOf, type LeafPaths } from './leaf-paths';
import { leafShares } from './leaf-shares';
import type { TreeEnsemble } from './tree-ensemble';

/**
 * Leaves with at most this many conditions have all their possible shares computed when the model is loaded: 2^6 · 6
 * numbers of 8 bytes, 3 kB a leaf at most. Leaves with more are computed when they are asked for.
 */
export const TABLED_CONDITION_COUNT_MAX = 6;

/** Log odds of one vector and the part of each feature in them. */
export interface MarginExplanation {
  readonly margin: number;
  /** [F]; expectedMargin + Σ contributions = margin. */
  readonly contributions: Float64Array;
}

/**
 * Exact path-dependent TreeSHAP (Lundberg et al. 2018, algorithm 2) over one model, in log odds.
 *
 * The algorithm's result splits into one sum for each leaf, in which a leaf's value is shared among the features on
 * its path, and the shares depend on the vector only through *which* of these conditions it meets. With d of them
 * there are 2^d possibilities, so at load every leaf gets a table of its shares, and explaining is d comparisons and
 * d additions a leaf.
 */
export class TreeShap {
  /** Log odds of an average training payment. */
  readonly expectedMargin: number;
  readonly #baseMargin: number;
  readonly #featureCount: number;
  readonly #paths: LeafPaths;
  /** Start of each leaf's table in `#shares`, or −1 where it has none. */
  readonly #tableStarts: Int32Array;
  readonly #shares: Float64Array;
  /** Of each condition, whether the vector at hand meets it. */
  readonly #holds: Uint8Array;
  readonly #untabled: Float64Array;

  constructor(trees: TreeEnsemble) {
    this.#paths = leafPathsOf(trees);
    this.#baseMargin = trees.baseMargin;
    this.#holds = new Uint8Array(this.#paths.conditions.low.length);
    this.#featureCount = trees.featureCount;
    this.#untabled = new Float64Array(this.#paths.conditionCountMax);
    this.#tableStarts = tableStartsOf(this.#paths);
    this.#shares = tablesOf(this.#paths, this.#tableStarts);
    this.expectedMargin = expectedMarginOf(this.#paths, trees.baseMargin);
  }

  /** @param vector [F], NaN = missing. Allocates nothing but its result. */
  explain(vector: Float64Array): MarginExplanation {
    this.#askConditions(vector);
    const { starts, value, feature } = this.#paths;
    const contributions = new Float64Array(this.#featureCount);
    let margin = this.#baseMargin;
    for (let leaf = 0; leaf < value.length; leaf++) {
      const start = starts[leaf]!;
      const count = starts[leaf + 1]! - start;
      const met = this.#metOf(start, count);
      if (met === (1 << count) - 1) margin += value[leaf]!;
      const table = this.#tableStarts[leaf]!;
      const shares = table >= 0 ? this.#shares : this.#untabled;
      const at = table >= 0 ? table + met * count : 0;
      if (table < 0) leafShares(this.#paths, { leaf, met, out: shares, at });
      for (let i = 0; i < count; i++) contributions[feature[start + i]!]! += shares[at + i]!;
    }
    return { margin, contributions };
  }

  /** Answers every condition of the model once. Values are compared as float32, as the graph compares them. */
  #askConditions(vector: Float64Array): void {
    const { starts, low, high, missing } = this.#paths.conditions;
    for (let f = 0; f < this.#featureCount; f++) {
      const x = Math.fround(vector[f]!);
      const end = starts[f + 1]!;
      if (Number.isNaN(x)) for (let c = starts[f]!; c < end; c++) this.#holds[c] = missing[c]!;
      else for (let c = starts[f]!; c < end; c++) this.#holds[c] = Number(x >= low[c]! && !(x >= high[c]!));
    }
  }

  /** One bit for each condition of a leaf that holds. */
  #metOf(start: number, count: number): number {
    const { condition } = this.#paths;
    let met = 0;
    for (let i = 0; i < count; i++) met |= this.#holds[condition[start + i]!]! << i;
    return met;
  }
}

function tableStartsOf(paths: LeafPaths): Int32Array {
  const tableStarts = new Int32Array(paths.value.length);
  let end = 0;
  for (let leaf = 0; leaf < tableStarts.length; leaf++) {
    const count = paths.starts[leaf + 1]! - paths.starts[leaf]!;
    const tabled = count <= TABLED_CONDITION_COUNT_MAX;
    tableStarts[leaf] = tabled ? end : -1;
    if (tabled) end += 2 ** count * count;
  }
  return tableStarts;
}

function tablesOf(paths: LeafPaths, tableStarts: Int32Array): Float64Array {
  let size = 0;
  for (let leaf = 0; leaf < tableStarts.length; leaf++) {
    const count = paths.starts[leaf + 1]! - paths.starts[leaf]!;
    if (tableStarts[leaf]! >= 0) size = tableStarts[leaf]! + 2 ** count * count;
  }
  const shares = new Float64Array(size);
  for (let leaf = 0; leaf < tableStarts.length; leaf++) {
    const count = paths.starts[leaf + 1]! - paths.starts[leaf]!;
    const start = tableStarts[leaf]!;
    if (start < 0) continue;
    for (let met = 0; met < 2 ** count; met++) leafShares(paths, { leaf, met, out: shares, at: start + met * count });
  }
  return shares;
}

/** A vector of which nothing is known falls into each leaf as often as the training rows did. */
function expectedMarginOf(paths: LeafPaths, baseMargin: number): number {
  let expected = baseMargin;
  for (let leaf = 0; leaf < paths.value.length; leaf++) {
    let probability = 1;
    for (let at = paths.starts[leaf]!; at < paths.starts[leaf + 1]!; at++) probability *= paths.weight[at]!;
    expected += paths.value[leaf]! * probability;
  }
  return expected;
}
