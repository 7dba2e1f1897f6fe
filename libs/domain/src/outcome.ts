/** What Veto answers, in ascending precedence. *Challenge* asks the customer, *review* asks an analyst. */
export const OUTCOMES = ['approve', 'challenge', 'review', 'block'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** How risky, by score; not what was decided. */
export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Lower bounds of the severities, in score [0, 1]. */
export const SEVERITY_FROM: Readonly<Record<Severity, number>> = {
  low: 0,
  medium: 0.45,
  high: 0.65,
  critical: 0.85,
};

/** A score in [0, 1] → its severity; without a score the severity is `high`: unknown is never shown as harmless. */
export function severityOf(score: number | null): Severity {
  if (score === null) return 'high';
  if (score >= SEVERITY_FROM.critical) return 'critical';
  if (score >= SEVERITY_FROM.high) return 'high';
  return score >= SEVERITY_FROM.medium ? 'medium' : 'low';
}

/** The stricter of two outcomes. */
export function stricterOutcome(a: Outcome, b: Outcome): Outcome {
  return OUTCOMES.indexOf(a) >= OUTCOMES.indexOf(b) ? a : b;
}

export const RECOMMENDED_ACTIONS = [
  'proceed',
  'step_up',
  'hold',
  'capture_later',
  'decline',
  'void_or_refund',
] as const;
export type RecommendedAction = (typeof RECOMMENDED_ACTIONS)[number];

export const STAGES = ['pre_auth', 'post_auth', 'post_capture'] as const;
/** Where in its life the payment is when Veto is asked. */
export type Stage = (typeof STAGES)[number];

/** What the merchant does about an outcome, which depends on how far the payment has gone. */
export function recommendedActionOf(outcome: Outcome, stage: Stage): RecommendedAction {
  if (outcome === 'approve') return 'proceed';
  if (outcome === 'challenge') return stage === 'pre_auth' ? 'step_up' : 'hold';
  if (outcome === 'review') return stage === 'post_auth' ? 'capture_later' : 'hold';
  return stage === 'pre_auth' ? 'decline' : 'void_or_refund';
}
