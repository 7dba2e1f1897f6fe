import type { Explainer } from './explainer';
import { arrayMember, jsonMembers, membersOf, numberMember, numbersMember } from './json-members';
import { demand } from './refuse';

/** Between the score written at training and the one computed here: sums of float32 on another processor. */
export const GOLDEN_SCORE_TOLERANCE = 1e-5;

/** Between explanations in log odds, relative to the larger of the value and 1; the training library sums float32. */
export const GOLDEN_CONTRIBUTION_TOLERANCE = 1e-4;

/** Fewer vectors than this prove too little. */
export const GOLDEN_ROW_COUNT_MIN = 32;

/** A vector whose score and contributions were written by the training library itself. */
export interface GoldenRow {
  readonly name: string;
  /** [F], NaN = missing. */
  readonly features: Float64Array;
  readonly score: number;
  /** Log odds before calibration. */
  readonly margin: number;
  /** Log odds of an average training payment; the same in every row. */
  readonly expectedMargin: number;
  /** [F], log odds. */
  readonly contributions: readonly number[];
}

/** Reads `golden.json`. @throws VetoError model_rejected */
export function parseGolden(file: string, text: string, featureCount: number): readonly GoldenRow[] {
  const json = jsonMembers({ file, text, format: 'veto-golden.v1' });
  const expectedMargin = numberMember(json, 'expected_margin');
  const rows = arrayMember(json, 'rows');
  demand(
    rows.length >= GOLDEN_ROW_COUNT_MIN,
    `${file} has ${rows.length} vectors; at least ${GOLDEN_ROW_COUNT_MIN} are needed`,
  );
  return rows.map((value, i) => {
    const row = membersOf(`${file}: rows[${i}]`, value);
    const name = row.members['name'];
    demand(typeof name === 'string', `${row.file}: name expected a text`);
    const features = arrayMember(row, 'features');
    demand(
      features.length === featureCount,
      `${row.file}: features expected ${featureCount} values, got ${features.length}`,
    );
    return {
      name,
      features: Float64Array.from(features, (feature) => featureOf(row.file, feature)),
      score: numberMember(row, 'score'),
      margin: numberMember(row, 'margin'),
      expectedMargin,
      contributions: numbersMember(row, 'contributions', featureCount),
    };
  });
}

/**
 * Scores by the graph and explanations by the trees, against what the training library wrote.
 * @param scores what the ONNX session gave for the golden rows, in their order
 * @throws VetoError model_rejected naming the row, what was expected and what came
 */
export function demandGolden(o: {
  readonly rows: readonly GoldenRow[];
  readonly names: readonly string[];
  readonly scores: Float64Array;
  readonly explainer: Explainer;
}): void {
  o.rows.forEach((row, i) => {
    const { score } = row;
    const got = o.scores[i]!;
    const at = `golden vector ${i} (${row.name})`;
    demand(
      near(got, score, GOLDEN_SCORE_TOLERANCE),
      `${at}: expected score ${score}, got ${got} from the graph`,
    );
    const byTrees = o.explainer.explain(row.features).score;
    demand(
      near(byTrees, score, GOLDEN_SCORE_TOLERANCE),
      `${at}: expected score ${score}, got ${byTrees} from the trees`,
    );
    demandExplanation(at, row, o.names, o.explainer);
  });
}

function demandExplanation(at: string, row: GoldenRow, names: readonly string[], explainer: Explainer): void {
  const { margin, contributions } = explainer.explainMargin(row.features);
  demand(nearMargin(margin, row.margin), `${at}: expected margin ${row.margin}, got ${margin}`);
  demand(
    nearMargin(explainer.expectedMargin, row.expectedMargin),
    `${at}: expected an average margin of ${row.expectedMargin}, got ${explainer.expectedMargin}`,
  );
  row.contributions.forEach((contribution, f) => {
    const got = contributions[f]!;
    demand(
      nearMargin(got, contribution),
      `${at}: expected a contribution of ${contribution} by ${names[f]}, got ${got}`,
    );
  });
}

function featureOf(file: string, value: unknown): number {
  if (value === null) return NaN;
  demand(
    typeof value === 'number',
    `${file}: features expected numbers and null, got ${JSON.stringify(value)}`,
  );
  return value;
}

function nearMargin(a: number, b: number): boolean {
  return near(a, b, GOLDEN_CONTRIBUTION_TOLERANCE * Math.max(1, Math.abs(b)));
}

/** False for NaN as well. */
function near(a: number, b: number, tolerance: number): boolean {
  return Math.abs(a - b) <= tolerance;
}
