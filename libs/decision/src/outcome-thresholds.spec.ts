import fc from 'fast-check';
import { OUTCOMES, type Outcome, type Policy } from '@veto/domain';
import { NEVER, outcomeAt, outcomeCosts, outcomeThresholds } from './outcome-thresholds';
import { startingPolicy } from './starting-policy';

const withCosts = (costs: Partial<Policy['costs']>): Policy => ({
  ...startingPolicy,
  costs: { ...startingPolicy.costs, ...costs },
});

/** What an outcome is expected to cost at a probability of fraud. */
function costAt(policy: Policy, amountBaseMinor: number, outcome: Outcome, p: number): number {
  const cost = outcomeCosts(policy, amountBaseMinor).find((candidate) => candidate.outcome === outcome)!;
  return (1 - p) * cost.ifGenuine + p * cost.ifFraud;
}

const share = fc.double({ min: 0, max: 1, noNaN: true });
const cents = fc.integer({ min: 0, max: 100_000 });
const anyPolicy: fc.Arbitrary<Policy> = fc
  .record({
    chargeback_fee: cents,
    margin_share: share,
    insult: cents,
    review: cents,
    review_miss_share: share,
    review_abandon_share: share,
    challenge_miss_share: share,
    challenge_abandon_share: share,
  })
  .map(withCosts);
const anAmount = fc.integer({ min: 0, max: 99_999_999_999 });

describe('the cost of an outcome', () => {
  it('is what the policy says, worked by hand for 129.90 euros', () => {
    // fraud loses 129.90 + 20 = 149.90; a refusal loses 129.90 · 0.2 + 40 = 65.98
    const costs = outcomeCosts(startingPolicy, 129_90).map(({ outcome, ifGenuine, ifFraud }) => [
      outcome,
      Math.round(ifGenuine * 100) / 100,
      Math.round(ifFraud * 100) / 100,
    ]);
    expect(costs).toEqual([
      ['approve', 0, 14_990],
      ['challenge', 659.8, 2_248.5], // 0.10 · 65.98; 0.15 · 149.90
      ['review', 1_191.76, 1_149.5], // 4 + 0.12 · 65.98; 4 + 0.05 · 149.90
      ['block', 6_598, 0],
    ]);
  });
});

describe('the thresholds', () => {
  it('are the crossings of the cost lines, worked by hand for 129.90 euros', () => {
    // challenge: 659.80 / (659.80 + 14 990 − 2 248.50)        = 0.04923… → 0.0493
    // review:   (1 191.76 − 659.80) / (531.96 + 2 248.50 − 1 149.50) = 0.32616… → 0.3262
    // block:    (6 598 − 1 191.76) / (5 406.24 + 1 149.50)    = 0.82465… → 0.8247
    expect(outcomeThresholds(startingPolicy, 129_90)).toEqual({
      challenge: 0.0493,
      review: 0.3262,
      block: 0.8247,
    });
  });

  it('leave review out for an amount that is not worth an analyst', () => {
    // At 5 euros, reviewing costs 4 euros and saves too little: challenge passes straight into block.
    const { review, block } = outcomeThresholds(startingPolicy, 5_00);
    expect(review).toBe(block);
  });

  it('leave review out when no analyst has time, and block earlier than never', () => {
    const { challenge, review, block } = outcomeThresholds(startingPolicy, 129_90, { reviewPossible: false });
    // block against challenge: (6 598 − 659.80) / (5 938.20 + 2 248.50) = 0.72535… → 0.7254
    expect({ challenge, review, block }).toEqual({ challenge: 0.0493, review: 0.7254, block: 0.7254 });
  });

  it('are never reached where fraud costs nothing', () => {
    const free = withCosts({ chargeback_fee: 0 });
    expect(outcomeThresholds(free, 0)).toEqual({ challenge: NEVER, review: NEVER, block: NEVER });
  });

  it('keep the one of two that costs less where a review would let more fraud through than a challenge', () => {
    const misfit = withCosts({
      review_miss_share: 0.5,
      review_abandon_share: 0,
      challenge_miss_share: 0.1,
      challenge_abandon_share: 0.05,
    });
    const { challenge, review, block } = outcomeThresholds(misfit, 129_90);
    expect(challenge).toBeLessThan(review);
    expect(review).toBe(block);
  });

  it('are in order of precedence, for every policy and amount', () => {
    fc.assert(
      fc.property(anyPolicy, anAmount, fc.boolean(), (policy, amount, reviewPossible) => {
        const { challenge, review, block } = outcomeThresholds(policy, amount, { reviewPossible });
        expect(challenge).toBeLessThanOrEqual(review);
        expect(review).toBeLessThanOrEqual(block);
        expect(challenge).toBeGreaterThanOrEqual(0);
        expect(block).toBeLessThanOrEqual(NEVER);
        if (!reviewPossible) expect(review).toBe(block);
      }),
      { numRuns: 2_000 },
    );
  });

  it('choose the cheapest outcome at every score where a review stops more fraud than a challenge', () => {
    const sane = anyPolicy.filter(
      ({ costs }) =>
        costs.review_miss_share <= costs.challenge_miss_share &&
        costs.review_abandon_share >= costs.challenge_abandon_share,
    );
    fc.assert(
      fc.property(sane, anAmount, fc.integer({ min: 0, max: 10_000 }), (policy, amount, steps) => {
        const p = steps / 10_000;
        const chosen = outcomeAt(outcomeThresholds(policy, amount), p);
        const cheapest = Math.min(...OUTCOMES.map((outcome) => costAt(policy, amount, outcome, p)));
        // A threshold is rounded up to the next 0.0001, and lines meet there: a ten-thousandth of their rise may lie between.
        const rise = amount * 2 + 1_000_000;
        expect(costAt(policy, amount, chosen, p) - cheapest).toBeLessThanOrEqual(rise / 10_000);
      }),
      { numRuns: 2_000 },
    );
  });

  it('make the outcome stricter, never milder, as the score grows', () => {
    fc.assert(
      fc.property(anyPolicy, anAmount, share, share, (policy, amount, one, other) => {
        const thresholds = outcomeThresholds(policy, amount);
        const milder = OUTCOMES.indexOf(outcomeAt(thresholds, Math.min(one, other)));
        expect(OUTCOMES.indexOf(outcomeAt(thresholds, Math.max(one, other)))).toBeGreaterThanOrEqual(milder);
      }),
      { numRuns: 2_000 },
    );
  });

  it('ask sooner for larger amounts, under the starting policy', () => {
    const challengeAt = (amount: number): number => outcomeThresholds(startingPolicy, amount).challenge;
    const amounts = [1_00, 10_00, 50_00, 200_00, 1_000_00, 10_000_00];
    const thresholds = amounts.map(challengeAt);
    expect(thresholds).toEqual([...thresholds].sort((a, b) => b - a));
  });
});
