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
