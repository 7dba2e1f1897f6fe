import { childOf, LEAF, type TreeEnsemble } from '../tree-ensemble';

/**
 * Shapley values by their definition: over all subsets of the features that the trees use. The slow, obvious oracle
 * beside the fast explanation; 2^n, so for small models only.
 * @returns [F], log odds
 */
export function bruteForceShapley(trees: TreeEnsemble, vector: Float64Array): Float64Array {
  const used = [...new Set(trees.feature)].filter((feature) => feature !== LEAF);
  const contributions = new Float64Array(trees.featureCount);
  for (const feature of used) {
    const others = used.filter((other) => other !== feature);
    for (let subset = 0; subset < 2 ** others.length; subset++) {
      const known = new Set(others.filter((_, i) => ((subset >> i) & 1) === 1));
      const weight =
        (factorial(known.size) * factorial(used.length - known.size - 1)) / factorial(used.length);
      const without = expectedGiven(trees, vector, known);
      contributions[feature]! += weight * (expectedGiven(trees, vector, known.add(feature)) - without);
    }
  }
  return contributions;
}

/** Log odds when only some features are known: at a split on another feature both sides count, by their cover. */
export function expectedGiven(trees: TreeEnsemble, vector: Float64Array, known: ReadonlySet<number>): number {
  const below = (node: number): number => {
    if (trees.feature[node] === LEAF) return trees.value[node]!;
    if (known.has(trees.feature[node]!)) return below(childOf(trees, node, vector));
    const left = trees.left[node]!;
    const right = trees.right[node]!;
    return (trees.cover[left]! * below(left) + trees.cover[right]! * below(right)) / trees.cover[node]!;
  };
  return Array.from(trees.roots).reduce((sum, root) => sum + below(root), trees.baseMargin);
}

function factorial(n: number): number {
  return n <= 1 ? 1 : n * factorial(n - 1);
}
