import type { DecisionDetail, FeatureSeen } from '@veto/domain';

/** One line of "Why this score". */
export interface Contribution {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly value: number | null;
  readonly typical: readonly [number, number] | null;
  /** Score units. */
  readonly contribution: number;
  readonly truncated: boolean;
}

/** The score, taken apart, and whether the parts make the whole. */
export interface ScoreSum {
  readonly base: number;
  readonly shown: readonly Contribution[];
  readonly shownSum: number;
  readonly othersCount: number | null;
  readonly othersSum: number;
  readonly score: number;
  /** sum − score, score units. */
  readonly difference: number;
  readonly agrees: boolean;
}

/** Features shown before the rest is summed up. */
export const SHOWN_COUNT = 6;
/** What rounding to a tenth of a point may hide: 0.05 points. */
export const SUM_TOLERANCE = 0.0005;

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/**
 * base + shown + others against the score, computed here and not believed: a sum that is wrong is shown as wrong.
 * Features are sorted by the size of their contribution, whichever its direction.
 * @returns null when the model was silent or nothing was explained
 */
export function sumScore(detail: Pick<DecisionDetail, 'decision' | 'features'>): ScoreSum | null {
  const { score, score_base: base, other_contributions: otherContributions } = detail.decision;
  if (score === null || base === null) return null;
  const explained = detail.features.filter(
    (feature): feature is FeatureSeen & { contribution: number } => feature.contribution !== null,
  );
  if (explained.length === 0) return null;
  const sorted = explained.toSorted((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
  const shown = sorted.slice(0, SHOWN_COUNT);
  const rest = sorted.slice(SHOWN_COUNT);
  const listed = detail.decision.reason_codes.filter(({ contribution }) => contribution !== null).length;
  // The decision lists its strongest reasons and sums up the others; when only those came along, its own sum is the rest.
  const isOnlyListed = explained.length <= listed && otherContributions !== null;
  const shownSum = sumOf(shown.map(({ contribution }) => contribution));
  const othersSum =
    sumOf(rest.map(({ contribution }) => contribution)) + (isOnlyListed ? otherContributions : 0);
  const difference = base + shownSum + othersSum - score;
  return {
    base,
    shown,
    shownSum,
    othersCount: isOnlyListed ? null : rest.length,
    othersSum,
    score,
    difference,
    agrees: Math.abs(difference) <= SUM_TOLERANCE,
  };
}

/** The decided bands of one amount, in order, those of no width left out. Bounds in score units. */
export function bandsOf(thresholds: {
  readonly challenge: number;
  readonly review: number;
  readonly block: number;
}): readonly {
  readonly outcome: 'approve' | 'challenge' | 'review' | 'block';
  readonly from: number;
  readonly to: number;
}[] {
  const edges = [
    { outcome: 'approve', from: 0 },
    { outcome: 'challenge', from: thresholds.challenge },
    { outcome: 'review', from: thresholds.review },
    { outcome: 'block', from: thresholds.block },
  ] as const;
  return edges.flatMap(({ outcome, from }, index) => {
    const later = edges.slice(index + 1).map((edge) => edge.from);
    const to = Math.min(1, ...later);
    return from < to ? [{ outcome, from, to }] : [];
  });
}
