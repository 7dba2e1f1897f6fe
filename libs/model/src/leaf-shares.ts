import { CONDITION_COUNT_MAX, type LeafPaths } from './leaf-paths';

/** Coefficients of one polynomial at a time; the function below is synchronous and needs only one. */
const scratch = new Float64Array(CONDITION_COUNT_MAX);

/**
 * Shapley values of one leaf: how its value is shared among the features of its conditions.
 *
 * For a coalition S of known features the leaf is worth v · Π over S of [met] · Π outside S of weight. Feature i's
 * share is then v · ([i met] − weight_i) · Σ over S without i of |S|! (d − 1 − |S|)! / d! · Π …; the inner products,
 * grouped by |S|, are the coefficients of Π over j ≠ i of (weight_j + [j met] · y).
 *
 * Example: one condition with weight 0.25, met: the share is v · (1 − 0.25), what the leaf is worth above its average.
 * @param o.met one bit for each condition
 * @param o.out receives d numbers from `at`
 */
export function leafShares(
  paths: LeafPaths,
  { leaf, met, out, at }: { leaf: number; met: number; out: Float64Array; at: number },
): void {
  const start = paths.starts[leaf]!;
  const count = paths.starts[leaf + 1]! - start;
  for (let i = 0; i < count; i++) {
    const isMet = (met >> i) & 1;
    const worth = coalitionSum(paths.weight, start, count, i, met);
    out[at + i] = paths.value[leaf]! * (isMet - paths.weight[start + i]!) * worth;
  }
}

/** Σ over coalitions of the others, each weighted by its Shapley weight. */
function coalitionSum(
  weight: Float64Array,
  start: number,
  count: number,
  without: number,
  met: number,
): number {
  let degree = 0;
  scratch[0] = 1;
  for (let j = 0; j < count; j++) {
    if (j === without) continue;
    const w = weight[start + j]!;
    if (((met >> j) & 1) === 0) for (let k = 0; k <= degree; k++) scratch[k]! *= w;
    else {
      scratch[degree + 1] = scratch[degree]!;
      for (let k = degree; k > 0; k--) scratch[k] = scratch[k]! * w + scratch[k - 1]!;
      scratch[0]! *= w;
      degree++;
    }
  }
  // k! (d − 1 − k)! / d! for k = 0 is 1 / d, and from k to k + 1 it changes by (k + 1) / (d − 1 − k).
  let shapleyWeight = 1 / count;
  let sum = 0;
  for (let k = 0; k <= degree; k++) {
    sum += shapleyWeight * scratch[k]!;
    shapleyWeight *= (k + 1) / (count - 1 - k);
  }
  return sum;
}
