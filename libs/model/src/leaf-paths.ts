import { demand } from './refuse';
import { LEAF, type TreeEnsemble } from './tree-ensemble';

/** More conditions than this on one path cannot be told apart by the bits of one integer. */
export const CONDITION_COUNT_MAX = 30;

/**
 * Every leaf as the conditions that lead to it, one for each *different* feature on its path: a feature that is split
 * on twice is one interval. The conditions of leaf `i` are at `starts[i] … starts[i + 1]` of `condition` and `weight`.
 */
export interface LeafPaths {
  /** Log odds that each leaf adds. */
  readonly value: Float64Array;
  readonly starts: Int32Array;
  /** Which of the model's conditions. */
  readonly condition: Int32Array;
  /** The condition's feature. */
  readonly feature: Int32Array;
  /** Share of training weight that passes: the product of the cover ratios of the feature's splits, in (0, 1]. */
  readonly weight: Float64Array;
  /** Conditions of the leaf that has most. */
  readonly conditionCountMax: number;
  readonly conditions: Conditions;
}

/**
 * What leaves ask of features, each question once however many leaves ask it; the questions about feature `f` are at
 * `starts[f] … starts[f + 1]`, by rising lower bound.
 */
export interface Conditions {
  readonly starts: Int32Array;
  /** Holds where value ≥ low; −∞ where there is no bound. */
  readonly low: Float64Array;
  /** Holds where value < high; NaN where there is no bound, since no value is ≥ NaN and +∞ then passes too. */
  readonly high: Float64Array;
  /** 1 where a missing value passes. */
  readonly missing: Uint8Array;
}

interface Condition {
  readonly feature: number;
  readonly low: number;
  readonly high: number;
  readonly missing: boolean;
}

interface Step {
  readonly condition: Condition;
  readonly weight: number;
}

interface Leaf {
  readonly value: number;
  readonly steps: readonly Step[];
}

/**
 * All leaves of all trees, tree by tree.
 * @throws VetoError model_rejected when a path looks at more than `CONDITION_COUNT_MAX` features
 */
export function leafPathsOf(trees: TreeEnsemble): LeafPaths {
  const leaves = Array.from(trees.roots).flatMap((root) => leavesBelow(trees, root));
  const conditionCountMax = leaves.reduce((most, leaf) => Math.max(most, leaf.steps.length), 0);
  demand(
    conditionCountMax <= CONDITION_COUNT_MAX,
    `a path of the trees looks at ${conditionCountMax} features; at most ${CONDITION_COUNT_MAX} can be explained`,
  );
  const steps = leaves.flatMap((leaf) => leaf.steps);
  const distinct = distinctConditions(steps);
  const positions = new Map(distinct.map((condition, i) => [keyOf(condition), i]));
  return {
    value: Float64Array.from(leaves, (leaf) => leaf.value),
    starts: startsOf(leaves.map((leaf) => leaf.steps.length)),
    condition: Int32Array.from(steps, (step) => positions.get(keyOf(step.condition))!),
    feature: Int32Array.from(steps, (step) => step.condition.feature),
    weight: Float64Array.from(steps, (step) => step.weight),
    conditionCountMax,
    conditions: {
      starts: startsOf(countsByFeature(distinct, trees.featureCount)),
      low: Float64Array.from(distinct, (condition) => condition.low),
      high: Float64Array.from(distinct, (condition) => condition.high),
      missing: Uint8Array.from(distinct, (condition) => (condition.missing ? 1 : 0)),
    },
  };
}

function leavesBelow(trees: TreeEnsemble, root: number): Leaf[] {
  const leaves: Leaf[] = [];
  const waiting: { node: number; steps: readonly Step[] }[] = [{ node: root, steps: [] }];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const { node, steps } = at;
    if (trees.feature[node] === LEAF) leaves.push({ value: trees.value[node]!, steps });
    else {
      for (const side of ['right', 'left'] as const) {
        waiting.push({ node: trees[side][node]!, steps: withSplit(trees, { node, side, steps }) });
      }
    }
  }
  return leaves;
}

/** The steps to a node's child: those to the node, and its own split. */
function withSplit(
  trees: TreeEnsemble,
  { node, side, steps }: { node: number; side: 'left' | 'right'; steps: readonly Step[] },
): readonly Step[] {
  const feature = trees.feature[node]!;
  const threshold = trees.threshold[node]!;
  const before = steps.find((step) => step.condition.feature === feature);
  const { low, high, missing } = before?.condition ?? { low: -Infinity, high: NaN, missing: true };
  const condition: Condition = {
    feature,
    low: side === 'right' ? Math.max(low, threshold) : low,
    high: side === 'left' && !(high <= threshold) ? threshold : high,
    missing: missing && (trees.defaultLeft[node] === 1) === (side === 'left'),
  };
  const ratio = trees.cover[trees[side][node]!]! / trees.cover[node]!;
  const step: Step = { condition, weight: (before?.weight ?? 1) * ratio };
  return [...steps.filter((other) => other !== before), step];
}

function distinctConditions(steps: readonly Step[]): readonly Condition[] {
  const distinct = [...new Map(steps.map(({ condition }) => [keyOf(condition), condition])).values()];
  return distinct.sort((a, b) => a.feature - b.feature || compare(a.low, b.low));
}

function keyOf({ feature, low, high, missing }: Condition): string {
  return `${feature} ${low} ${high} ${missing}`;
}

function countsByFeature(conditions: readonly Condition[], featureCount: number): readonly number[] {
  const counts = new Array<number>(featureCount).fill(0);
  for (const { feature } of conditions) counts[feature]!++;
  return counts;
}

/** Running sums from 0: [2, 3] → 0, 2, 5. */
function startsOf(counts: readonly number[]): Int32Array {
  const starts = new Int32Array(counts.length + 1);
  counts.forEach((count, i) => {
    starts[i + 1] = starts[i]! + count;
  });
  return starts;
}

/** Also for infinities, whose difference is no number. */
function compare(a: number, b: number): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
