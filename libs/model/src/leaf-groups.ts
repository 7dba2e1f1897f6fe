import { leafShares, PATH_FEATURE_COUNT_MAX } from './leaf-shares';
import { demand } from './refuse';
import type { Splits } from './splits';
import { LEAF, type TreeEnsemble } from './tree-ensemble';

/** A leaf below its group's questions. */
interface GroupLeaf {
  /** Log odds that it adds. */
  readonly value: number;
  /** Share of training weight that passes, by different feature on the path. */
  readonly weights: Float64Array;
  /** Of each of those features: its place in the group's `features`. */
  readonly slots: readonly number[];
  /** Of each of those features: the answers that lead to the leaf. */
  readonly wanted: readonly { readonly bits: number; readonly answers: number }[];
}

/**
 * The leaves of one subtree, which are explained together: what they contribute depends on the vector only through
 * the answers to a few questions, those on the way to the subtree and those inside it.
 */
export interface LeafGroup {
  /** The questions; the answer to question i is bit i of the group's key. */
  readonly splits: readonly number[];
  /** The different features that are asked about. */
  readonly features: readonly number[];
  readonly leaves: readonly GroupLeaf[];
}

interface Step {
  readonly node: number;
  readonly left: boolean;
}

/**
 * Cuts all trees into the largest subtrees that ask at most `splitCountMax` questions, path included. A leaf whose own
 * path is longer is a group of its own.
 * @throws VetoError model_rejected when a path is longer than an integer has bits
 */
export function leafGroupsOf(
  trees: TreeEnsemble,
  splits: Splits,
  splitCountMax: number,
): readonly LeafGroup[] {
  const groups: LeafGroup[] = [];
  const waiting: { node: number; path: readonly Step[] }[] = Array.from(trees.roots, (node) => ({
    node,
    path: [],
  }));
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const { node, path } = at;
    demand(
      path.length <= PATH_FEATURE_COUNT_MAX,
      `a path of the trees has more than ${PATH_FEATURE_COUNT_MAX} splits; deeper ones cannot be explained`,
    );
    const inner = innerNodesBelow(trees, node, splitCountMax - path.length);
    if (trees.feature[node] === LEAF || inner !== null) {
      groups.push(groupOf({ trees, splits, node, path, inner: inner ?? [] }));
    } else {
      waiting.push({ node: trees.left[node]!, path: [...path, { node, left: true }] });
      waiting.push({ node: trees.right[node]!, path: [...path, { node, left: false }] });
    }
  }
  return groups;
}

/**
 * One row of a group's table: the value of the leaf that is reached under this key, or 0 when it lies elsewhere in
 * the tree, then the contributions of the group's features.
 * @param out receives 1 + features.length numbers from `at`
 */
export function groupRow(group: LeafGroup, key: number, out: Float64Array, at: number): void {
  out.fill(0, at, at + 1 + group.features.length);
  for (const { value, weights, slots, wanted } of group.leaves) {
    let met = 0;
    for (let i = 0; i < wanted.length; i++) {
      if ((key & wanted[i]!.bits) === wanted[i]!.answers) met |= 1 << i;
    }
    if (met === 2 ** wanted.length - 1) out[at] = value;
    leafShares(weights, met, shares);
    for (let i = 0; i < slots.length; i++) out[at + 1 + slots[i]!]! += value * shares[i]!;
  }
}

const shares = new Float64Array(PATH_FEATURE_COUNT_MAX);

/** The inner nodes of a subtree, or null when there are more than `countMax`. */
function innerNodesBelow(trees: TreeEnsemble, root: number, countMax: number): readonly number[] | null {
  const inner: number[] = [];
  const waiting = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (trees.feature[node] === LEAF) continue;
    inner.push(node);
    if (inner.length > countMax) return null;
    waiting.push(trees.left[node]!, trees.right[node]!);
  }
  return inner;
}

function groupOf(o: {
  readonly trees: TreeEnsemble;
  readonly splits: Splits;
  readonly node: number;
  readonly path: readonly Step[];
  readonly inner: readonly number[];
}): LeafGroup {
  const { trees } = o;
  const nodes = [...o.path.map((step) => step.node), ...o.inner];
  const features = [...new Set(nodes.map((node) => trees.feature[node]!))];
  const leaves: GroupLeaf[] = [];
  const waiting = [{ node: o.node, path: o.path }];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const { node, path } = at;
    if (trees.feature[node] === LEAF) leaves.push(leafOf({ trees, node, path, nodes, features }));
    else {
      waiting.push({ node: trees.left[node]!, path: [...path, { node, left: true }] });
      waiting.push({ node: trees.right[node]!, path: [...path, { node, left: false }] });
    }
  }
  return { splits: nodes.map((node) => o.splits.ofNode[node]!), features, leaves };
}

function leafOf(o: {
  readonly trees: TreeEnsemble;
  readonly node: number;
  readonly path: readonly Step[];
  /** The group's nodes, in the order of the key's bits. */
  readonly nodes: readonly number[];
  readonly features: readonly number[];
}): GroupLeaf {
  const { trees, path } = o;
  const features = [...new Set(path.map((step) => trees.feature[step.node]!))];
  const steps = features.map((feature) => path.filter((step) => trees.feature[step.node] === feature));
  return {
    value: trees.value[o.node]!,
    weights: Float64Array.from(steps, (of) =>
      of.reduce((weight, step) => weight * passingShare(trees, step), 1),
    ),
    slots: features.map((feature) => o.features.indexOf(feature)),
    wanted: steps.map((of) => wantedAnswers(of, o.nodes)),
  };
}

/** Share of the training weight at a node that takes this side. */
function passingShare(trees: TreeEnsemble, { node, left }: Step): number {
  const child = (left ? trees.left[node] : trees.right[node])!;
  return trees.cover[child]! / trees.cover[node]!;
}

function wantedAnswers(steps: readonly Step[], nodes: readonly number[]): { bits: number; answers: number } {
  let bits = 0;
  let answers = 0;
  for (const { node, left } of steps) {
    const bit = 1 << nodes.indexOf(node);
    bits |= bit;
    if (left) answers |= bit;
  }
  return { bits, answers };
}
