import { randomOf, type Random } from '../random';
import {
  companyAddressOf,
  homeAddressOf,
  streetAddressOf,
  type NetworkAddress,
  type StreetAddress,
} from './addresses';
import { cardOf, type Card, type Issuers } from './cards';
import { pickCountry, pickOtherCountry, type Country } from './countries';
import { deviceOf, type Device } from './devices';
import type { Merchant, Merchants } from './merchants';

/**
 * Somebody with habits. Everything about them follows from the seed and their number, so that nobody has to be kept:
 * they can be forgotten and made again.
 */
export interface Customer {
  readonly number: number;
  readonly id: string;
  readonly email: string;
  readonly phone: string;
  readonly createdAtMs: number;
  readonly country: Country;
  readonly address: StreetAddress;
  /** How much they spend in relation to others; 1 is the middle. */
  readonly spendFactor: number;
  /** Hours by which their day is later than their neighbours'. */
  readonly dayShiftHours: number;
  readonly home: NetworkAddress;
  /** The office's address, shared with colleagues; null without an office. */
  readonly work: NetworkAddress | null;
  /** Shops that they like, the most liked first. */
  readonly favourites: readonly Merchant[];
  readonly paysByWallet: boolean;
  /** Browses so that every week looks like a new device. */
  readonly hidesDevice: boolean;
  readonly usesVpn: boolean;
  readonly hasComputer: boolean;
  readonly hasSecondCard: boolean;
  /** A drawer of dates: when phones are replaced, when cards are renewed. In [0, 1). */
  readonly phase: number;
}

const DAY_MS = 86_400_000;
/** A phone is kept for about this long. */
const PHONE_LIFE_MS = 600 * DAY_MS;
/** A card is renewed, with a new fingerprint, about this often. */
const CARD_LIFE_MS = 1100 * DAY_MS;
const OLDEST_ACCOUNT_MS = 5 * 365 * DAY_MS;

/** Mailboxes of honest people; the names are reserved by RFC 2606. */
const EMAIL_DOMAINS = [
  'example.com',
  'example.org',
  'example.net',
  'mail.example.com',
  'post.example.org',
  'box.example.net',
  'letters.example',
  'inbox.example',
];
/** Throw-away mailboxes, as every list of disposable domains names them. Nothing is ever sent there. */
export const DISPOSABLE_DOMAINS = [
  'mailinator.com',
  'guerrillamail.com',
  'yopmail.com',
  'trashmail.com',
  'sharklasers.com',
  'maildrop.cc',
  'getnada.com',
  'throwawaymail.com',
];
const FIRST_NAMES =
  'ana ben carla david elena felix greta hugo ines jonas karin luis maria nils olga pedro rosa sven tina ulf vera will yara zoe amir chen fatima kofi lea noah'.split(
    ' ',
  );
const LAST_NAMES =
  'berg costa dupont evans fischer garcia hansen ivanov jansen kowalski lopez moreau novak olsen petit quinn rossi silva thomsen urban vega weber young zimmer'.split(
    ' ',
  );

function emailOf(random: Random, number: number): string {
  const domain = random.chance(0.006) ? random.pick(DISPOSABLE_DOMAINS) : random.pick(EMAIL_DOMAINS);
  return `${random.pick(FIRST_NAMES)}.${random.pick(LAST_NAMES)}${number % 10_000}@${domain}`;
}

/** A phone number of the country: at most twelve digits, so never a card number. */
export function phoneOf(country: Country, random: Random): string {
  return `${country.dialPrefix}${random.integer(6, 7)}${random.digits(country.phoneDigitCount - 1)}`;
}

/** What customers are made from. */
export interface CustomerSources {
  readonly seed: number;
  readonly merchants: Merchants;
  readonly issuers: Issuers;
  /** Accounts of the first customers were opened before this time. */
  readonly originMs: number;
}

/** @param createdAtMs when the account was opened; without it, at some time before the world began */
export function customerOf(sources: CustomerSources, number: number, createdAtMs?: number): Customer {
  const { seed, merchants } = sources;
  const random = randomOf(seed, 'customer', number);
  // Two in five share a household with their neighbour by number: its country, its home and, at times, its devices.
  const household = randomOf(
    seed,
    'household',
    number % 5 < 2 ? `${Math.floor(number / 5)}` : `single ${number}`,
  );
  const country = pickCountry(household);
  const home = homeAddressOf(country, household);
  const address = streetAddressOf(country, household);
  return {
    number,
    id: `cus_${random.token(12)}`,
    email: emailOf(random, number),
    phone: phoneOf(country, random),
    // Most accounts are young: the square leans towards the origin.
    createdAtMs:
      createdAtMs ?? Math.floor(sources.originMs - random.unit() * random.unit() * OLDEST_ACCOUNT_MS),
    country,
    address,
    spendFactor: random.logNormal(1, 0.4),
    dayShiftHours: random.normal() * 1.8,
    home,
    work: random.chance(0.4) ? companyAddressOf(country, random.below(256)) : null,
    favourites: Array.from({ length: random.integer(3, 8) }, () => merchants.pickFor(country, random)),
    paysByWallet: random.chance(0.25),
    hidesDevice: random.chance(0.05),
    usesVpn: random.chance(0.04),
    hasComputer: random.chance(0.6),
    hasSecondCard: random.chance(0.3),
    phase: random.unit(),
  };
}

const generationOf = (atMs: number, phase: number, lifeMs: number): number =>
  Math.floor(atMs / lifeMs + phase);

/** The phone or computer that the customer uses at that time. */
export function customerDeviceOf(
  seed: number,
  customer: Customer,
  atMs: number,
  wantsPhone: boolean,
): Device {
  const isPhone = wantsPhone || !customer.hasComputer;
  const lifeMs = customer.hidesDevice ? 7 * DAY_MS : PHONE_LIFE_MS;
  // In a household the computer is often one for both.
  const isShared = !isPhone && customer.number % 5 < 2;
  const owner = isShared ? `household ${Math.floor(customer.number / 5)}` : `${customer.number}`;
  const phase = isShared ? 0.5 : customer.phase;
  return deviceOf(
    customer.country,
    randomOf(seed, 'device', owner, isPhone ? 1 : 0, generationOf(atMs, phase, lifeMs)),
    isPhone,
  );
}

/** One of the customer's cards. @param reissueCount how often it was replaced after a theft */
export function customerCardOf(
  sources: CustomerSources,
  customer: Customer,
  which: 'first' | 'second',
  atMs: number,
  reissueCount: number,
): Card {
  const { seed, issuers } = sources;
  // The bank stays the same when the card is renewed.
  const bank = randomOf(seed, 'bank', customer.number, which);
  const issuedIn = bank.chance(0.03) ? pickOtherCountry(bank, customer.country) : customer.country;
  const range = issuers.pickRange(issuedIn, bank);
  const generation = generationOf(atMs, customer.phase, CARD_LIFE_MS);
  // It is renewed two months before it expires.
  const validUntilMs = (generation + 1 - customer.phase) * CARD_LIFE_MS + 60 * DAY_MS;
  return cardOf(
    range,
    randomOf(seed, 'card', customer.number, which, generation, reissueCount),
    validUntilMs,
  );
}

/** A journey abroad. */
export interface Trip {
  readonly country: Country;
  readonly fromMs: number;
  readonly toMs: number;
}

const TRIP_SEASON_MS = 45 * DAY_MS;

/** The journey that the customer is on at that time, if any: about one in twelve travels in six weeks. */
export function tripOf(seed: number, customer: Customer, atMs: number): Trip | null {
  const season = Math.floor(atMs / TRIP_SEASON_MS);
  const random = randomOf(seed, 'trip', customer.number, season);
  if (!random.chance(0.12)) return null;
  const fromMs = (season + random.between(0, 0.7)) * TRIP_SEASON_MS;
  const toMs = fromMs + random.between(2, 12) * DAY_MS;
  return atMs >= fromMs && atMs < toMs
    ? { country: pickOtherCountry(random, customer.country), fromMs, toMs }
    : null;
}
