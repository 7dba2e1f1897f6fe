import {
  type DecisionRecord,
  type FeatureVector,
  type LineStage,
  type ListHit,
  type RecordedRuleHit,
  type RecordedScore,
  type RuleHit,
} from '@veto/domain';
import { computeFeatures } from '@veto/features';
import { evaluateRules } from '@veto/rules';
import { decide } from './decide';
import { chooseOutcome } from './decide-outcome';
import { decisionIdOf } from './decision-id';
import type { Line } from './line';
import type { Prepared } from './prepare-arrival';
import { encodeDecisionRecord } from './record-codec';
import { roundedMs, roundedScore, toMillionths } from './rounding';
import { scoreWithDeadline, type ModelWord } from './score-with-deadline';
import type { Situation } from './situation';

/** A payment that `begin` gave its place in the order of things. */
export interface Begun {
  readonly prepared: Prepared;
  readonly epoch: number;
  readonly seq: number;
  /** True when the histories are this process's own, since the shared state did not answer. */
  readonly isLocal: boolean;
  /** True when another instance may have decided the id unseen. */
  readonly isProvisional: boolean;
  readonly histories: readonly Uint8Array[];
  /** When it came in, by the stopwatch. */
  readonly enteredMs: number;
  /** What is left of its deadline now, in ms. */
  readonly leftMs: number;
  /** Stages so far; null for an orphan, whose stages nobody timed. */
  readonly timingsMs: ArrivalTimings | null;
}

/** The stages of the line before the features, in ms. */
export interface ArrivalTimings {
  readonly parse: number;
  readonly wait: number;
  readonly begin: number;
}

/** The stages that judge a payment, in ms; those of a batch share them. */
interface JudgingTimings {
  readonly features: number;
  readonly model: number;
  readonly rules: number;
}

/** A decision, ready to be committed. */
export interface Judged {
  readonly begun: Begun;
  readonly record: DecisionRecord;
  readonly body: string;
  readonly bytes: Uint8Array;
}

/** What the rules are evaluated on, and what they said. */
interface Examined {
  readonly begun: Begun;
  readonly features: FeatureVector;
  readonly score: number | null;
  readonly silent: readonly LineStage[];
  readonly listHits: readonly ListHit[];
  readonly ruleHits: readonly RecordedRuleHit[];
  readonly rulesEvaluated: number;
}

/** Features → model → rules → decision, for a batch. Waits for the model only. */
export async function judgeTransactions(line: Line, batch: readonly Begun[]): Promise<readonly Judged[]> {
  const startedMs = line.stopwatch();
  const vectors = batch.map(({ prepared, seq, isLocal, histories }) =>
    computeFeatures({
      transaction: prepared.transaction,
      // Without a place in the order, everything that this process has seen was before.
      seq: isLocal ? Number.POSITIVE_INFINITY : seq,
      histories: histories.map((bytes, i) => ({ kind: prepared.entities[i]!.kind, bytes })),
    }),
  );
  const featuresMs = line.stopwatch();
  const words = await scoreWithDeadline(
    line,
    batch.map((begun, i) => ({
      vector: vectors[i]!.values,
      leftMs: begun.leftMs - (featuresMs - startedMs),
    })),
  );
  const modelMs = line.stopwatch();
  const decidedAtMs = line.clock.nowMs();
  const isLogSilent = line.log.durability() === 'wal';
  const examined = batch.map((begun, i) =>
    examine(line, { begun, features: vectors[i]!, word: words[i]!, isLogSilent, nowMs: decidedAtMs }),
  );
  const stagesMs = {
    features: roundedMs(featuresMs - startedMs),
    model: roundedMs(modelMs - featuresMs),
    rules: roundedMs(line.stopwatch() - modelMs),
  };
  let openReviews = line.openReviews();
  return examined.map((one) => {
    const judged = judge(line, one, { decidedAtMs, stagesMs, openReviews });
    if (judged.record.decision.outcome === 'review') openReviews++;
    line.failOpen.note(judged.record);
    return judged;
  });
}

function examine(
  line: Line,
  of: {
    readonly begun: Begun;
    readonly features: FeatureVector;
    readonly word: ModelWord;
    readonly isLogSilent: boolean;
    readonly nowMs: number;
  },
): Examined {
  const { begun, features, word } = of;
  const { transaction, entities } = begun.prepared;
  const score = 'score' in word ? word.score : null;
  const listHits = line.lists.hits(transaction.tenantId, entities, of.nowMs);
  const evaluation = evaluateRules(line.ruleset, {
    transaction,
    features,
    score: score === null ? null : roundedScore(score),
    listHits,
  });
  return {
    begun,
    features,
    score,
    silent: silentOf(of),
    listHits,
    ruleHits: evaluation.hits.map(recordedHitOf),
    rulesEvaluated: evaluation.evaluatedCount,
  };
}

const NOBODY: readonly LineStage[] = [];

/** In the order of the line. */
function silentOf(of: {
  readonly begun: Begun;
  readonly word: ModelWord;
  readonly isLogSilent: boolean;
}): readonly LineStage[] {
  const ofModel = 'silent' in of.word ? of.word.silent : NOBODY;
  if (!of.begun.isLocal && !of.isLogSilent) return ofModel;
  return [
    ...(of.begun.isLocal ? (['histories'] as const) : NOBODY),
    ...ofModel,
    ...(of.isLogSilent ? (['log'] as const) : NOBODY),
  ];
}

export function recordedHitOf({
  id,
  version,
  name,
  mode,
  effect,
  reasonCode,
  error,
  seen,
}: RuleHit): RecordedRuleHit {
  return { id, version, name, mode, effect, reason_code: reasonCode, error, seen };
}

interface JudgedAt {
  readonly decidedAtMs: number;
  readonly stagesMs: JudgingTimings;
  readonly openReviews: number;
}

function judge(line: Line, examined: Examined, at: JudgedAt): Judged {
  const { begun, features, score } = examined;
  const { transaction, receivedAtMs, fingerprint, canonical } = begun.prepared;
  // Only a default asks for it.
  const failOpenSpent = score === null ? line.failOpen.spentMinor(transaction.tenantId, at.decidedAtMs) : 0;
  const unexplained: Situation = {
    transaction,
    featureSet: line.featureSet,
    features,
    ruleset: line.ruleset,
    policy: line.policy,
    model: score === null ? null : (line.scorer?.manifest ?? null),
    scored: score === null ? null : { score, base: null, contributions: null },
    ruleHits: examined.ruleHits,
    listHits: examined.listHits,
    openReviews: at.openReviews,
    silent: examined.silent,
    failOpenSpent,
    decisionId: decisionIdOf({ tenantId: transaction.tenantId, transactionId: transaction.id, receivedAtMs }),
    decidedAtMs: at.decidedAtMs,
    timingsMs: timingsOf(begun.timingsMs, at.stagesMs),
  };
  const choice = chooseOutcome(unexplained);
  const scored = choice.outcome === 'approve' ? unexplained.scored : explained(line, unexplained);
  const decision = decide({ ...unexplained, scored }, choice);
  const body = JSON.stringify(decision);
  const record: DecisionRecord = {
    schema: 'decision.v1',
    tenant_id: transaction.tenantId,
    epoch: begun.epoch,
    seq: begun.seq,
    fingerprint,
    received_at_ms: receivedAtMs,
    decided_at_ms: at.decidedAtMs,
    transaction: transaction.payload,
    features: recordedValuesOf(features),
    truncated: features.truncated,
    scored,
    rule_hits: examined.ruleHits,
    rules_evaluated: examined.rulesEvaluated,
    list_hits: examined.listHits,
    open_reviews: at.openReviews,
    silent: examined.silent,
    ...(failOpenSpent > 0 && { fail_open_spent: failOpenSpent }),
    decision,
  };
  return { begun, record, body, bytes: encodeDecisionRecord(record, { transaction: canonical, body }) };
}

/** In the order of the line. Written out member by member: a spread of two objects costs more than the rules do. */
function timingsOf(
  arrival: ArrivalTimings | null,
  { features, model, rules }: JudgingTimings,
): Readonly<Record<string, number>> {
  if (arrival === null) return { features, model, rules };
  const { parse, wait, begin } = arrival;
  return { parse, wait, begin, features, model, rules };
}

function recordedValuesOf({ values }: FeatureVector): (number | null)[] {
  const recorded = new Array<number | null>(values.length);
  for (let i = 0; i < values.length; i++) recorded[i] = Number.isNaN(values[i]) ? null : values[i]!;
  return recorded;
}

/** The score with what each feature adds to it. */
function explained(line: Line, { scored, features }: Situation): RecordedScore | null {
  if (scored === null || line.scorer === null) return scored;
  const { base, contributions } = line.scorer.explain(features.values);
  return {
    score: scored.score,
    base: toMillionths(base),
    contributions: Array.from(contributions, toMillionths),
  };
}
