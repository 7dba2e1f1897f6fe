import type { Random } from '../random';
import {
  carrierAddressOf,
  hostingAddressOf,
  homeAddressOf,
  streetAddressOf,
  type NetworkAddress,
  type StreetAddress,
} from '../world/addresses';
import { strangersCardOf, type Card } from '../world/cards';
import { pickCountry, type Country } from '../world/countries';
import { DISPOSABLE_DOMAINS } from '../world/customers';
import { attackerDeviceOf, type Device } from '../world/devices';
import type { World } from '../world/world';

/** Somebody who pays with what is not theirs. */
export interface Thief {
  /** How well they hide, in [0, 1): the skilled borrow the victim's country, mailbox style and pace. */
  readonly skill: number;
  readonly base: Country;
  readonly device: Device;
}

/** Most are mediocre; a few are good. */
export function thiefOf(random: Random): Thief {
  const skill = Math.max(random.unit() * random.unit(), random.chance(0.25) ? random.unit() : 0);
  const base = pickCountry(random);
  return { skill, base, device: attackerDeviceOf(base, random, skill) };
}

/** Where the thief seems to be: a rented machine, a phone, or, for a price, a home in the victim's country. */
export function thiefsNetworkOf(random: Random, thief: Thief, victimsCountry: Country): NetworkAddress {
  if (random.chance(0.2 + 0.75 * thief.skill)) return homeAddressOf(victimsCountry, random);
  return random.chance(0.65) ? hostingAddressOf(random) : carrierAddressOf(thief.base, random);
}

const MAILBOX_WORDS = ['shop', 'best', 'mark', 'lisa', 'john', 'deal', 'sun', 'max', 'alex', 'kim'];

/** A mailbox opened for the purpose: thrown away afterwards, or at an ordinary provider with a name from a keyboard. */
export function thiefsEmailOf(random: Random, thief: Thief): string {
  if (random.chance(0.45 * (1 - thief.skill))) return `${random.token(9)}@${random.pick(DISPOSABLE_DOMAINS)}`;
  const name = random.chance(thief.skill)
    ? `${random.pick(MAILBOX_WORDS)}.${random.pick(MAILBOX_WORDS)}`
    : random.token(5);
  return `${name}${random.below(9999)}@${random.pick(['example.com', 'mail.example.com', 'inbox.example', 'example.net'])}`;
}

/** A flat or a parcel shop where the goods are collected. */
export function dropAddressOf(random: Random, thief: Thief, victimsCountry: Country): StreetAddress {
  return streetAddressOf(random.chance(0.4 + 0.5 * thief.skill) ? victimsCountry : thief.base, random);
}

/** A stolen card, and whose it is when it belongs to somebody in the world. */
export interface Loot {
  readonly card: Card;
  readonly country: Country;
  readonly billing: StreetAddress;
}

/**
 * One stolen card: a customer's (whose bank replaces it days later, so that their next payment comes with a card never
 * seen before), or a stranger's.
 */
export function stealCard(world: World, random: Random, atMs: number, customersShare: number): Loot {
  if (random.chance(customersShare)) {
    const victim = world.pickCustomer(random);
    const card = world.cardOf(victim, 'first', atMs);
    world.reissueCard(victim, 'first', atMs + random.between(1, 8) * 86_400_000);
    return { card, country: victim.country, billing: victim.address };
  }
  const country = pickCountry(random);
  return {
    card: strangersCardOf(world.issuers.pickRange(country, random), random, atMs),
    country,
    billing: streetAddressOf(country, random),
  };
}
