import { randomOf, WeightedIndex, type Random } from '../random';
import { createIssuers, type Card, type Issuers } from './cards';
import { localHourOf, localWeekdayOf } from './countries';
import { customerCardOf, customerOf, type Customer, type CustomerSources } from './customers';
import { createMerchants, type Merchant, type Merchants } from './merchants';

/** How large a world is. */
export interface WorldScale {
  readonly seed: number;
  readonly customerCount: number;
  readonly merchantCount: number;
  /**
   * The first so many customers are regulars, known to whoever has seen this world before; 0 for none. Where a moment is
   * as busy as a day elsewhere, a customer's past has to be concentrated on a few to exist at all.
   */
  readonly regularCount?: number;
  /** The world's first day; accounts of the first customers are older. ms since epoch */
  readonly originMs: number;
}

/** Customers kept ready; the rest are made again when they come back. */
const CUSTOMER_CACHE_COUNT_MAX = 40_000;
/** Customers remembered for each terminal, so that a compromised one knows whose cards it saw. */
const TERMINAL_VISITOR_COUNT_MAX = 60;
/** Replaced cards remembered; the oldest is forgotten first. */
const REISSUE_COUNT_MAX = 20_000;
const NEWCOMER_COUNT_MAX = 200_000;

/** How busy each hour of the day is, from midnight: lunch and evening. */
const HOUR_WEIGHTS = [
  3, 1.5, 1, 0.7, 0.6, 0.9, 2, 4, 6, 7.5, 8.5, 9.5, 11, 10.5, 9, 8.5, 9, 10.5, 12, 13, 13.5, 12, 9, 5.5,
];
/** The same for the days of the week, from Monday; their mean is 1. */
export const WEEKDAY_WEIGHTS = [0.92, 0.92, 0.95, 1, 1.12, 1.14, 0.95];
const HOUR_WEIGHT_MAX = Math.max(...HOUR_WEIGHTS);
const WEEKDAY_WEIGHT_MAX = Math.max(...WEEKDAY_WEIGHTS);

interface Reissue {
  readonly fromMs: number;
  readonly count: number;
}

/** Everybody and everything that payments are made of; knows who is awake, who is new, whose card was replaced. */
export class World {
  readonly seed: number;
  readonly merchants: Merchants;
  readonly issuers: Issuers;
  /** Share of the payments that regulars make, in [0, 1]. */
  regularShare = 0;
  private readonly regularCount: number;
  private readonly sources: CustomerSources;
  private readonly customerCount: number;
  private readonly frequencies: WeightedIndex;
  private readonly cache = new Map<number, Customer>();
  private readonly newcomersCreatedAtMs: number[] = [];
  private readonly visitors = new Map<Merchant, number[]>();
  private readonly reissues = new Map<string, Reissue>();

  constructor(scale: WorldScale) {
    this.seed = scale.seed;
    this.customerCount = scale.customerCount;
    this.regularCount = Math.min(scale.regularCount ?? 0, scale.customerCount);
    this.merchants = createMerchants(scale.seed, scale.merchantCount);
    this.issuers = createIssuers(scale.seed);
    this.sources = {
      seed: scale.seed,
      merchants: this.merchants,
      issuers: this.issuers,
      originMs: scale.originMs,
    };
    const random = randomOf(scale.seed, 'frequencies');
    // Most pay a few times a year, some every day; none is busier than the mean by more than forty times.
    this.frequencies = new WeightedIndex(
      Array.from({ length: scale.customerCount }, () => Math.min(40, random.logNormal(0.33, 1.5))),
    );
  }

  /** The customer of that number; newcomers have the numbers after the first customers'. */
  customer(number: number): Customer {
    const known = this.cache.get(number);
    if (known !== undefined) return known;
    const customer = customerOf(this.sources, number, this.newcomersCreatedAtMs[number - this.customerCount]);
    if (this.cache.size >= CUSTOMER_CACHE_COUNT_MAX) this.cache.delete(this.cache.keys().next().value!);
    this.cache.set(number, customer);
    return customer;
  }

  /** A customer, as likely as they pay often; one in eight joined since the world began. */
  pickCustomer(random: Random): Customer {
    if (this.regularShare > 0 && random.chance(this.regularShare))
      return this.customer(random.below(this.regularCount));
    const newcomerCount = this.newcomersCreatedAtMs.length;
    if (newcomerCount > 20 && random.chance(0.12))
      return this.customer(this.customerCount + random.below(newcomerCount));
    return this.customer(this.frequencies.pick(random));
  }

  /** A customer whose account is at least that old, and who pays often. */
  pickEstablishedCustomer(random: Random, atMs: number, ageMs: number): Customer {
    for (let attempt = 0; attempt < 50; attempt++) {
      const customer = this.pickFrequentCustomer(random);
      if (customer.createdAtMs <= atMs - ageMs) return customer;
    }
    return this.pickFrequentCustomer(random);
  }

  private pickFrequentCustomer(random: Random): Customer {
    return this.customer(
      this.regularCount > 0 ? random.below(this.regularCount) : this.frequencies.pick(random),
    );
  }

  /** Somebody opens an account. */
  welcomeCustomer(createdAtMs: number): Customer {
    // When the book is full, the newest page is written over.
    const place = Math.min(this.newcomersCreatedAtMs.length, NEWCOMER_COUNT_MAX - 1);
    this.newcomersCreatedAtMs[place] = createdAtMs;
    this.cache.delete(this.customerCount + place);
    return this.customer(this.customerCount + place);
  }

  /** How likely the customer is to pay at that time, in (0, 1], by the hour and weekday where they live. */
  activityOf(customer: Customer, atMs: number): number {
    const localMs = atMs - customer.dayShiftHours * 3_600_000;
    const hour = HOUR_WEIGHTS[Math.floor(localHourOf(customer.country, localMs))]! / HOUR_WEIGHT_MAX;
    return (hour * WEEKDAY_WEIGHTS[localWeekdayOf(customer.country, localMs)]!) / WEEKDAY_WEIGHT_MAX;
  }

  /** A customer who pays at this very moment: somebody who is awake where they live. */
  pickActiveCustomer(random: Random, atMs: number): Customer {
    for (let attempt = 0; attempt < 200; attempt++) {
      const customer = this.pickCustomer(random);
      if (random.chance(this.activityOf(customer, atMs))) return customer;
    }
    return this.pickCustomer(random);
  }

  /** The card in the customer's wallet at that time. */
  cardOf(customer: Customer, which: 'first' | 'second', atMs: number): Card {
    const reissue = this.reissues.get(`${customer.number} ${which}`);
    const count = reissue === undefined ? 0 : atMs >= reissue.fromMs ? reissue.count : reissue.count - 1;
    return customerCardOf(this.sources, customer, which, atMs, count);
  }

  /** The bank replaces a stolen card from that time on. */
  reissueCard(customer: Customer, which: 'first' | 'second', fromMs: number): void {
    const key = `${customer.number} ${which}`;
    const count = (this.reissues.get(key)?.count ?? 0) + 1;
    this.reissues.delete(key);
    if (this.reissues.size >= REISSUE_COUNT_MAX) this.reissues.delete(this.reissues.keys().next().value!);
    this.reissues.set(key, { fromMs, count });
  }

  /** Somebody pays at a terminal. */
  visitTerminal(merchant: Merchant, customer: Customer): void {
    const numbers = this.visitors.get(merchant) ?? [];
    if (numbers.length >= TERMINAL_VISITOR_COUNT_MAX) numbers.shift();
    numbers.push(customer.number);
    this.visitors.set(merchant, numbers);
  }

  /** The latest visitors of a terminal that has had at least that many; null when no terminal has. */
  pickVisitedTerminal(
    random: Random,
    visitorCountMin: number,
  ): { readonly merchant: Merchant; readonly visitors: readonly Customer[] } | null {
    const busy = [...this.visitors].filter(([, numbers]) => numbers.length >= visitorCountMin);
    if (busy.length === 0) return null;
    const [merchant, numbers] = random.pick(busy);
    return { merchant, visitors: [...new Set(numbers)].map((number) => this.customer(number)) };
  }
}
