import {
  stricterOutcome,
  type Decision,
  type ListHit,
  type Outcome,
  type OutcomeThresholds,
  type Policy,
  type RecordedRuleHit,
} from '@veto/domain';
import { ruleClause } from '@veto/rules';
import { amountText, scoreText } from './decision-text';
import { outcomeAt, outcomeThresholds } from './outcome-thresholds';
import { roundedScore } from './rounding';
import type { Situation } from './situation';

/** What is decided, by whom, and what would have been decided at other scores. */
export interface Choice {
  readonly outcome: Outcome;
  readonly decidedBy: Decision['decided_by'];
  readonly thresholds: OutcomeThresholds;
}

/** Effects of rules in the order in which they are asked. */
const RULE_PRECEDENCE = ['block', 'review', 'challenge', 'allow'] as const;

const OUTCOME_OF_EFFECT = {
  block: 'block',
  review: 'review',
  challenge: 'challenge',
  allow: 'approve',
} as const;

/**
 * Who decides, first to last: block list · allow list · live rule that blocks · reviews · challenges · allows · the
 * default for a passed deadline · for a silent model · the policy over the score. A rule in shadow and one that could
 * not be evaluated never decide. Of several that would decide alike, the first by id is named. A default approves no
 * more than its budget, and neither it nor the policy is milder than the default for silent histories.
 */
export function chooseOutcome(situation: Situation): Choice {
  const { policy, transaction, openReviews } = situation;
  const reviewPossible = openReviews < policy.review_capacity;
  const thresholds = outcomeThresholds(policy, transaction.amountBaseMinor, { reviewPossible });
  const spoken =
    byList(situation.listHits) ??
    byRule(situation) ??
    notMilder(situation, byDefault(situation) ?? byPolicy(situation, thresholds, reviewPossible));
  return { ...spoken, thresholds };
}

type Spoken = Omit<Choice, 'thresholds'>;

function byList(hits: readonly ListHit[]): Spoken | null {
  const blocking = hits.find(({ effect }) => effect === 'block');
  const deciding = blocking ?? hits.find(({ effect }) => effect === 'allow');
  if (deciding === undefined) return null;
  return {
    outcome: deciding === blocking ? 'block' : 'approve',
    decidedBy: {
      kind: 'list',
      id: deciding.entry_id,
      clause: `${deciding.kind} on the ${deciding.effect} list: ${deciding.reason}`,
    },
  };
}

function byRule({ ruleHits, ruleset }: Situation): Spoken | null {
  const live = ruleHits.filter(({ mode, error }) => mode === 'live' && error === null);
  for (const effect of RULE_PRECEDENCE) {
    const hit = live.find((candidate) => candidate.effect === effect);
    if (hit === undefined) continue;
    return {
      outcome: OUTCOME_OF_EFFECT[effect],
      decidedBy: { kind: 'rule', id: hit.id, clause: clauseOf(hit, ruleset.rules) },
    };
  }
  return null;
}

function clauseOf(hit: RecordedRuleHit, rules: Situation['ruleset']['rules']): string {
  const expression = rules.find(({ id }) => id === hit.id)?.expression ?? hit.name;
  return `${hit.id}: ${ruleClause(expression, hit.seen)}`;
}

/** The reason codes of the defaults, which are also the ids by which they decide. */
const DEFAULTS = {
  deadline: { id: 'DEFAULT_DEADLINE', because: 'the deadline passed' },
  model: { id: 'DEFAULT_MODEL_SILENT', because: 'the model was silent' },
  histories: { id: 'DEFAULT_HISTORIES_SILENT', because: 'the shared histories were silent' },
} as const;

function byDefault(situation: Situation): Spoken | null {
  const { scored, silent, policy, transaction, failOpenSpent } = situation;
  if (scored !== null) return null;
  const late = silent.includes('deadline');
  const band = bandOf(
    late ? policy.when_deadline_passed : policy.when_model_silent,
    transaction.amountBaseMinor,
  );
  const spoken = spokenByBand(situation, late ? 'deadline' : 'model', band);
  const isSpent = failOpenSpent + transaction.amountBaseMinor > policy.fail_open_budget;
  if (band.outcome !== 'approve' || !isSpent) return spoken;
  const spent = `${amountText(failOpenSpent, 'EUR')} of ${amountText(policy.fail_open_budget, 'EUR')}`;
  const { id, clause } = spoken.decidedBy;
  return {
    outcome: 'review',
    decidedBy: { kind: 'default', id, clause: `${clause}; review, ${spent} were approved by default` },
  };
}

/** What is decided on one instance's own histories is no milder than the default for them. */
function notMilder(situation: Situation, spoken: Spoken): Spoken {
  if (!situation.silent.includes('histories')) return spoken;
  const band = bandOf(situation.policy.when_histories_silent, situation.transaction.amountBaseMinor);
  const isStricter = stricterOutcome(spoken.outcome, band.outcome) !== spoken.outcome;
  return isStricter ? spokenByBand(situation, 'histories', band) : spoken;
}

function spokenByBand({ transaction }: Situation, stage: keyof typeof DEFAULTS, band: Band): Spoken {
  const { id, because } = DEFAULTS[stage];
  const { outcome, amount_below: below } = band;
  const upTo = below === null ? 'any amount' : `below ${amountText(below, 'EUR')}`;
  const amount = amountText(transaction.amountMinor, transaction.currency);
  return {
    outcome,
    decidedBy: { kind: 'default', id, clause: `${because}: ${outcome} for ${amount} (band: ${upTo})` },
  };
}

type Band = Policy['when_model_silent'][number];

/** The first band that the amount lies below; an amount beyond the last band is for a person. */
function bandOf(bands: readonly Band[], amountBaseMinor: number): Band {
  const band = bands.find(({ amount_below: below }) => below === null || amountBaseMinor < below);
  return band ?? { amount_below: null, outcome: 'review' };
}

function byPolicy(
  { scored, policy, transaction, openReviews }: Situation,
  thresholds: OutcomeThresholds,
  reviewPossible: boolean,
): Spoken {
  const score = roundedScore(scored?.score ?? 1);
  const outcome = outcomeAt(thresholds, score);
  const amount = amountText(transaction.amountMinor, transaction.currency);
  const full = reviewPossible ? '' : `; no review, ${openReviews} are open`;
  const compared =
    outcome === 'approve' ? `< ${scoreText(thresholds.challenge)}` : `≥ ${scoreText(thresholds[outcome])}`;
  return {
    outcome,
    decidedBy: {
      kind: 'policy',
      id: `policy_v${policy.version}`,
      clause: `score ${scoreText(score)} ${compared} for ${amount}${full}`,
    },
  };
}
