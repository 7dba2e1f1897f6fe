import type { Random } from '../random';
import type { Country } from './countries';

/** A phone or computer as the merchant's page sees it. */
export interface Device {
  readonly fingerprint: string;
  readonly userAgent: string;
  readonly language: string;
  readonly timezone: string;
  readonly isPhone: boolean;
}

/** A browser of the last two years. */
const chromeVersion = (random: Random): string => `${random.integer(128, 152)}.0.0.0`;

const PHONE_AGENTS: readonly ((random: Random) => string)[] = [
  (random) => {
    const [major, minor] = [random.integer(16, 19), random.below(6)];
    return `Mozilla/5.0 (iPhone; CPU iPhone OS ${major}_${minor} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/${major}.${minor} Mobile/15E148 Safari/604.1`;
  },
  (random) =>
    `Mozilla/5.0 (Linux; Android ${random.integer(11, 16)}; SM-S9${random.integer(11, 38)}B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${chromeVersion(random)} Mobile Safari/537.36`,
  (random) =>
    `Mozilla/5.0 (Linux; Android ${random.integer(12, 16)}; Pixel ${random.integer(6, 10)}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${chromeVersion(random)} Mobile Safari/537.36`,
];

const WINDOWS_CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/';

const COMPUTER_AGENTS: readonly ((random: Random) => string)[] = [
  (random) => `${WINDOWS_CHROME}${chromeVersion(random)} Safari/537.36`,
  (random) => {
    const version = chromeVersion(random);
    return `${WINDOWS_CHROME}${version} Safari/537.36 Edg/${version}`;
  },
  (random) =>
    `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/${random.integer(16, 19)}.${random.below(6)} Safari/605.1.15`,
  (random) => {
    const version = random.integer(128, 148);
    return `Mozilla/5.0 (X11; Linux x86_64; rv:${version}.0) Gecko/20100101 Firefox/${version}.0`;
  },
];

/** A device of somebody who lives there. */
export function deviceOf(country: Country, random: Random, isPhone: boolean): Device {
  return {
    fingerprint: `dfp_${random.token(18)}`,
    userAgent: random.pick(isPhone ? PHONE_AGENTS : COMPUTER_AGENTS)(random),
    // One in twelve speaks another language than the country's.
    language: random.chance(0.08) ? 'en-US' : country.language,
    timezone: country.timezone,
    isPhone,
  };
}

/** What an attacker's tooling claims to be: mostly an ordinary browser, sometimes carelessly not. */
export function attackerDeviceOf(country: Country, random: Random, skill: number): Device {
  const device = deviceOf(country, random, random.chance(0.35));
  if (random.chance(skill)) return device;
  const userAgent = random.chance(0.25)
    ? `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/${random.integer(110, 140)}.0.0.0 Safari/537.36`
    : device.userAgent;
  return {
    ...device,
    userAgent,
    language: random.pick(['en-US', 'ru-RU', 'en-GB', 'vi-VN']),
    timezone: random.pick(['UTC', 'Europe/Moscow', 'Asia/Ho_Chi_Minh', country.timezone]),
  };
}
