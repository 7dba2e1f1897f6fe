import fc from 'fast-check';
import { decisionSchema, OUTCOMES, type Decision, type ListHit, type RecordedRuleHit } from '@veto/domain';
import { featureSet } from '@veto/features';
import { aTransaction } from '@veto/testing';
import { aListHit, aRuleHit, aSituation } from './a-situation.spec-support';
import { decide } from './decide';
import { chooseOutcome } from './decide-outcome';
import type { Situation } from './situation';

const decided = (overrides: Partial<Situation> = {}): Decision => {
  const situation = aSituation(overrides);
  return decide(situation, chooseOutcome(situation));
};

describe('the reasons', () => {
  const contributions = featureSet.definitions.map(
    (_, i) => [0.3, -0.2, 0.1, 0.05, -0.04, 0.03, 0.02, 0.00001][i] ?? 0,
  );
  const scored = { score: 0.27, base: 0.01, contributions };

  it('are the six strongest features, and the rest in one number', () => {
    const { reason_codes: reasons, score_base: base, other_contributions: other } = decided({ scored });
    expect(reasons.map(({ contribution }) => contribution)).toEqual([0.3, -0.2, 0.1, 0.05, -0.04, 0.03]);
    expect({ base, other }).toEqual({ base: 0.01, other: 0.02 });
  });

  it('begin with what decided', () => {
    const listHits = [aListHit({ effect: 'watch', kind: 'ip' }), aListHit({ entry_id: 'le_block0001' })];
    const codes = decided({ scored, listHits, ruleHits: [aRuleHit({ effect: 'allow' })] }).reason_codes.map(
      ({ code }) => code,
    );
    expect(codes.slice(0, 3)).toEqual(['LIST_CARD_BLOCKED', 'LIST_IP_WATCHED', 'CARD_PRIOR_FRAUD']);
    expect(codes[3]).toBe('AMOUNT');
  });

  it('name a missing value as null and what is typical', () => {
    const features = {
      values: new Float64Array(featureSet.definitions.length).fill(NaN),
      truncated: ['card_count_7d'],
    };
    const index = featureSet.definitions.findIndex(({ name }) => name === 'card_count_10m');
    const decision = decided({
      features,
      scored: {
        score: 0.4,
        base: 0.01,
        contributions: contributions.map((_, i) => (i === index ? 0.39 : 0)),
      },
    });
    expect(decision.reason_codes).toMatchObject([
      { code: 'CARD_COUNT_10M', feature: 'card_count_10m', value: null, typical: [0, 2] },
    ]);
    expect(decision.truncated).toEqual(['card_count_7d']);
  });

  it('give the default its code', () => {
    expect(decided({ scored: null, silent: ['model'] }).reason_codes[0]).toMatchObject({
      code: 'DEFAULT_MODEL_SILENT',
      feature: null,
    });
  });

  it('sum to the score exactly as printed, for every explanation', () => {
    const part = fc.double({ min: -0.5, max: 0.5, noNaN: true });
    const explained = fc.record({
      score: fc.double({ min: 0, max: 1, noNaN: true }),
      base: fc.double({ min: 0, max: 1, noNaN: true }),
      contributions: fc.array(part, {
        minLength: featureSet.definitions.length,
        maxLength: featureSet.definitions.length,
      }),
    });
    /** A printed decimal → whole ten-thousandths; fails on more decimals than four. */
    const steps = (value: number): bigint => {
      const match = /^(-?)(\d+)(?:\.(\d{1,4}))?$/.exec(JSON.stringify(value));
      expect(match).not.toBeNull();
      const [, sign, whole = '', decimals = ''] = match!;
      return BigInt(`${sign === '-' ? '-' : ''}${whole}${decimals.padEnd(4, '0')}`);
    };
    fc.assert(
      fc.property(explained, (scored) => {
        const {
          score,
          score_base: base,
          other_contributions: other,
          reason_codes: reasons,
        } = decided({ scored });
        const listed = reasons.reduce((sum, { contribution }) => sum + steps(contribution!), 0n);
        expect(steps(base!) + listed + steps(other!)).toBe(steps(score!));
      }),
      { numRuns: 500 },
    );
  });
});

describe('decide', () => {
  const effect = fc.constantFrom('allow' as const, 'challenge' as const, 'review' as const, 'block' as const);
  const ruleHit: fc.Arbitrary<RecordedRuleHit> = fc
    .record({
      effect,
      mode: fc.constantFrom('live' as const, 'shadow' as const),
      error: fc.constantFrom(null, null, 'failed'),
      id: fc.constantFrom('rl_a', 'rl_b'),
    })
    .map(aRuleHit);
  const listHit: fc.Arbitrary<ListHit> = fc
    .record({
      effect: fc.constantFrom('block' as const, 'allow' as const, 'watch' as const),
      entry_id: fc.constantFrom('le_00000001', 'le_00000002'),
    })
    .map(aListHit);
  const anySituation: fc.Arbitrary<Situation> = fc
    .record({
      score: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
      ruleHits: fc.array(ruleHit, { maxLength: 4 }),
      listHits: fc.array(listHit, { maxLength: 3 }),
      openReviews: fc.integer({ min: 0, max: 1_000 }),
      amountMinor: fc.integer({ min: 0, max: 99_999_999_999 }),
      stage: fc.constantFrom('pre_auth' as const, 'post_auth' as const, 'post_capture' as const),
      late: fc.boolean(),
    })
    .map(({ score, amountMinor, stage, late, ...rest }) =>
      aSituation({
        ...rest,
        transaction: aTransaction({ amountMinor, payload: { transaction: { stage } } }),
        scored: score === null ? null : { score, base: null, contributions: null },
        model: score === null ? null : aSituation().model,
        silent: score !== null ? [] : late ? ['model', 'deadline'] : ['model'],
      }),
    );

  it('is total: whatever the situation, the decision has the documented shape', () => {
    fc.assert(
      fc.property(anySituation, (situation) => {
        const decision = decide(situation, chooseOutcome(situation));
        expect(decisionSchema.safeParse(decision).error).toBeUndefined();
        expect(decision.review !== null).toBe(decision.outcome === 'review');
      }),
      { numRuns: 500 },
    );
  });

  it('is deterministic: the same situation gives the same text', () => {
    fc.assert(
      fc.property(anySituation, (situation) => {
        const text = JSON.stringify(decide(situation, chooseOutcome(situation)));
        const copy = structuredClone({ ...situation, ruleset: null });
        const again = { ...copy, ruleset: situation.ruleset };
        expect(JSON.stringify(decide(again, chooseOutcome(again)))).toBe(text);
      }),
      { numRuns: 200 },
    );
  });

  it('never lets pass what the block list names, nor, but for the allow list, what a live rule blocks', () => {
    fc.assert(
      fc.property(anySituation, (situation) => {
        const { outcome } = chooseOutcome(situation);
        const isListed = (listed: ListHit['effect']): boolean =>
          situation.listHits.some((hit) => hit.effect === listed);
        const isBlockedByRule = situation.ruleHits.some(
          (hit) => hit.effect === 'block' && hit.mode === 'live' && hit.error === null,
        );
        if (isListed('block') || (isBlockedByRule && !isListed('allow'))) expect(outcome).toBe('block');
      }),
      { numRuns: 2_000 },
    );
  });

  it('is never milder for a higher score, all else being equal', () => {
    const score = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(anySituation, score, score, (situation, one, other) => {
        const outcomeOf = (value: number): number =>
          OUTCOMES.indexOf(
            chooseOutcome({
              ...situation,
              silent: [],
              scored: { score: value, base: null, contributions: null },
            }).outcome,
          );
        expect(outcomeOf(Math.max(one, other))).toBeGreaterThanOrEqual(outcomeOf(Math.min(one, other)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('compares the score that it prints with the threshold that it prints', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 0, max: 1_000_000 }),
        (score, amountMinor) => {
          const {
            policy,
            outcome,
            score: printed,
          } = decided({
            scored: { score, base: null, contributions: null },
            transaction: aTransaction({ amountMinor }),
          });
          const reached = (['block', 'review', 'challenge'] as const).find(
            (name) => printed! >= policy.thresholds[name],
          );
          expect(outcome).toBe(reached ?? 'approve');
          expect(policy.threshold).toBe(policy.thresholds.block);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
