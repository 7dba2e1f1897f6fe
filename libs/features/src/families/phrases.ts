import type { EntityKind, PersonalData } from '@veto/domain';
import type { Dimension } from '../history-view';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../windows';

/** How a kind of entity is spoken of. */
export const ENTITY_WORDS: Readonly<
  Record<
    EntityKind,
    { readonly noun: string; readonly at: string; readonly personal: readonly PersonalData[] }
  >
> = {
  card: { noun: 'card', at: 'with this card', personal: ['card_token'] },
  customer: { noun: 'customer', at: 'by this customer', personal: ['customer_id'] },
  device: { noun: 'device', at: 'from this device', personal: ['device_token'] },
  ip: { noun: 'IP address', at: 'from this IP address', personal: ['ip'] },
  email: { noun: 'e-mail address', at: 'with this e-mail address', personal: ['email'] },
  merchant: { noun: 'merchant', at: 'at this merchant', personal: [] },
  bin: { noun: 'BIN', at: 'with this BIN', personal: [] },
};

export const DIMENSION_WORDS: Readonly<
  Record<
    Dimension,
    {
      readonly one: string;
      readonly many: string;
      readonly by: string;
      readonly personal: readonly PersonalData[];
    }
  >
> = {
  card: { one: 'card', many: 'cards', by: 'with', personal: ['card_token'] },
  customer: { one: 'customer', many: 'customers', by: 'by', personal: ['customer_id'] },
  device: { one: 'device', many: 'devices', by: 'from', personal: ['device_token'] },
  ip: { one: 'IP address', many: 'IP addresses', by: 'from', personal: ['ip'] },
  email: { one: 'e-mail address', many: 'e-mail addresses', by: 'with', personal: ['email'] },
  merchant: { one: 'merchant', many: 'merchants', by: 'at', personal: [] },
  bin: { one: 'BIN', many: 'BINs', by: 'with', personal: [] },
  country: { one: 'country', many: 'countries', by: 'in', personal: [] },
};

/** 0 → `no payments`, 1 → `1 payment`, 7 → `7 payments` */
export function counted(count: number, one: string, many = `${one}s`): string {
  if (count === 0) return `no ${many}`;
  return count === 1 ? `1 ${one}` : `${decimal(count)} ${many}`;
}

/** At most two decimals, no trailing zeros: 0.5, 12, 3.14 */
export function decimal(value: number): string {
  return String(Number(value.toFixed(2)));
}

/** 129.9 → `129.90 EUR` */
export function euros(value: number): string {
  return `${value.toFixed(2)} EUR`;
}

/** 0.254 → `25 %`; a share that is not nothing is never said as 0 %, nor one that is not all as 100 %. */
export function percent(share: number): string {
  if (share > 0 && share < 0.01) return 'under 1 %';
  if (share > 0.99 && share < 1) return 'over 99 %';
  return `${Math.round(share * 100)} %`;
}

/** A length of time in the unit in which a person would say it. */
export function duration(ms: number): string {
  if (ms < MINUTE_MS) return counted(Math.round(ms / 1000), 'second').replace(/^no seconds$/, '0 seconds');
  if (ms < HOUR_MS) return counted(Math.round(ms / MINUTE_MS), 'minute');
  if (ms < 2 * DAY_MS) return counted(Math.round(ms / HOUR_MS), 'hour');
  return counted(Math.round(ms / DAY_MS), 'day');
}

/** Every personal datum once, in order of first mention. */
export function personalOf(...lists: readonly (readonly PersonalData[])[]): readonly PersonalData[] {
  return [...new Set(lists.flat())];
}
