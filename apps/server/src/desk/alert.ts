import {
  ALERT_AGE_MAX_MS,
  baseAmountMinor,
  newCase,
  SEVERITY_FROM,
  severityOf,
  type Alert,
  type AlertCase,
  type CaseState,
  type DecisionRecord,
} from '@veto/domain';

/**
 * True when a decision wants a human's eyes: it was not a plain approval, or its score is high all the same; and the
 * payment was recent enough when it was decided that something can still be done.
 */
export function opensAlert(record: DecisionRecord): boolean {
  const { outcome, score } = record.decision;
  if (outcome === 'approve' && (score ?? 0) < SEVERITY_FROM.high) return false;
  return record.decided_at_ms - Date.parse(record.transaction.transaction.occurred_at) <= ALERT_AGE_MAX_MS;
}

/** A decision as a row of the queue. */
export function alertOf(record: DecisionRecord, position: number, state?: CaseState): Alert {
  const { decision, transaction: payload } = record;
  const { amount, currency, occurred_at: occurredAt, id } = payload.transaction;
  const { card, merchant } = payload;
  return {
    position,
    decisionId: decision.id,
    transactionId: id,
    occurredAtMs: Date.parse(occurredAt),
    decidedAtMs: record.decided_at_ms,
    outcome: decision.outcome,
    severity: severityOf(decision.score),
    score: decision.score,
    amountMinor: amount,
    currency,
    amountBaseMinor: baseAmountMinor(amount, currency),
    card:
      card === undefined
        ? null
        : { bin: card.bin ?? null, last4: card.last4 ?? null, brand: card.brand ?? null },
    merchant: merchant === undefined ? null : { id: merchant.id, name: merchant.name ?? null },
    topReason: decision.reason_codes[0]?.description ?? decision.decided_by.clause,
    degraded: decision.degraded.length > 0,
    dueAtMs: decision.review === null ? null : Date.parse(decision.review.due_at),
    case: alertCaseOf(state ?? newCase(decision.id)),
  };
}

/** What of a case a row shows. */
export function alertCaseOf(state: CaseState): AlertCase {
  const { version, status, outcome, decidedBy, effectiveAtMs, claimedBy, claimedUntilMs } = state;
  return { version, status, outcome, decidedBy, effectiveAtMs, claimedBy, claimedUntilMs };
}

/** How much hangs on a human: a held customer waits, a blocked one is only looked at again. */
const WEIGHT = { review: 4, approve: 2, challenge: 1, block: 0.5 } as const;
/** What is assumed of a payment that the model said nothing about. */
const SCORE_WHEN_SILENT = SEVERITY_FROM.high;

/** Expected loss in cents of the base currency, weighted by how much hangs on a human. Does not change over time. */
export function urgencyOf(alert: Alert): number {
  return (alert.score ?? SCORE_WHEN_SILENT) * (alert.amountBaseMinor + 1) * WEIGHT[alert.outcome];
}

/** Urgency at one moment: it doubles over the time until a review is due, and doubles again once it is overdue. */
export function urgencyAt(alert: Alert, nowMs: number): number {
  if (alert.dueAtMs === null) return urgencyOf(alert);
  const span = Math.max(1, alert.dueAtMs - alert.decidedAtMs);
  const passed = Math.min(2, Math.max(0, (nowMs - alert.decidedAtMs) / span));
  return urgencyOf(alert) * (1 + passed);
}
