import { z } from 'zod';

export const RULE_EFFECTS = ['allow', 'challenge', 'review', 'block'] as const;
export type RuleEffect = (typeof RULE_EFFECTS)[number];

export const RULE_MODES = ['live', 'shadow', 'off'] as const;
/** `shadow` is evaluated and recorded and has no effect. */
export type RuleMode = (typeof RULE_MODES)[number];

/** An analyst's rule: an immutable version. */
export const ruleSchema = z.strictObject({
  id: z.string().regex(/^rl_[a-z0-9_]{1,60}$/),
  version: z.int().min(1),
  name: z.string().min(1).max(120),
  description: z.string().min(1).max(500),
  /** CEL, of type bool, over the declared facts. */
  expression: z.string().min(1).max(4000),
  effect: z.enum(RULE_EFFECTS),
  mode: z.enum(RULE_MODES),
  reason_code: z.string().regex(/^[A-Z][A-Z0-9_]{2,59}$/),
});
export type Rule = z.infer<typeof ruleSchema>;

/** A value that a rule's clause looked at when it decided, for the person who asks why. */
export interface SeenValue {
  readonly name: string;
  readonly value: number | string | boolean | null;
}

/** What one rule said about one transaction. An error is an outcome of a rule, not an accident. */
export interface RuleHit {
  readonly id: string;
  readonly version: number;
  readonly name: string;
  readonly mode: RuleMode;
  readonly effect: RuleEffect;
  readonly reasonCode: string;
  readonly result: 'hit' | 'error';
  /** The facts named in the expression, with the values seen, at most 8. */
  readonly seen: readonly SeenValue[];
  /** Why it could not be evaluated, when `result` is `error`. */
  readonly error: string | null;
}

/** All rules of a rule set evaluated over one transaction. */
export interface RuleEvaluation {
  readonly rulesetHash: string;
  /** Rules evaluated, hits or not. */
  readonly evaluatedCount: number;
  readonly shadowCount: number;
  readonly hits: readonly RuleHit[];
}
