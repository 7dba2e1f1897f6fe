import { isKnownCurrency, majorAmount, minorUnitExponent } from '@veto/domain';
import { LOCALE } from './locale';

const formatters = new Map<string, Intl.NumberFormat>();

function formatter(currency: string, display: 'code' | 'narrowSymbol'): Intl.NumberFormat {
  const key = `${currency}|${display}`;
  const known = formatters.get(key);
  if (known !== undefined) return known;
  const digits = minorUnitExponent(currency);
  const made = new Intl.NumberFormat(LOCALE, {
    style: 'currency',
    currency,
    currencyDisplay: display,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  formatters.set(key, made);
  return made;
}

/**
 * Minor units → `EUR 1,284.00`, `JPY 919`. For tables, where currencies stand below each other.
 * @param currency ISO 4217; a code that Veto has no exponent for is shown with its raw minor units, never guessed
 */
export function formatMoney(amountMinor: number, currency: string): string {
  if (!isKnownCurrency(currency)) return `${currency} ${amountMinor} minor units`;
  return formatter(currency, 'code').format(majorAmount(amountMinor, currency));
}

/** Minor units → `€1,284.00`. For titles, with the code written beside it. */
export function formatMoneyTitle(amountMinor: number, currency: string): string {
  if (!isKnownCurrency(currency)) return `${amountMinor} minor units`;
  return formatter(currency, 'narrowSymbol').format(majorAmount(amountMinor, currency));
}
