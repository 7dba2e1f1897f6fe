import {
  transactionOf,
  type Decision,
  type DecisionRecord,
  type FeatureSet,
  type FeatureVector,
  type ModelManifest,
  type Policy,
  type TenantId,
} from '@veto/domain';
import { evaluateRules, type CompiledRuleset } from '@veto/rules';
import { decide } from './decide';
import { chooseOutcome } from './decide-outcome';
import { recordedHitOf } from './judge-transactions';
import { roundedScore } from './rounding';

/** The versions to decide with again: the record's own, or others to see what they would change. */
export interface ReplayWith {
  readonly featureSet: FeatureSet;
  readonly ruleset: CompiledRuleset;
  readonly policy: Policy;
  readonly model: ModelManifest | null;
}

/** A member of the decision that came out otherwise. */
export interface DecisionDifference {
  /** JSON pointer into the decision. */
  readonly pointer: string;
  readonly recorded: unknown;
  readonly replayed: unknown;
}

export interface Replayed {
  readonly identical: boolean;
  readonly differences: readonly DecisionDifference[];
  readonly decision: Decision;
}

/**
 * Decides again from what was recorded: the payment, its features, the model's word, the lists' hits. The rules are
 * evaluated anew. With the record's own versions the decision is identical, byte for byte.
 * @guarantee I2 a decision is a function of what is recorded with it
 */
export function replayDecision(record: DecisionRecord, versions: ReplayWith): Replayed {
  const transaction = transactionOf(record.transaction, {
    tenantId: record.tenant_id as TenantId,
    receivedAtMs: record.received_at_ms,
  });
  const features = featuresOf(record);
  const evaluation = evaluateRules(versions.ruleset, {
    transaction,
    features,
    score: record.scored === null ? null : roundedScore(record.scored.score),
    listHits: record.list_hits,
  });
  const situation = {
    ...versions,
    transaction,
    features,
    model: record.scored === null ? null : versions.model,
    scored: record.scored,
    ruleHits: evaluation.hits.map(recordedHitOf),
    listHits: record.list_hits,
    openReviews: record.open_reviews,
    silent: record.silent,
    failOpenSpent: record.fail_open_spent ?? 0,
    decisionId: record.decision.id,
    decidedAtMs: record.decided_at_ms,
    timingsMs: record.decision.timings_ms,
  };
  const decision = decide(situation, chooseOutcome(situation));
  const differences: DecisionDifference[] = [];
  collect(record.decision, decision, '', differences);
  return { identical: JSON.stringify(decision) === JSON.stringify(record.decision), differences, decision };
}

function featuresOf({ features, truncated }: DecisionRecord): FeatureVector {
  return { values: Float64Array.from(features, (value) => value ?? NaN), truncated };
}

function collect(
  recorded: unknown,
  replayed: unknown,
  pointer: string,
  differences: DecisionDifference[],
): void {
  if (!isObject(recorded) || !isObject(replayed)) {
    if (!Object.is(recorded, replayed)) differences.push({ pointer, recorded, replayed });
    return;
  }
  for (const key of new Set([...Object.keys(recorded), ...Object.keys(replayed)])) {
    collect(recorded[key], replayed[key], `${pointer}/${key}`, differences);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
