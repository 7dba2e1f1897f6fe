import { majorAmount, minorUnitExponent } from '@veto/domain';

/** @example (12990, 'EUR') → 'EUR 129.90' */
export function amountText(amountMinor: number, currency: string): string {
  return `${currency} ${majorAmount(amountMinor, currency).toFixed(minorUnitExponent(currency))}`;
}

/** A score or threshold with two to four decimals. @example 0.93 → '0.93', 0.0497 → '0.0497' */
export function scoreText(score: number): string {
  const four = score.toFixed(4);
  return four.endsWith('00') ? four.slice(0, -2) : four.replace(/0$/, '');
}

/** RFC 3339 in UTC with milliseconds. */
export function instantText(ms: number): string {
  return new Date(ms).toISOString();
}
