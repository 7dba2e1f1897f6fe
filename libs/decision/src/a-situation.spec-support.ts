import type { ListHit, RecordedRuleHit } from '@veto/domain';
import { featureSet } from '@veto/features';
import { compileRuleset, startingRules } from '@veto/rules';
import { aTransaction, DULL_NOW_MS } from '@veto/testing';
import { aScorer } from './a-line.spec-support';
import type { Situation } from './situation';
import { startingPolicy } from './starting-policy';

const ruleset = compileRuleset(startingRules, featureSet);

/** A dull payment that the model finds harmless and no rule or list knows. */
export function aSituation(overrides: Partial<Situation> = {}): Situation {
  return {
    transaction: aTransaction({ amountMinor: 129_90 }),
    featureSet,
    features: { values: new Float64Array(featureSet.definitions.length), truncated: [] },
    ruleset,
    policy: startingPolicy,
    model: aScorer(() => 0.01).manifest,
    scored: { score: 0.01, base: null, contributions: null },
    ruleHits: [],
    listHits: [],
    openReviews: 0,
    silent: [],
    failOpenSpent: 0,
    decisionId: 'dec_01KV5JE8G0MFA3NRS58XZQGV84',
    decidedAtMs: DULL_NOW_MS,
    timingsMs: { begin: 0.2 },
    ...overrides,
  };
}

/** A hit of card testing, which is of the starting rules, with another effect or mode where one is given. */
export function aRuleHit(overrides: Partial<RecordedRuleHit> = {}): RecordedRuleHit {
  return {
    id: 'rl_card_prior_fraud',
    version: 1,
    name: 'Card with confirmed fraud',
    mode: 'live',
    effect: 'block',
    reason_code: 'CARD_PRIOR_FRAUD',
    error: null,
    seen: [{ name: 'card_fraud_count_30d', value: 2 }],
    ...overrides,
  };
}

export function aListHit(overrides: Partial<ListHit> = {}): ListHit {
  return { entry_id: 'le_00000001', kind: 'card', effect: 'block', reason: 'stolen_card', ...overrides };
}
