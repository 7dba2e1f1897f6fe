import { avsOf, CARDHOLDER, cvvOf, genuineThreeDsOf } from '../authentication';
import type { PaymentDraft } from '../payment';
import type { Random } from '../random';
import {
  carrierAddressOf,
  hostingAddressOf,
  homeAddressOf,
  namedStreetAddressOf,
  type NetworkAddress,
  type StreetAddress,
} from '../world/addresses';
import { localHourOf, localWeekdayOf, pickOtherCountry, type Country } from '../world/countries';
import { customerDeviceOf, tripOf, type Customer, type Trip } from '../world/customers';
import type { Merchant } from '../world/merchants';
import { shopPriceOf } from '../world/prices';
import type { World } from '../world/world';

/** A wish to buy something: who, when, and what is already decided. */
export interface Errand {
  readonly customer: Customer;
  readonly atMs: number;
  /** Where, when somebody else chose the shop: a sale that everybody runs to. */
  readonly merchant?: Merchant;
}

/**
 * What one customer does at one time: mostly one payment, sometimes several, because a code was mistyped, something was
 * forgotten, or a bill is split. Payments are in order of time.
 */
export function shop(world: World, random: Random, errand: Errand): readonly PaymentDraft[] {
  const { customer, atMs } = errand;
  const trip = tripOf(world.seed, customer, atMs);
  const merchant = errand.merchant ?? merchantFor(world, random, customer, trip);
  if (merchant.category.isSubscription && random.chance(0.7))
    return [subscriptionCharge(world, random, errand, merchant)];
  const draft =
    merchant.category.channel === 'pos'
      ? atTerminal(world, random, errand, merchant)
      : online(world, random, errand, merchant, trip);
  return withSecondThoughts(random, draft);
}

function merchantFor(world: World, random: Random, customer: Customer, trip: Trip | null): Merchant {
  if (trip !== null && random.chance(0.6)) return world.merchants.pickTerminalIn(trip.country, random);
  if (random.chance(0.72)) {
    // The most liked shop has half as much again as the next.
    const place = Math.min(
      random.below(customer.favourites.length),
      random.below(customer.favourites.length),
    );
    const favourite = customer.favourites[place]!;
    if (trip === null || favourite.category.channel !== 'pos') return favourite;
  }
  return world.merchants.pickFor(customer.country, random);
}

/** Euros that this customer spends there; one payment in fifty is for something large. */
function eurosSpent(random: Random, customer: Customer, merchant: Merchant): number {
  const { category } = merchant;
  const usual = random.logNormal(
    category.medianEuros * merchant.priceFactor * customer.spendFactor * merchant.country.priceLevel,
    category.sigma * 0.8,
  );
  const isLarge = random.chance(0.02);
  return Math.min(12_000, Math.max(0.5, isLarge ? usual * random.between(4, 14) : usual));
}

/** The currency that is charged: the terminal's abroad, the customer's own at a global shop. */
function currencyCountryOf(customer: Customer, merchant: Merchant): Country {
  return merchant.isGlobal ? customer.country : merchant.country;
}

function moneyOf(
  random: Random,
  customer: Customer,
  merchant: Merchant,
): { readonly euros: number; readonly amountMinor: number; readonly currency: string } {
  const euros = eurosSpent(random, customer, merchant);
  const country = currencyCountryOf(customer, merchant);
  return { euros, amountMinor: shopPriceOf(euros, country, random), currency: country.currency };
}

function whichCard(random: Random, customer: Customer): 'first' | 'second' {
  return customer.hasSecondCard && random.chance(0.3) ? 'second' : 'first';
}

/** The card is there, its holder unknown, but for the few who show a loyalty card. */
function atTerminal(
  world: World,
  random: Random,
  { customer, atMs }: Errand,
  merchant: Merchant,
): PaymentDraft {
  world.visitTerminal(merchant, customer);
  const { amountMinor, currency } = moneyOf(random, customer, merchant);
  const wallet = customer.paysByWallet && random.chance(0.7) ? walletOf(customer) : null;
  return {
    atMs,
    merchant,
    amountMinor,
    currency,
    wallet,
    card: world.cardOf(customer, whichCard(random, customer), atMs),
    ...(random.chance(0.25) && { customer: { id: customer.id } }),
  };
}

function walletOf(customer: Customer): 'apple_pay' | 'google_pay' {
  return customer.number % 2 === 0 ? 'apple_pay' : 'google_pay';
}

/** A stored card is charged while its holder sleeps: no device, no address, no code. */
function subscriptionCharge(
  world: World,
  random: Random,
  { customer, atMs }: Errand,
  merchant: Merchant,
): PaymentDraft {
  const country = currencyCountryOf(customer, merchant);
  return {
    atMs,
    merchant,
    initiator: 'merchant',
    amountMinor: shopPriceOf(merchant.category.medianEuros * merchant.priceFactor, country, random),
    currency: country.currency,
    card: world.cardOf(customer, 'first', atMs),
    customer: {
      id: customer.id,
      email: customer.email,
      created_at: new Date(customer.createdAtMs).toISOString(),
    },
    billing: customer.address,
  };
}

function online(
  world: World,
  random: Random,
  { customer, atMs }: Errand,
  merchant: Merchant,
  trip: Trip | null,
): PaymentDraft {
  const { euros, amountMinor, currency } = moneyOf(random, customer, merchant);
  const card = world.cardOf(customer, whichCard(random, customer), atMs);
  const wallet = customer.paysByWallet && random.chance(0.5) ? walletOf(customer) : null;
  const wantsPhone = merchant.category.channel === 'in_app' || trip !== null || random.chance(0.62);
  const device = customerDeviceOf(world.seed, customer, atMs, wantsPhone);
  const asksAddress = !merchant.category.isDigital || merchant.asksForAddress;
  return {
    atMs,
    merchant,
    card,
    amountMinor,
    currency,
    wallet,
    device,
    avs: wallet === null ? avsOf(random, merchant, card, CARDHOLDER) : null,
    cvv: wallet === null ? cvvOf(random, merchant, CARDHOLDER) : null,
    threeDs: wallet === null ? genuineThreeDsOf(random, merchant, card, euros) : undefined,
    customer: accountOf(random, customer, merchant, atMs),
    ...(asksAddress && { billing: customer.address }),
    ...(!merchant.category.isDigital && {
      shipping: shippingOf(world, random, customer),
      itemCount: 1 + random.poisson(1.2),
    }),
    sessionId: `ses_${random.token(12)}`,
    network: networkOf(world, random, customer, atMs, trip),
    namesNetworkCountry: random.chance(0.9),
  };
}

/** A guest leaves an e-mail address; an account has a number and a birthday. */
function accountOf(
  random: Random,
  customer: Customer,
  merchant: Merchant,
  atMs: number,
): NonNullable<PaymentDraft['customer']> {
  if (!merchant.hasAccounts)
    return { email: customer.email, ...(random.chance(0.6) && { phone: customer.phone }) };
  return {
    id: customer.id,
    email: customer.email,
    ...(random.chance(0.8) && { phone: customer.phone }),
    created_at: new Date(Math.min(customer.createdAtMs, atMs)).toISOString(),
  };
}

/** Mostly home; now and then a gift, an office, a holiday flat, a cousin abroad. */
function shippingOf(world: World, random: Random, customer: Customer): StreetAddress {
  const where = random.unit();
  if (where < 0.86) return customer.address;
  // The same few people get presents.
  const friend = `friend of ${customer.number} ${random.below(4)}`;
  if (where < 0.975) return namedStreetAddressOf(world.seed, friend, customer.country);
  return namedStreetAddressOf(world.seed, friend, pickOtherCountry(random, customer.country));
}

function networkOf(
  world: World,
  random: Random,
  customer: Customer,
  atMs: number,
  trip: Trip | null,
): NetworkAddress {
  if (customer.usesVpn && random.chance(0.6)) return hostingAddressOf(random);
  const country = trip?.country ?? customer.country;
  if (trip !== null)
    return random.chance(0.5) ? carrierAddressOf(country, random) : homeAddressOf(country, random);
  const hour = localHourOf(customer.country, atMs);
  const isAtWork =
    customer.work !== null && localWeekdayOf(customer.country, atMs) < 5 && hour >= 9 && hour < 17;
  if (isAtWork && random.chance(0.6)) return customer.work!;
  if (random.chance(0.28)) return carrierAddressOf(country, random);
  // A café, a friend's house.
  return random.chance(0.04) ? homeAddressOf(country, random) : customer.home;
}

const RETRY_COUNT_MAX = 3;

/** A refused code is typed again; something forgotten is bought after all. */
function withSecondThoughts(random: Random, first: PaymentDraft): PaymentDraft[] {
  const drafts = [first];
  let last = first;
  while (last.cvv === 'N' && drafts.length <= RETRY_COUNT_MAX && random.chance(0.85)) {
    last = {
      ...last,
      atMs: Math.round(last.atMs + random.between(15_000, 120_000)),
      cvv: random.chance(0.85) ? 'M' : 'N',
    };
    drafts.push(last);
  }
  if (random.chance(0.015)) {
    const factor = random.between(0.1, 0.9);
    drafts.push({
      ...last,
      atMs: Math.round(last.atMs + random.between(60_000, 1_500_000)),
      amountMinor: Math.max(1, Math.round(last.amountMinor * factor)),
    });
  }
  return drafts;
}
