import type { Decision, Outcome } from '@veto/domain';
import { aTransaction } from '@veto/testing';
import { aListHit, aRuleHit, aSituation } from './a-situation.spec-support';
import { decide } from './decide';
import { chooseOutcome } from './decide-outcome';
import type { Situation } from './situation';
import { startingPolicy } from './starting-policy';

const decided = (overrides: Partial<Situation> = {}): Decision => {
  const situation = aSituation(overrides);
  return decide(situation, chooseOutcome(situation));
};

/** Everybody who may decide, first to last, with what each says. */
const SPEAKERS: readonly {
  readonly name: string;
  readonly says: Partial<Situation>;
  readonly outcome: Outcome;
  readonly id: string;
}[] = [
  {
    name: 'the block list',
    says: { listHits: [aListHit({ entry_id: 'le_block0001' })] },
    outcome: 'block',
    id: 'le_block0001',
  },
  {
    name: 'the allow list',
    says: { listHits: [aListHit({ entry_id: 'le_allow0001', effect: 'allow' })] },
    outcome: 'approve',
    id: 'le_allow0001',
  },
  {
    name: 'a rule that blocks',
    says: { ruleHits: [aRuleHit({ id: 'rl_z', effect: 'block' })] },
    outcome: 'block',
    id: 'rl_z',
  },
  {
    name: 'a rule that reviews',
    says: { ruleHits: [aRuleHit({ id: 'rl_c', effect: 'review' })] },
    outcome: 'review',
    id: 'rl_c',
  },
  {
    name: 'a rule that challenges',
    says: { ruleHits: [aRuleHit({ id: 'rl_b', effect: 'challenge' })] },
    outcome: 'challenge',
    id: 'rl_b',
  },
  {
    name: 'a rule that allows',
    says: { ruleHits: [aRuleHit({ id: 'rl_a', effect: 'allow' })] },
    outcome: 'approve',
    id: 'rl_a',
  },
  {
    name: 'the default for a passed deadline',
    says: { scored: null, silent: ['model', 'deadline'] },
    outcome: 'challenge',
    id: 'DEFAULT_DEADLINE',
  },
  {
    name: 'the default for a silent model',
    says: { scored: null, silent: ['model'] },
    outcome: 'challenge',
    id: 'DEFAULT_MODEL_SILENT',
  },
  {
    name: 'the policy',
    says: { scored: { score: 0.9, base: null, contributions: null } },
    outcome: 'block',
    id: 'policy_v1',
  },
];

/** Both at once: hits of both, and a silent stage silences the score. */
function together(one: Partial<Situation>, other: Partial<Situation>): Partial<Situation> {
  const isSilent = one.scored === null || other.scored === null;
  return {
    listHits: [...(other.listHits ?? []), ...(one.listHits ?? [])],
    ruleHits: [...(other.ruleHits ?? []), ...(one.ruleHits ?? [])],
    silent:
      (one.silent ?? []).length >= (other.silent ?? []).length ? (one.silent ?? []) : (other.silent ?? []),
    scored: isSilent
      ? null
      : (one.scored ?? other.scored ?? { score: 0.01, base: null, contributions: null }),
  };
}

describe('who decides', () => {
  it.each(SPEAKERS)('is $name, when nobody before speaks', ({ says, outcome, id }) => {
    expect(decided(says)).toMatchObject({ outcome, decided_by: { id } });
  });

  const pairs = SPEAKERS.flatMap((first, i) => SPEAKERS.slice(i + 1).map((second) => ({ first, second })));
  it.each(pairs.map(({ first, second }) => [first.name, second.name, first, second] as const))(
    'is %s before %s',
    (_, __, first, second) => {
      expect(decided(together(first.says, second.says))).toMatchObject({
        outcome: first.outcome,
        decided_by: { id: first.id },
      });
    },
  );

  it('is the first by id of two rules with one effect', () => {
    const ruleHits = [aRuleHit({ id: 'rl_a' }), aRuleHit({ id: 'rl_b' })];
    expect(decided({ ruleHits })).toMatchObject({
      decided_by: { id: 'rl_a' },
      rules: [{ deciding: true }, { deciding: false }],
    });
  });

  it('is never a rule in shadow, which is recorded', () => {
    const decision = decided({ ruleHits: [aRuleHit({ mode: 'shadow' })] });
    expect(decision).toMatchObject({
      outcome: 'approve',
      rules: [{ mode: 'shadow', matched: true, deciding: false }],
      reason_codes: [],
    });
  });

  it('is never a rule that could not be evaluated, which is recorded with its error', () => {
    const decision = decided({ ruleHits: [aRuleHit({ error: 'No such key' })] });
    expect(decision).toMatchObject({
      outcome: 'approve',
      rules: [{ matched: false, error: 'No such key' }],
      reason_codes: [],
    });
  });

  it('is never the watch list, which is a reason', () => {
    const decision = decided({
      listHits: [aListHit({ effect: 'watch', kind: 'ip', reason: 'odd traffic' })],
    });
    expect(decision).toMatchObject({
      outcome: 'approve',
      reason_codes: [{ code: 'LIST_IP_WATCHED', description: 'The ip is on the watch list: odd traffic' }],
    });
  });
});

describe('the deciding clause', () => {
  it.each<[string, Partial<Situation>, string]>([
    [
      'a rule with the value seen',
      { ruleHits: [aRuleHit()] },
      'rl_card_prior_fraud: card_fraud_count_30d >= 1 (value 2)',
    ],
    ['a list with its reason', { listHits: [aListHit()] }, 'card on the block list: stolen_card'],
    [
      'a score that reaches a threshold',
      { scored: { score: 0.93, base: null, contributions: null } },
      'score 0.93 ≥ 0.8247 for EUR 129.90',
    ],
    ['a score below all', {}, 'score 0.01 < 0.0493 for EUR 129.90'],
    [
      'analysts without time',
      { openReviews: 500, scored: { score: 0.4, base: null, contributions: null } },
      'score 0.40 ≥ 0.0493 for EUR 129.90; no review, 500 are open',
    ],
    [
      'a silent model',
      { scored: null, silent: ['model'] },
      'the model was silent: challenge for EUR 129.90 (band: below EUR 500.00)',
    ],
    [
      'a passed deadline',
      { scored: null, silent: ['deadline'] },
      'the deadline passed: challenge for EUR 129.90 (band: below EUR 500.00)',
    ],
    [
      'an amount without decimals',
      {
        transaction: aTransaction({ amountMinor: 1_000_000, currency: 'JPY' }),
        scored: null,
        silent: ['model'],
      },
      'the model was silent: review for JPY 1000000 (band: any amount)',
    ],
  ])('names %s', (_, overrides, clause) => {
    expect(decided(overrides).decided_by.clause).toBe(clause);
  });
});

describe('the default by amount', () => {
  const policy = {
    ...startingPolicy,
    when_model_silent: [
      { amount_below: 50_00, outcome: 'approve' as const },
      { amount_below: 500_00, outcome: 'challenge' as const },
    ],
  };
  it.each<[number, Outcome]>([
    [49_99, 'approve'],
    [50_00, 'challenge'],
    [499_99, 'challenge'],
    [500_00, 'review'], // beyond the last band: for a person
  ])('of %i cents is %s', (amountMinor, outcome) => {
    const silence: Partial<Situation> = {
      scored: null,
      silent: ['model'],
      policy,
      transaction: aTransaction({ amountMinor }),
    };
    expect(decided(silence)).toMatchObject({
      outcome,
      status: 'degraded',
      score: null,
      risk_level: 'high',
      degraded: ['model'],
    });
  });
});

describe('a review by policy', () => {
  const scored = { score: 0.5, base: null, contributions: null };

  it('is asked for while an analyst has time, and is due in half an hour', () => {
    expect(decided({ scored, openReviews: 499 })).toMatchObject({
      outcome: 'review',
      recommended_action: 'hold',
      review: {
        id: 'rev_01KV5JE8G0MFA3NRS58XZQGV84',
        status: 'open',
        version: 1,
        due_at: '2026-06-15T12:30:00.000Z',
      },
    });
  });

  it('gives way to what comes next when none has', () => {
    expect(decided({ scored, openReviews: 500 })).toMatchObject({ outcome: 'challenge', review: null });
  });

  it('by a rule is asked for in any case', () => {
    expect(decided({ ruleHits: [aRuleHit({ effect: 'review' })], openReviews: 10_000 }).outcome).toBe(
      'review',
    );
  });
});
