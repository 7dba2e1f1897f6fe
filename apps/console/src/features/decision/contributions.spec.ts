import type { DecisionDetail, FeatureSeen } from '@veto/domain';
import { bandsOf, sumScore } from './contributions';

const feature = (name: string, contribution: number | null): FeatureSeen => ({
  name,
  description: name,
  unit: 'payments',
  value: 1,
  typical: [0, 2],
  contribution,
  truncated: false,
});

function detailOf(parts: {
  score: number | null;
  base: number | null;
  contributions: readonly number[];
  listed?: number;
  others?: number;
}): Pick<DecisionDetail, 'decision' | 'features'> {
  const features = parts.contributions.map((contribution, index) => feature(`f${index}`, contribution));
  const reasons = features.slice(0, parts.listed ?? 0).map(({ contribution }) => ({ contribution }));
  const decision = {
    score: parts.score,
    score_base: parts.base,
    other_contributions: parts.others ?? null,
    reason_codes: reasons,
  };
  // Only what the sum looks at; the rest of a decision has no say in it.
  return { decision: decision as unknown as DecisionDetail['decision'], features };
}

describe('the sum of the contributions', () => {
  it('agrees when base, shown and others make the score: 2.1 + 59.0 + 32.3 = 93.4', () => {
    // Six shown, 0.20 + 0.15 + 0.12 + 0.10 + 0.08 − 0.06 = 0.59; the rest, 4 × 0.05 + 3 × 0.041 = 0.323.
    const contributions = [0.2, 0.15, 0.12, 0.1, 0.08, -0.06, 0.05, 0.05, 0.05, 0.05, 0.041, 0.041, 0.041];
    const sum = sumScore(detailOf({ score: 0.934, base: 0.021, contributions }));
    expect(sum).toMatchObject({ agrees: true, othersCount: 7 });
    expect(sum?.shownSum).toBeCloseTo(0.59, 9);
    expect(sum?.othersSum).toBeCloseTo(0.323, 9);
  });

  it('does not when they do not, and says by how much', () => {
    const sum = sumScore(detailOf({ score: 0.5, base: 0.1, contributions: [0.397] }));
    expect(sum).toMatchObject({ agrees: false });
    expect(sum?.difference).toBeCloseTo(-0.003, 9);
  });

  it('forgives what rounding to a tenth of a point hides, and no more', () => {
    expect(sumScore(detailOf({ score: 0.5, base: 0.1, contributions: [0.4004] }))?.agrees).toBe(true);
    expect(sumScore(detailOf({ score: 0.5, base: 0.1, contributions: [0.4006] }))?.agrees).toBe(false);
  });

  it('puts the largest first, whichever its direction', () => {
    const sum = sumScore(detailOf({ score: 0.1, base: 0.3, contributions: [0.05, -0.3, 0.05] }));
    expect(sum?.shown.map(({ contribution }) => contribution)).toEqual([-0.3, 0.05, 0.05]);
  });

  it('takes the decision’s own rest when only the listed reasons came along', () => {
    const sum = sumScore(
      detailOf({ score: 0.6, base: 0.1, contributions: [0.3, 0.1], listed: 2, others: 0.1 }),
    );
    expect(sum).toMatchObject({ agrees: true, othersCount: null });
  });

  it('is not drawn when there is no score, no base, or nothing explained', () => {
    expect(sumScore(detailOf({ score: null, base: 0.1, contributions: [0.1] }))).toBeNull();
    expect(sumScore(detailOf({ score: 0.1, base: null, contributions: [0.1] }))).toBeNull();
    expect(sumScore(detailOf({ score: 0.1, base: 0.1, contributions: [] }))).toBeNull();
  });
});

describe('the bands of the outcomes', () => {
  it('lie side by side', () => {
    expect(bandsOf({ challenge: 0.45, review: 0.65, block: 0.95 })).toEqual([
      { outcome: 'approve', from: 0, to: 0.45 },
      { outcome: 'challenge', from: 0.45, to: 0.65 },
      { outcome: 'review', from: 0.65, to: 0.95 },
      { outcome: 'block', from: 0.95, to: 1 },
    ]);
  });

  it('leave out an outcome that is never the cheapest', () => {
    expect(bandsOf({ challenge: 1.01, review: 0.3, block: 1.01 })).toEqual([
      { outcome: 'approve', from: 0, to: 0.3 },
      { outcome: 'review', from: 0.3, to: 1 },
    ]);
  });

  it('is one when every amount is approved', () => {
    expect(bandsOf({ challenge: 1.01, review: 1.01, block: 1.01 })).toEqual([
      { outcome: 'approve', from: 0, to: 1 },
    ]);
  });
});
