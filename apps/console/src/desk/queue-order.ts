import type { Alert } from '@veto/domain';

export const QUEUE_ORDERS = ['urgency', 'newest', 'oldest', 'score', 'amount'] as const;
export type QueueOrder = (typeof QUEUE_ORDERS)[number];

export const QUEUE_ORDER_LABELS: Readonly<Record<QueueOrder, string>> = {
  urgency: 'Expected loss × time left',
  newest: 'Newest first',
  oldest: 'Oldest first',
  score: 'Highest score',
  amount: 'Largest amount',
};

/** The time within which the clock starts to weigh: an item due now counts three times as much as one due later than this. */
const URGENT_WITHIN_MS = 30 * 60_000;
/** A payment without a score is not harmless: it is taken for one at the lower bound of `high`. */
const SCORE_WHEN_SILENT = 0.65;

/**
 * Score × amount in the base currency × urgency, where urgency grows from 1 (due in 30 minutes or later, or never)
 * to 3 (due now). The higher, the sooner a person looks.
 */
export function priorityOf(alert: Alert, nowMs: number): number {
  const leftMs = alert.dueAtMs === null ? URGENT_WITHIN_MS : alert.dueAtMs - nowMs;
  const closeness = 1 - Math.min(1, Math.max(0, leftMs / URGENT_WITHIN_MS));
  return (alert.score ?? SCORE_WHEN_SILENT) * alert.amountBaseMinor * (1 + 2 * closeness);
}

/** A copy in the order asked for; ties are broken by position, newest first, so that the order is total. */
export function sortAlerts(alerts: readonly Alert[], order: QueueOrder, nowMs: number): Alert[] {
  const keyed = alerts.map((alert) => ({ alert, key: sortKey(alert, order, nowMs) }));
  keyed.sort((a, b) => b.key - a.key || b.alert.position - a.alert.position);
  return keyed.map(({ alert }) => alert);
}

function sortKey(alert: Alert, order: QueueOrder, nowMs: number): number {
  switch (order) {
    case 'urgency':
      return priorityOf(alert, nowMs);
    case 'newest':
      return alert.decidedAtMs;
    case 'oldest':
      return -alert.decidedAtMs;
    case 'score':
      return alert.score ?? SCORE_WHEN_SILENT;
    case 'amount':
      return alert.amountBaseMinor;
  }
}
