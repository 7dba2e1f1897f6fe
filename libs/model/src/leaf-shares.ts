/** More features than this on one path cannot be told apart by the bits of one integer. */
export const PATH_FEATURE_COUNT_MAX = 30;

/** Coefficients of one polynomial at a time; the function below is synchronous and needs only one. */
const coefficients = new Float64Array(PATH_FEATURE_COUNT_MAX);

/**
 * Shapley values of one leaf of value 1: how it is shared among the d different features on its path.
 *
 * A feature is *met* when the vector passes all its splits on the path; its *weight* is the share of training weight
 * that passes them. For a coalition S of known features the leaf is worth Π over S of [met] · Π outside S of weight.
 * Feature i's share is then ([i met] − weight_i) · Σ over S without i of |S|! (d − 1 − |S|)! / d! · Π …; the inner
 * products, grouped by |S|, are the coefficients of Π over j ≠ i of (weight_j + [j met] · y).
 *
 * Example: one feature with weight 0.25, met: its share is 1 − 0.25, what the leaf is worth above its average.
 * @param weights [d], each in (0, 1]
 * @param met one bit for each feature
 * @param out receives [d]
 */
export function leafShares(weights: Float64Array, met: number, out: Float64Array): void {
  for (let i = 0; i < weights.length; i++) {
    out[i] = (((met >> i) & 1) - weights[i]!) * coalitionSum(weights, met, i);
  }
}

/** Σ over the coalitions of the others, each with its Shapley weight. */
function coalitionSum(weights: Float64Array, met: number, without: number): number {
  let degree = 0;
  coefficients[0] = 1;
  for (let j = 0; j < weights.length; j++) {
    if (j === without) continue;
    if (((met >> j) & 1) === 1) multiplyByLinear(degree++, weights[j]!);
    else for (let k = 0; k <= degree; k++) coefficients[k]! *= weights[j]!;
  }
  // k! (d − 1 − k)! / d! is 1 / d for k = 0, and from k to k + 1 it changes by (k + 1) / (d − 1 − k).
  let shapleyWeight = 1 / weights.length;
  let sum = 0;
  for (let k = 0; k <= degree; k++) {
    sum += shapleyWeight * coefficients[k]!;
    shapleyWeight *= (k + 1) / (weights.length - 1 - k);
  }
  return sum;
}

/** coefficients · (w + y), in place; `degree` is that of the polynomial before. */
function multiplyByLinear(degree: number, w: number): void {
  coefficients[degree + 1] = coefficients[degree]!;
  for (let k = degree; k > 0; k--) coefficients[k] = coefficients[k]! * w + coefficients[k - 1]!;
  coefficients[0]! *= w;
}
