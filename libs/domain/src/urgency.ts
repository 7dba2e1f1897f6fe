import type { Alert } from './live';
import { SEVERITY_FROM, type Outcome } from './outcome';

/** How much hangs on a human: a held customer waits, a blocked one is only looked at again. */
const WEIGHT: Readonly<Record<Outcome, number>> = { review: 4, approve: 2, challenge: 1, block: 0.5 };
/** What is assumed of a payment that the model said nothing about. */
const SCORE_WHEN_SILENT = SEVERITY_FROM.high;

/** Expected loss in cents of the base currency, weighted by how much hangs on a human. Does not change over time. */
export function expectedLossOf(alert: Pick<Alert, 'score' | 'amountBaseMinor' | 'outcome'>): number {
  return (alert.score ?? SCORE_WHEN_SILENT) * (alert.amountBaseMinor + 1) * WEIGHT[alert.outcome];
}

/**
 * The order of the queue, the same for the server that sends it and the console that shows it: expected loss, which
 * doubles over the time until a review is due, and doubles again once it is overdue by as long.
 * @param nowMs the server's time, ms since epoch
 */
export function queueUrgencyAt(
  alert: Pick<Alert, 'score' | 'amountBaseMinor' | 'outcome' | 'decidedAtMs' | 'dueAtMs'>,
  nowMs: number,
): number {
  if (alert.dueAtMs === null) return expectedLossOf(alert);
  const spanMs = Math.max(1, alert.dueAtMs - alert.decidedAtMs);
  const passed = Math.min(2, Math.max(0, (nowMs - alert.decidedAtMs) / spanMs));
  return expectedLossOf(alert) * (1 + passed);
}
