import { invariant } from './errors';

/**
 * The currency that sums over several currencies are kept in: features and policy compare amounts only after
 * conversion to it. It is a unit of comparison, never of accounting.
 */
export const BASE_CURRENCY = 'EUR';

/** Day of the reference rates below. Part of the feature set's hash: new rates are a new feature set. */
export const REFERENCE_RATES_AS_OF = '2026-01-02';

/** ISO 4217 code → [exponent of the minor unit, units of the currency for one euro (rounded reference rate)]. */
const CURRENCIES: Readonly<Record<string, readonly [exponent: number, perEuro: number]>> = {
  EUR: [2, 1],
  USD: [2, 1.17],
  GBP: [2, 0.87],
  SEK: [2, 10.8],
  NOK: [2, 11.8],
  DKK: [2, 7.47],
  CHF: [2, 0.93],
  PLN: [2, 4.22],
  CZK: [2, 24.2],
  HUF: [2, 385],
  RON: [2, 5.09],
  BGN: [2, 1.96],
  ISK: [0, 147],
  TRY: [2, 50.4],
  JPY: [0, 184],
  CNY: [2, 8.2],
  HKD: [2, 9.1],
  TWD: [2, 36.8],
  KRW: [0, 1695],
  SGD: [2, 1.51],
  INR: [2, 105],
  IDR: [2, 19600],
  THB: [2, 36.9],
  VND: [0, 30900],
  PHP: [2, 69.2],
  MYR: [2, 4.76],
  AUD: [2, 1.75],
  NZD: [2, 2.03],
  CAD: [2, 1.61],
  MXN: [2, 21.1],
  BRL: [2, 6.45],
  ARS: [2, 1700],
  CLP: [0, 1060],
  COP: [2, 4430],
  PEN: [2, 3.95],
  ZAR: [2, 19.4],
  NGN: [2, 1690],
  KES: [2, 151],
  EGP: [2, 56],
  MAD: [2, 10.7],
  ILS: [2, 3.74],
  AED: [2, 4.3],
  SAR: [2, 4.39],
  QAR: [2, 4.26],
  KWD: [3, 0.36],
  BHD: [3, 0.44],
  OMR: [3, 0.45],
  JOD: [3, 0.83],
  TND: [3, 3.4],
  UAH: [2, 49.6],
  RUB: [2, 93],
};

/** The ISO 4217 codes that Veto knows an exponent and a reference rate of. */
export const CURRENCY_CODES: readonly string[] = Object.keys(CURRENCIES);

function currency(code: string): readonly [exponent: number, perEuro: number] {
  const known = CURRENCIES[code];
  invariant(known !== undefined, `currency ${code} was not refused at the border`);
  return known;
}

export function isKnownCurrency(code: string): boolean {
  return Object.hasOwn(CURRENCIES, code);
}

/** Decimals of the minor unit: 2 for EUR, 0 for JPY, 3 for KWD. */
export function minorUnitExponent(code: string): number {
  return currency(code)[0];
}

/** Minor units → major units, for people to read: 12990 EUR → 129.9. */
export function majorAmount(amountMinor: number, code: string): number {
  return amountMinor / 10 ** currency(code)[0];
}

/** Minor units of any known currency → whole cents of the base currency, by the reference rates, half away from zero. */
export function baseAmountMinor(amountMinor: number, code: string): number {
  if (code === BASE_CURRENCY) return amountMinor;
  const [exponent, perEuro] = currency(code);
  return Math.round((amountMinor / 10 ** exponent / perEuro) * 100);
}
