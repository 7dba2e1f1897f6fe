import { describeFeatureValue } from '@veto/features';
import type { Decision, ListHit, Reason, RecordedRuleHit } from '@veto/domain';
import { ruleClause } from '@veto/rules';
import type { Choice } from './decide-outcome';
import { fromSteps, stepsOf } from './rounding';
import type { Situation } from './situation';

/** Features named with a decision, at most: the strongest by what they add to or take from the score. */
export const FEATURE_REASON_COUNT_MAX = 6;

const LIST_CODES = { block: 'BLOCKED', allow: 'ALLOWED', watch: 'WATCHED' } as const;

/** Why, as numbers that add up: score_base + Σ contribution + other_contributions = score, as printed. */
export type Reasoned = Pick<Decision, 'reason_codes' | 'score_base' | 'other_contributions'>;

/** Reasons: what decided comes first, then the other lists and rules that spoke, then features. */
export function reasonsOf(situation: Situation, choice: Choice): Reasoned {
  const spoken = [
    ...situation.listHits.map((hit) => ({ id: hit.entry_id, reason: listReason(hit) })),
    ...situation.ruleHits
      .filter(isLiveHit)
      .map((hit) => ({ id: hit.id, reason: ruleReason(hit, situation) })),
    ...(choice.decidedBy.kind === 'default'
      ? [{ id: choice.decidedBy.id, reason: defaultReason(choice) }]
      : []),
  ];
  const deciding = spoken.filter(({ id }) => id === choice.decidedBy.id);
  const others = spoken.filter(({ id }) => id !== choice.decidedBy.id);
  const features = featureReasons(situation);
  return {
    reason_codes: [...deciding, ...others].map(({ reason }) => reason).concat(features.reasons),
    score_base: features.base,
    other_contributions: features.other,
  };
}

const isLiveHit = (hit: RecordedRuleHit): boolean => hit.mode === 'live' && hit.error === null;

function listReason(hit: ListHit): Reason {
  return {
    code: `LIST_${hit.kind.toUpperCase()}_${LIST_CODES[hit.effect]}`,
    feature: null,
    value: null,
    typical: null,
    contribution: null,
    description: `The ${hit.kind} is on the ${hit.effect} list: ${hit.reason}`,
  };
}

function ruleReason(hit: RecordedRuleHit, { ruleset }: Situation): Reason {
  const expression = ruleset.rules.find(({ id }) => id === hit.id)?.expression;
  return {
    code: hit.reason_code,
    feature: null,
    value: null,
    typical: null,
    contribution: null,
    description: expression === undefined ? hit.name : `${hit.name}: ${ruleClause(expression, hit.seen)}`,
  };
}

function defaultReason({ decidedBy }: Choice): Reason {
  return {
    code: decidedBy.id,
    feature: null,
    value: null,
    typical: null,
    contribution: null,
    description: decidedBy.clause,
  };
}

interface FeatureReasons {
  readonly reasons: readonly Reason[];
  readonly base: number | null;
  readonly other: number | null;
}

function featureReasons(situation: Situation): FeatureReasons {
  const { scored, features, featureSet, model } = situation;
  const contributions = scored?.contributions ?? null;
  if (scored === null || scored.base === null || contributions === null)
    return { reasons: [], base: null, other: null };
  const baseSteps = stepsOf(scored.base);
  let otherSteps = stepsOf(scored.score) - baseSteps;
  const reasons: Reason[] = [];
  for (const index of strongest(contributions)) {
    const name = featureSet.definitions[index]!.name;
    const value = features.values[index]!;
    const steps = stepsOf(contributions[index]!);
    otherSteps -= steps;
    reasons.push({
      code: name.toUpperCase(),
      feature: name,
      value: Number.isNaN(value) ? null : value,
      typical: model?.typical[name] ?? null,
      contribution: fromSteps(steps),
      description: describeFeatureValue(name, value),
    });
  }
  return { reasons, base: fromSteps(baseSteps), other: fromSteps(otherSteps) };
}

/** Indices of the largest contributions by absolute value that print as something else than zero. */
function strongest(contributions: readonly number[]): readonly number[] {
  return contributions
    .map((_, index) => index)
    .filter((index) => stepsOf(contributions[index]!) !== 0)
    .sort((a, b) => Math.abs(contributions[b]!) - Math.abs(contributions[a]!) || a - b)
    .slice(0, FEATURE_REASON_COUNT_MAX);
}
