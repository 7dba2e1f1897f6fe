import { expectedLossOf, queueUrgencyAt } from './urgency';

const REVIEW = {
  score: 0.5,
  amountBaseMinor: 199,
  outcome: 'review',
  decidedAtMs: 1_000,
  dueAtMs: 2_000,
} as const;

describe('the urgency of an alert', () => {
  it('is the expected loss, four times as heavy when a customer waits: 0.5 × 200 × 4 = 400', () => {
    expect(expectedLossOf(REVIEW)).toBe(400);
    expect(expectedLossOf({ ...REVIEW, outcome: 'block' })).toBe(50);
  });

  it('doubles until it is due, and is three times as large at most', () => {
    expect([1_000, 1_500, 2_000, 3_000, 9_000].map((nowMs) => queueUrgencyAt(REVIEW, nowMs))).toEqual([
      400, 600, 800, 1_200, 1_200,
    ]);
  });

  it('does not grow where nothing is due', () => {
    expect(queueUrgencyAt({ ...REVIEW, dueAtMs: null }, 9_000)).toBe(400);
  });

  it('takes a payment without a score for one at the lower bound of high: 0.65 × 200 × 4 = 520', () => {
    expect(expectedLossOf({ ...REVIEW, score: null })).toBe(520);
  });
});
