import { queueUrgencyAt, SEVERITY_FROM, type Alert } from '@veto/domain';

export const QUEUE_ORDERS = ['urgency', 'newest', 'oldest', 'score', 'amount'] as const;
export type QueueOrder = (typeof QUEUE_ORDERS)[number];

export const QUEUE_ORDER_LABELS: Readonly<Record<QueueOrder, string>> = {
  urgency: 'Expected loss × time left',
  newest: 'Newest first',
  oldest: 'Oldest first',
  score: 'Highest score',
  amount: 'Largest amount',
};

/** A copy in the order asked for; ties are broken by position, newest first, so that the order is total. */
export function sortAlerts(alerts: readonly Alert[], order: QueueOrder, nowMs: number): Alert[] {
  const keyed = alerts.map((alert) => ({ alert, key: sortKey(alert, order, nowMs) }));
  keyed.sort((a, b) => b.key - a.key || b.alert.position - a.alert.position);
  return keyed.map(({ alert }) => alert);
}

function sortKey(alert: Alert, order: QueueOrder, nowMs: number): number {
  switch (order) {
    case 'urgency':
      return queueUrgencyAt(alert, nowMs);
    case 'newest':
      return alert.decidedAtMs;
    case 'oldest':
      return -alert.decidedAtMs;
    case 'score':
      // Unknown is not harmless: it stands where `high` begins.
      return alert.score ?? SEVERITY_FROM.high;
    case 'amount':
      return alert.amountBaseMinor;
  }
}
