import { randomOf, type Random } from '../random';
import { countries, postalCodeOf, type Country } from './countries';

/**
 * Network addresses of the world. Nobody lives at any of them: 198.18.0.0/15 is reserved for benchmarks (RFC 2544),
 * 203.0.113.0/24, 198.51.100.0/24, 192.0.2.0/24 and 2001:db8::/32 for documentation (RFC 5737, RFC 3849).
 */
export interface NetworkAddress {
  readonly address: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
}

/** IPv4 addresses of homes in one country: 131 072 benchmark addresses over 32 blocks. */
const HOME_ADDRESS_COUNT = 4096;

function homeIpv4(country: Country, offset: number): string {
  const number = countries.indexOf(country) * HOME_ADDRESS_COUNT + (offset % HOME_ADDRESS_COUNT);
  return `198.${18 + (number >>> 16)}.${(number >>> 8) & 255}.${number & 255}`;
}

function homeIpv6(country: Country, random: Random): string {
  const group = (): string => random.integer(1, 0xffff).toString(16);
  return `2001:db8:${(0x10 + countries.indexOf(country)).toString(16)}:${group()}:${group()}:${group()}:${group()}:${group()}`;
}

/** The address of a household: IPv6 for half of them; an IPv4 may be shared by a few (carrier-grade NAT). */
export function homeAddressOf(country: Country, random: Random): NetworkAddress {
  const address = random.chance(0.5)
    ? homeIpv6(country, random)
    : homeIpv4(country, random.below(HOME_ADDRESS_COUNT));
  return { address, country: country.code };
}

/** A mobile carrier's exit: many people behind few addresses, a new one every few hours. */
export function carrierAddressOf(country: Country, random: Random): NetworkAddress {
  if (random.chance(0.6)) return { address: homeIpv6(country, random), country: country.code };
  return {
    address: `198.51.100.${(countries.indexOf(country) * 14 + random.below(14)) % 256}`,
    country: country.code,
  };
}

/** A company's exit, shared by everyone who works there. @param company 0 … 255 */
export function companyAddressOf(country: Country, company: number): NetworkAddress {
  return { address: `203.0.113.${company % 256}`, country: country.code };
}

/** A data centre: VPN exits and rented machines. Some genuine customers come from there too. */
export function hostingAddressOf(random: Random): NetworkAddress {
  const host = random.below(256);
  return { address: `192.0.2.${host}`, country: HOSTING_COUNTRIES[host % HOSTING_COUNTRIES.length] ?? 'NL' };
}

const HOSTING_COUNTRIES = ['NL', 'DE', 'US', 'RO', 'SG', 'FR', 'BG', 'US'];

/** A street address, as a customer writes it. */
export interface StreetAddress {
  readonly line1: string;
  readonly city: string;
  readonly postal_code: string;
  readonly country: string;
}

const STREETS = [
  'Linden',
  'Church',
  'Station',
  'Mill',
  'Garden',
  'Harbour',
  'Castle',
  'Forest',
  'Bridge',
  'Market',
  'School',
  'River',
  'Hill',
  'Rose',
];
const WAYS = ['Street', 'Road', 'Lane', 'Square', 'Avenue'];

export function streetAddressOf(country: Country, random: Random): StreetAddress {
  return {
    line1: `${random.integer(1, 180)} ${random.pick(STREETS)} ${random.pick(WAYS)}`,
    city: random.pick(country.cities),
    postal_code: postalCodeOf(country, random),
    country: country.code,
  };
}

/** The address that belongs to a seed and a name, always the same: a drop, a holiday flat, a grandmother. */
export function namedStreetAddressOf(seed: number, name: string, country: Country): StreetAddress {
  return streetAddressOf(country, randomOf(seed, 'address', name));
}
