import { z } from 'zod';
import type { ListHit } from './list';
import { OUTCOMES, RECOMMENDED_ACTIONS, SEVERITIES } from './outcome';
import { RULE_EFFECTS, RULE_MODES, type SeenValue } from './rule';
import type { TransactionPayload } from './transaction';

/** The stages of the line that may be silent; a silent stage is named in `degraded`, never skipped in silence. */
export const LINE_STAGES = ['histories', 'model', 'deadline', 'log'] as const;
export type LineStage = (typeof LINE_STAGES)[number];

/** The ladder of degradation, L0 (nothing is silent) to L4 (the log does not answer). At L5 there is no decision. */
export const LADDER_LEVELS = ['L0', 'L1', 'L2', 'L3', 'L4'] as const;
export type LadderLevel = (typeof LADDER_LEVELS)[number];

/** The deepest level among the silent stages. */
export function ladderLevelOf(silent: readonly LineStage[]): LadderLevel {
  const depth = Math.max(-1, ...silent.map((stage) => LINE_STAGES.indexOf(stage)));
  return LADDER_LEVELS[depth + 1] ?? 'L0';
}

export const reasonSchema = z.strictObject({
  /** UPPER_SNAKE, stable, documented one by one. */
  code: z.string(),
  feature: z.string().nullable().describe('The feature it speaks of; null for a rule or a list'),
  value: z
    .union([z.number(), z.string(), z.boolean()])
    .nullable()
    .describe('As seen at decision time; null = missing'),
  typical: z
    .tuple([z.number(), z.number()])
    .nullable()
    .describe('10th and 90th percentile of genuine payments in training'),
  contribution: z
    .number()
    .nullable()
    .describe('Part of the score that this feature adds (+) or takes away (−)'),
  description: z.string().describe('A sentence for a person'),
});
export type Reason = z.infer<typeof reasonSchema>;

/** The body that a merchant receives; the same bytes for every repetition of the same id. */
export const decisionSchema = z.strictObject({
  id: z.string(),
  object: z.literal('decision'),
  version: z.int().min(1).describe('1 for the automatic decision; grows by one with every revision'),
  transaction_id: z.string(),
  created_at: z.string(),
  status: z.enum(['final', 'degraded']),
  outcome: z.enum(OUTCOMES),
  recommended_action: z.enum(RECOMMENDED_ACTIONS),
  score: z
    .number()
    .min(0)
    .max(1)
    .nullable()
    .describe('Calibrated probability of fraud; null when the model was silent'),
  risk_level: z.enum(SEVERITIES),
  decided_by: z
    .strictObject({
      kind: z.enum(['list', 'rule', 'policy', 'default', 'analyst']),
      id: z.string(),
      clause: z.string(),
    })
    .describe('The deciding clause, with the values it saw'),
  reason_codes: z.array(reasonSchema),
  score_base: z
    .number()
    .nullable()
    .describe('The score of an average payment: base + all contributions = score'),
  other_contributions: z.number().nullable().describe('Sum of the contributions that are not listed'),
  rules: z.array(
    z.strictObject({
      id: z.string(),
      version: z.int(),
      name: z.string(),
      mode: z.enum(RULE_MODES),
      matched: z.boolean().describe('False when the rule could not be evaluated; then `error` says why'),
      effect: z.enum(RULE_EFFECTS),
      deciding: z.boolean(),
      error: z.string().nullable(),
    }),
  ),
  lists: z.array(
    z.strictObject({
      entry_id: z.string(),
      kind: z.string(),
      effect: z.enum(['block', 'allow', 'watch']),
      reason: z.string(),
    }),
  ),
  model: z.strictObject({ id: z.string(), version: z.string(), sha256: z.string() }).nullable(),
  policy: z.strictObject({
    version: z.int(),
    threshold: z.number().describe('Score from which this amount is blocked by policy'),
    thresholds: z.strictObject({ challenge: z.number(), review: z.number(), block: z.number() }),
  }),
  degraded: z.array(z.enum(LINE_STAGES)),
  durability: z.enum(['log', 'wal']),
  truncated: z.array(z.string()).describe('Features that would have needed more records than are kept'),
  features_hash: z.string(),
  ruleset_hash: z.string(),
  timings_ms: z
    .record(z.string(), z.number())
    .describe(
      'Stages up to the decision; what comes after (commit, log) is in the Server-Timing header, since these bytes are fixed before',
    ),
  review: z
    .strictObject({
      id: z.string(),
      status: z.enum(['open', 'closed']),
      version: z.int(),
      due_at: z.string(),
    })
    .nullable()
    .describe('Present when the outcome is review'),
});
export type Decision = z.infer<typeof decisionSchema>;

/** The model's word on one transaction, as recorded: what replay needs to decide again without running the model. */
export interface RecordedScore {
  readonly score: number;
  /** Score of an average payment; with `contributions` of all features it sums to `score`. Null where nothing was explained. */
  readonly base: number | null;
  /** [F] in feature order, or null when the outcome is approve and nothing was explained. */
  readonly contributions: readonly number[] | null;
}

/** A rule's hit as recorded. */
export interface RecordedRuleHit {
  readonly id: string;
  readonly version: number;
  readonly name: string;
  readonly mode: 'live' | 'shadow' | 'off';
  readonly effect: 'allow' | 'challenge' | 'review' | 'block';
  readonly reason_code: string;
  readonly error: string | null;
  readonly seen: readonly SeenValue[];
}

/**
 * The value of `veto.decisions.v1` for an automatic decision: everything that made it.
 * Given this record and the versions it names, `decide` returns the same bytes again.
 */
export interface DecisionRecord {
  readonly schema: 'decision.v1';
  readonly tenant_id: string;
  readonly epoch: number;
  readonly seq: number;
  /** `sha256:<hex>` of the canonical payload. */
  readonly fingerprint: string;
  readonly received_at_ms: number;
  readonly decided_at_ms: number;
  readonly transaction: TransactionPayload;
  /** [F]; null = missing. */
  readonly features: readonly (number | null)[];
  readonly truncated: readonly string[];
  readonly scored: RecordedScore | null;
  readonly rule_hits: readonly RecordedRuleHit[];
  readonly rules_evaluated: number;
  readonly list_hits: readonly ListHit[];
  readonly open_reviews: number;
  readonly silent: readonly LineStage[];
  /** Cents approved by default in the five minutes before; left out = 0. Only a decision without a score looks at it. */
  readonly fail_open_spent?: number;
  readonly decision: Decision;
}

/** The value of `veto.decisions.v1` for a revision: an analyst's outcome replaces the automatic one; nothing is edited. */
export interface DecisionRevisionRecord {
  readonly schema: 'decision-revision.v1';
  readonly tenant_id: string;
  readonly transaction_id: string;
  readonly revised_at_ms: number;
  readonly revised_by: string;
  readonly reason: string;
  readonly decision: Decision;
}
