import type { Alert } from '@veto/domain';
import { NOT_APPLICABLE } from '../format/locale';
import { formatMoney } from '../format/money';
import { formatScore } from '../format/number';
import { capitalised, plainText } from '../format/text';
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
    reason: capitalised(plainText(alert.topReason)),
    merchant: plainText(alert.merchant?.name ?? alert.merchant?.id ?? ''),
  };
  made.set(alert, text);
  return text;
}

/** As cards themselves are called by those who see thousands of them, where the name is long. */
const SHORT_BRANDS: Readonly<Record<string, string>> = {
  mastercard: 'MC',
  maestro: 'MAE',
  discover: 'DISC',
  unionpay: 'UPI',
  other: '',
};

/** `••8153 VISA`; never more of a card than its last four digits. */
export function cardText(card: Alert['card']): string {
  if (card === null) return NOT_APPLICABLE;
  const brand = card.brand === null ? '' : (SHORT_BRANDS[card.brand] ?? card.brand.toUpperCase());
  return `••${card.last4 ?? ''} ${brand}`.trim();
}
