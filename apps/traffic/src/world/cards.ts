import { randomOf, type Random } from '../random';
import { countries, type Country } from './countries';

export type CardBrand = 'visa' | 'mastercard' | 'amex' | 'discover' | 'jcb' | 'maestro';
export type CardFunding = 'credit' | 'debit' | 'prepaid';

/** A range of an issuer: the first eight digits of its cards, and what all of them have in common. */
export interface BinRange {
  readonly bin: string;
  readonly brand: CardBrand;
  readonly funding: CardFunding;
  readonly country: Country;
}

/** A card as a merchant's vault knows it; its number does not exist. */
export interface Card {
  readonly fingerprint: string;
  readonly range: BinRange;
  readonly last4: string;
  readonly expMonth: number;
  readonly expYear: number;
}

/** Ranges of one country; the first few issue most of its cards. */
const RANGE_COUNT = 48;

const BRAND_MIX: readonly (readonly [CardBrand, number])[] = [
  ['visa', 52],
  ['mastercard', 42],
  ['amex', 4],
  ['maestro', 2],
];
const BRAND_MIX_US: readonly (readonly [CardBrand, number])[] = [
  ['visa', 52],
  ['mastercard', 24],
  ['amex', 16],
  ['discover', 8],
];
const BRAND_MIX_JP: readonly (readonly [CardBrand, number])[] = [
  ['visa', 45],
  ['mastercard', 20],
  ['jcb', 32],
  ['amex', 3],
];

const PREFIXES: Readonly<Record<CardBrand, readonly string[]>> = {
  visa: ['4'],
  mastercard: ['51', '52', '53', '54', '55', '2221', '2720', '23', '25'],
  amex: ['34', '37'],
  discover: ['6011', '65'],
  jcb: ['3528', '3560', '3589'],
  maestro: ['5018', '5020', '5038', '6304'],
};

function brandMixOf(country: Country): readonly (readonly [CardBrand, number])[] {
  if (country.code === 'US') return BRAND_MIX_US;
  return country.code === 'JP' ? BRAND_MIX_JP : BRAND_MIX;
}

function rangeOf(seed: number, country: Country, place: number): BinRange {
  const random = randomOf(seed, 'bin', country.code, place);
  const brand = random.pickWeighted(brandMixOf(country));
  const prefix = random.pick(PREFIXES[brand]);
  const debitShare = brand === 'amex' || brand === 'discover' || brand === 'jcb' ? 0 : 0.55;
  const funding: CardFunding = random.chance(0.06)
    ? 'prepaid'
    : random.chance(debitShare)
      ? 'debit'
      : 'credit';
  return { bin: prefix + random.digits(8 - prefix.length), brand, funding, country };
}

/** The issuers of the world. */
export interface Issuers {
  /** The BIN ranges of a country, the busiest first. */
  rangesOf(country: Country): readonly BinRange[];
  /** A range of the country, as likely as its share of the cards. */
  pickRange(country: Country, random: Random): BinRange;
}

export function createIssuers(seed: number): Issuers {
  const ranges = new Map(
    countries.map((country) => [
      country,
      Array.from({ length: RANGE_COUNT }, (_, place) => rangeOf(seed, country, place)),
    ]),
  );
  const rangesOf = (country: Country): readonly BinRange[] => ranges.get(country) ?? [];
  return {
    rangesOf,
    // The square leans towards the first places: the first issuer has one card in seven.
    pickRange: (country, random) => {
      const unit = random.unit();
      return rangesOf(country)[Math.floor(unit * unit * RANGE_COUNT)]!;
    },
  };
}

/** A card of the range; `random` decides everything else about it. @param validUntilMs its last month */
export function cardOf(range: BinRange, random: Random, validUntilMs: number): Card {
  const expiresAt = new Date(validUntilMs);
  return {
    fingerprint: `cfp_${random.token(20)}`,
    range,
    last4: random.digits(4),
    expMonth: expiresAt.getUTCMonth() + 1,
    expYear: expiresAt.getUTCFullYear(),
  };
}

/** A stranger's card, stolen somewhere: nobody in the world will pay with it again. */
export function strangersCardOf(range: BinRange, random: Random, atMs: number): Card {
  return cardOf(range, random, atMs + random.between(30, 4 * 365) * 86_400_000);
}
