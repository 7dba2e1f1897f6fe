import type { Calibration } from './calibration';
import { jsonMembers, membersOf, numberMember, numbersMember, type JsonMembers } from './json-members';
import { demand } from './refuse';

/** In `feature`, `left` and `right`: this node is a leaf. */
export const LEAF = -1;

/**
 * Boosted trees as flat arrays, all nodes of all trees in one row. A vector goes left where its value is below the
 * threshold, and where it is missing and `defaultLeft` is 1; values and thresholds are compared as float32.
 */
export interface TreeEnsemble {
  readonly featureCount: number;
  /** Log odds before the first tree. */
  readonly baseMargin: number;
  readonly calibration: Calibration;
  /** Position of each tree's root. */
  readonly roots: Int32Array;
  readonly feature: Int32Array;
  readonly threshold: Float32Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly defaultLeft: Uint8Array;
  /** Training weight that came through the node, > 0. */
  readonly cover: Float32Array;
  /** Log odds that a leaf adds; 0 at inner nodes. */
  readonly value: Float32Array;
}

/**
 * Reads `trees.json`.
 * @throws VetoError model_rejected when a member is missing, an array has another length, or the nodes are no trees
 */
export function parseTreeEnsemble(file: string, text: string): TreeEnsemble {
  const json = jsonMembers({ file, text, format: 'veto-trees.v1' });
  const feature = Int32Array.from(numbersMember(json, 'feature'));
  const column = (name: string): readonly number[] => numbersMember(json, name, feature.length);
  const ensemble: TreeEnsemble = {
    featureCount: numberMember(json, 'feature_count'),
    baseMargin: numberMember(json, 'base_margin'),
    calibration: calibrationOf(json),
    roots: Int32Array.from(numbersMember(json, 'roots')),
    feature,
    threshold: Float32Array.from(column('threshold')),
    left: Int32Array.from(column('left')),
    right: Int32Array.from(column('right')),
    defaultLeft: Uint8Array.from(column('default_left')),
    cover: Float32Array.from(column('cover')),
    value: Float32Array.from(column('value')),
  };
  demandTrees(file, ensemble);
  return ensemble;
}

/** Log odds of one vector, summed in the order of the trees. */
export function marginOf(ensemble: TreeEnsemble, vector: Float64Array): number {
  let margin = ensemble.baseMargin;
  for (const root of ensemble.roots) {
    let node = root;
    while (ensemble.feature[node] !== LEAF) node = childOf(ensemble, node, vector);
    margin += ensemble.value[node]!;
  }
  return margin;
}

/** The child that a vector goes to from an inner node. */
export function childOf(ensemble: TreeEnsemble, node: number, vector: Float64Array): number {
  const value = Math.fround(vector[ensemble.feature[node]!]!);
  const goesLeft = Number.isNaN(value) ? ensemble.defaultLeft[node] === 1 : value < ensemble.threshold[node]!;
  return (goesLeft ? ensemble.left[node] : ensemble.right[node])!;
}

function calibrationOf(json: JsonMembers): Calibration {
  const platt = membersOf(`${json.file}: platt`, json.members['platt']);
  const calibration = { a: numberMember(platt, 'a'), b: numberMember(platt, 'b') };
  demand(calibration.a > 0, `${json.file}: platt.a expected above 0, got ${calibration.a}`);
  return calibration;
}

/** Every node is reached exactly once from the roots, so that a walk ends and no leaf is counted twice. */
function demandTrees(file: string, trees: TreeEnsemble): void {
  const nodeCount = trees.feature.length;
  const seen = new Uint8Array(nodeCount);
  const waiting = Array.from(trees.roots);
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    demand(node >= 0 && node < nodeCount, `${file}: node ${node} does not exist; there are ${nodeCount}`);
    demand(seen[node] === 0, `${file}: node ${node} has two parents`);
    seen[node] = 1;
    demand(trees.cover[node]! > 0, `${file}: cover[${node}] expected above 0, got ${trees.cover[node]}`);
    const feature = trees.feature[node]!;
    if (feature === LEAF) continue;
    demand(
      feature >= 0 && feature < trees.featureCount,
      `${file}: feature[${node}] is ${feature}; there are ${trees.featureCount}`,
    );
    waiting.push(trees.left[node]!, trees.right[node]!);
  }
  const lost = seen.indexOf(0);
  demand(lost === -1, `${file}: node ${lost} belongs to no tree`);
}
