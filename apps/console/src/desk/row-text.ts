import type { Alert } from '@veto/domain';
import { formatMoney } from '../format/money';
import { formatScore } from '../format/number';
import { plainText } from '../format/text';
import { formatListTime } from '../format/time';

/** The strings of a row, made once, when it first comes into view. */
export interface RowText {
  readonly time: string;
  readonly score: string;
  readonly amount: string;
  readonly card: string;
  readonly reason: string;
  readonly merchant: string;
}

const made = new WeakMap<Alert, RowText>();

export function rowTextOf(alert: Alert): RowText {
  const known = made.get(alert);
  if (known !== undefined) return known;
  const text: RowText = {
    time: formatListTime(alert.decidedAtMs, Date.now()),
    score: formatScore(alert.score),
    amount: formatMoney(alert.amountMinor, alert.currency),
    card: cardText(alert.card),
    reason: plainText(alert.topReason),
    merchant: plainText(alert.merchant?.name ?? alert.merchant?.id ?? ''),
  };
  made.set(alert, text);
  return text;
}

/** `••8153 VISA`; never more of a card than its last four digits. */
export function cardText(card: Alert['card']): string {
  if (card === null) return '–';
  const brand = (card.brand ?? '').toUpperCase();
  return `${card.last4 === null ? '••' : `••${card.last4}`} ${brand === 'MASTERCARD' ? 'MC' : brand}`.trim();
}
