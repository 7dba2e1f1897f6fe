import type { Alert, AlertCase } from '@veto/domain';

/** A case that nobody touched. */
export const UNTOUCHED: AlertCase = {
  version: 0,
  status: 'open',
  outcome: null,
  decidedBy: null,
  effectiveAtMs: null,
  claimedBy: null,
  claimedUntilMs: null,
};

/** A valid and dull alert: a review of EUR 10.00 at Nordsport, score 70, decided at 1 000 s. For tests. */
export function anAlert(change: Partial<Alert> = {}): Alert {
  return {
    position: 1,
    decisionId: 'dec_1',
    transactionId: 'ord_1',
    occurredAtMs: 1_000_000,
    decidedAtMs: 1_000_000,
    outcome: 'review',
    severity: 'high',
    score: 0.7,
    amountMinor: 10_00,
    currency: 'EUR',
    amountBaseMinor: 10_00,
    card: { bin: '457173', last4: '8153', brand: 'visa' },
    merchant: { id: 'mer_nordsport', name: 'Nordsport AB' },
    topReason: '14 payments with this card in 1 hour',
    degraded: false,
    dueAtMs: null,
    case: UNTOUCHED,
    ...change,
  };
}
