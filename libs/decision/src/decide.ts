import { recommendedActionOf, severityOf, type Decision } from '@veto/domain';
import type { Choice } from './decide-outcome';
import { reasonsOf } from './decide-reasons';
import { instantText } from './decision-text';
import { roundedScore } from './rounding';
import type { Situation } from './situation';

const MINUTE_MS = 60_000;

/**
 * The decision that follows from a situation and the outcome chosen in it. Pure, synchronous and total: the same
 * arguments give the same decision, member by member in the same order, on every machine and at any time.
 */
export function decide(situation: Situation, choice: Choice): Decision {
  const { transaction, policy, model, features, scored, silent } = situation;
  const score = scored === null ? null : roundedScore(scored.score);
  const { reason_codes, score_base, other_contributions } = reasonsOf(situation, choice);
  return {
    id: situation.decisionId,
    object: 'decision',
    version: 1,
    transaction_id: transaction.id,
    created_at: instantText(situation.decidedAtMs),
    status: silent.length === 0 ? 'final' : 'degraded',
    outcome: choice.outcome,
    recommended_action: recommendedActionOf(choice.outcome, transaction.payload.transaction.stage),
    score,
    risk_level: severityOf(score),
    decided_by: choice.decidedBy,
    reason_codes,
    score_base,
    other_contributions,
    rules: rulesOf(situation, choice),
    lists: situation.listHits.map(({ entry_id, kind, effect, reason }) => ({
      entry_id,
      kind,
      effect,
      reason,
    })),
    model: model === null ? null : { id: model.id, version: model.version, sha256: model.files.model.sha256 },
    policy: { version: policy.version, threshold: choice.thresholds.block, thresholds: choice.thresholds },
    degraded: [...silent],
    durability: silent.includes('log') ? 'wal' : 'log',
    truncated: [...features.truncated],
    features_hash: situation.featureSet.hash,
    ruleset_hash: situation.ruleset.hash,
    timings_ms: situation.timingsMs,
    review: choice.outcome === 'review' ? reviewOf(situation) : null,
  };
}

function rulesOf({ ruleHits }: Situation, { decidedBy }: Choice): Decision['rules'] {
  return ruleHits.map(({ id, version, name, mode, effect, error }) => ({
    id,
    version,
    name,
    mode,
    matched: error === null,
    effect,
    deciding: decidedBy.kind === 'rule' && decidedBy.id === id,
    error,
  }));
}

function reviewOf({ decisionId, decidedAtMs, policy }: Situation): Decision['review'] {
  return {
    id: decisionId.replace(/^dec_/, 'rev_'),
    status: 'open',
    version: 1,
    due_at: instantText(decidedAtMs + policy.review_due_minutes * MINUTE_MS),
  };
}
