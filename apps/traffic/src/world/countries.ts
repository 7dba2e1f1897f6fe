import type { Random } from '../random';

/** A country that customers and merchants live in. */
export interface Country {
  /** ISO 3166-1 alpha-2. */
  readonly code: string;
  /** ISO 4217. */
  readonly currency: string;
  /** Share of the customers, relative. */
  readonly weight: number;
  /** Hours ahead of UTC, all year: the rhythm of a day needs no summer time. */
  readonly utcOffsetHours: number;
  readonly timezone: string;
  readonly language: string;
  readonly dialPrefix: string;
  /** Digits of a phone number after the prefix; with the prefix never more than 12. */
  readonly phoneDigitCount: number;
  /** `#` a digit, `A` a letter. */
  readonly postalPattern: string;
  readonly cities: readonly string[];
  /** Prices in relation to the euro area. */
  readonly priceLevel: number;
  /** Strong customer authentication is the law here (PSD2 and its kin). */
  readonly requiresSca: boolean;
  /** Issuers answer address checks here. */
  readonly hasAvs: boolean;
  /** Units of the currency for one euro, rounded: to set prices by, never to convert. */
  readonly perEuro: number;
  readonly minorUnitExponent: number;
}

type Row = readonly [
  code: string,
  currency: string,
  weight: number,
  utcOffsetHours: number,
  timezone: string,
  language: string,
  dialPrefix: string,
  phoneDigitCount: number,
  postalPattern: string,
  priceLevel: number,
  requiresSca: boolean,
  hasAvs: boolean,
  perEuro: number,
  minorUnitExponent: number,
  cities: string,
];

// prettier-ignore
const ROWS: readonly Row[] = [
  ['ES', 'EUR', 13, 1, 'Europe/Madrid', 'es-ES', '+34', 9, '#####', 0.85, true, false, 1, 2, 'Madrid Barcelona Valencia Sevilla Bilbao Zaragoza'],
  ['DE', 'EUR', 14, 1, 'Europe/Berlin', 'de-DE', '+49', 10, '#####', 1.05, true, false, 1, 2, 'Berlin Hamburg Köln München Leipzig Bremen'],
  ['FR', 'EUR', 12, 1, 'Europe/Paris', 'fr-FR', '+33', 9, '#####', 1.05, true, false, 1, 2, 'Paris Lyon Lille Nantes Toulouse Rennes'],
  ['IT', 'EUR', 8, 1, 'Europe/Rome', 'it-IT', '+39', 10, '#####', 0.9, true, false, 1, 2, 'Roma Milano Torino Bologna Napoli Bari'],
  ['NL', 'EUR', 6, 1, 'Europe/Amsterdam', 'nl-NL', '+31', 9, '#### AA', 1.1, true, false, 1, 2, 'Amsterdam Utrecht Rotterdam Eindhoven'],
  ['PT', 'EUR', 3, 0, 'Europe/Lisbon', 'pt-PT', '+351', 9, '####-###', 0.75, true, false, 1, 2, 'Lisboa Porto Braga Coimbra'],
  ['IE', 'EUR', 2, 0, 'Europe/Dublin', 'en-IE', '+353', 9, 'A## A#A#', 1.2, true, false, 1, 2, 'Dublin Cork Galway'],
  ['SE', 'SEK', 6, 1, 'Europe/Stockholm', 'sv-SE', '+46', 9, '### ##', 1.15, true, false, 11, 2, 'Stockholm Göteborg Malmö Uppsala'],
  ['DK', 'DKK', 3, 1, 'Europe/Copenhagen', 'da-DK', '+45', 8, '####', 1.25, true, false, 7.5, 2, 'København Aarhus Odense'],
  ['PL', 'PLN', 5, 1, 'Europe/Warsaw', 'pl-PL', '+48', 9, '##-###', 0.65, true, false, 4.2, 2, 'Warszawa Kraków Gdańsk Poznań'],
  ['GB', 'GBP', 12, 0, 'Europe/London', 'en-GB', '+44', 10, 'AA## #AA', 1.1, true, true, 0.87, 2, 'London Leeds Bristol Glasgow Manchester'],
  ['US', 'USD', 9, -6, 'America/Chicago', 'en-US', '+1', 10, '#####', 1.1, false, true, 1.15, 2, 'Chicago Austin Boston Denver Portland Tampa'],
  ['CA', 'CAD', 3, -5, 'America/Toronto', 'en-CA', '+1', 10, 'A#A #A#', 1.05, false, true, 1.6, 2, 'Toronto Montréal Ottawa Halifax'],
  ['BR', 'BRL', 2, -3, 'America/Sao_Paulo', 'pt-BR', '+55', 10, '#####-###', 0.6, false, false, 6.4, 2, 'Recife Curitiba Salvador Campinas'],
  ['MX', 'MXN', 1, -6, 'America/Mexico_City', 'es-MX', '+52', 10, '#####', 0.6, false, false, 21, 2, 'Puebla Mérida León Querétaro'],
  ['JP', 'JPY', 2, 9, 'Asia/Tokyo', 'ja-JP', '+81', 10, '###-####', 0.95, false, false, 180, 0, 'Tokyo Osaka Nagoya Sapporo'],
  ['AU', 'AUD', 2, 10, 'Australia/Sydney', 'en-AU', '+61', 9, '####', 1.1, false, true, 1.75, 2, 'Sydney Melbourne Perth Brisbane'],
];

function countryOf(row: Row): Country {
  const [
    code,
    currency,
    weight,
    utcOffsetHours,
    timezone,
    language,
    dialPrefix,
    phoneDigitCount,
    postalPattern,
  ] = row;
  const [, , , , , , , , , priceLevel, requiresSca, hasAvs, perEuro, minorUnitExponent, cities] = row;
  return {
    code,
    currency,
    weight,
    utcOffsetHours,
    timezone,
    language,
    dialPrefix,
    phoneDigitCount,
    postalPattern,
    priceLevel,
    requiresSca,
    hasAvs,
    perEuro,
    minorUnitExponent,
    cities: cities.split(' '),
  };
}

/** Every country of the world, in a fixed order: its place also decides its address blocks. */
export const countries: readonly Country[] = ROWS.map(countryOf);

const weighted = countries.map((country) => [country, country.weight] as const);

/** A country, as likely as its share of the customers. */
export function pickCountry(random: Random): Country {
  return random.pickWeighted(weighted);
}

/** Another country than this one. */
export function pickOtherCountry(random: Random, than: Country): Country {
  for (;;) {
    const country = pickCountry(random);
    if (country !== than) return country;
  }
}

/** A postal code of the country's shape. */
export function postalCodeOf(country: Country, random: Random): string {
  return country.postalPattern.replace(/[#A]/g, (sign) =>
    sign === '#' ? random.digits(1) : 'ABCDEFGHJKLMNPRSTUWXY'.charAt(random.below(21)),
  );
}

/** Hour of the day there, in [0, 24), with its fraction. */
export function localHourOf(country: Country, atMs: number): number {
  return (((atMs / 3_600_000 + country.utcOffsetHours) % 24) + 24) % 24;
}

/** Day of the week there: 0 is Monday, 6 is Sunday. */
export function localWeekdayOf(country: Country, atMs: number): number {
  // 1 January 1970 was a Thursday.
  return (Math.floor((atMs / 3_600_000 + country.utcOffsetHours) / 24) + 3) % 7;
}
