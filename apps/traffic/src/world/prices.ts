import type { Random } from '../random';
import type { Country } from './countries';

/** Euros → minor units of the country's currency, at least one. */
export function minorAmountOf(euros: number, country: Country): number {
  return Math.max(1, Math.round(euros * country.perEuro * 10 ** country.minorUnitExponent));
}

/** A price as shops write it: mostly ending in .99, .95, .90, .50 or .00, sometimes to the cent. */
export function shopPriceOf(euros: number, country: Country, random: Random): number {
  const amountMinor = minorAmountOf(euros, country);
  if (country.minorUnitExponent === 0) return Math.max(100, Math.round(amountMinor / 10) * 10);
  if (random.chance(0.3) || amountMinor < 100) return amountMinor;
  return Math.floor(amountMinor / 100) * 100 + random.pick(PRICE_ENDINGS);
}

const PRICE_ENDINGS = [99, 99, 95, 90, 50, 0, 0];
