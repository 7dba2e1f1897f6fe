import type { TransactionPayload } from '@veto/domain';
import { DAY_MS, HOUR_MS } from './windows';

/** What one payment says by itself, without any past. Everything here is 1 (yes), 0 (no) or NaN (unknown). */

/** Channels in which nobody sees the card. */
export function isCardNotPresent(payload: TransactionPayload): boolean {
  const { channel } = payload.transaction;
  return channel !== 'pos' && channel !== 'atm';
}

/** Where the payment happened: the terminal's country, or that of the IP address; null = unknown. */
export function placeCountryOf(payload: TransactionPayload): string | null {
  return (isCardNotPresent(payload) ? payload.ip?.country : payload.merchant?.country) ?? null;
}

/** Network codes of the address check: both parts match, only one does, neither does. Others say nothing about it. */
const AVS_BOTH_MATCH = new Set(['D', 'F', 'M', 'X', 'Y']);
const AVS_ONE_MATCHES = new Set(['A', 'B', 'P', 'W', 'Z']);
const AVS_NONE_MATCHES = 'N';

/** 0 when street and postal code match, 0.5 when one of them does, 1 when neither; NaN when it was not checked. */
export function avsMismatchOf(payload: TransactionPayload): number {
  const result = payload.checks?.avs_result;
  if (result == null) return NaN;
  if (result === AVS_NONE_MATCHES) return 1;
  if (AVS_ONE_MATCHES.has(result)) return 0.5;
  return AVS_BOTH_MATCH.has(result) ? 0 : NaN;
}

/** 1 when the security code was wrong, 0 when right; NaN when it was not checked. */
export function cvvMismatchOf(payload: TransactionPayload): number {
  const result = payload.checks?.cvv_result;
  if (result === 'N') return 1;
  return result === 'M' ? 0 : NaN;
}

/** 1 when two known things differ, 0 when they are the same; NaN when one of them is not known. */
export function mismatchOf(one: string | undefined, other: string | undefined): number {
  if (one === undefined || other === undefined) return NaN;
  return one === other ? 0 : 1;
}

/** A postal code as it is compared: capitals, no blanks or hyphens. */
export function postalCodeOf(address: TransactionPayload['billing_address']): string | undefined {
  return address?.postal_code?.toUpperCase().replace(/[\s-]/g, '');
}

/**
 * Merchant categories that sell money or what is as good as money: quasi-cash and crypto, transfers, stored value,
 * gambling, digital goods and gift cards (ISO 18245).
 */
const CASH_LIKE_MCCS = new Set([
  '4829',
  '5815',
  '5816',
  '5817',
  '5818',
  '5947',
  '6010',
  '6011',
  '6012',
  '6050',
  '6051',
  '6211',
  '6529',
  '6530',
  '6538',
  '6540',
  '7800',
  '7801',
  '7802',
  '7995',
]);

export function isCashLike(mcc: string): boolean {
  return CASH_LIKE_MCCS.has(mcc);
}

/** ms since midnight, UTC. Not by `%`, which for numbers beyond 32 bits is a slow call. */
function timeOfDayMs(timeMs: number): number {
  return timeMs - Math.floor(timeMs / DAY_MS) * DAY_MS;
}

/** Hour of the day, UTC, 0 … 23. */
export function hourOf(timeMs: number): number {
  return Math.floor(timeOfDayMs(timeMs) / HOUR_MS);
}

/** Night ends before this hour, UTC: hours 0 … 6 are night. */
const NIGHT_END_HOUR = 7;

export function isNight(timeMs: number): boolean {
  return timeOfDayMs(timeMs) < NIGHT_END_HOUR * HOUR_MS;
}

/** Saturday or Sunday, UTC. */
export function isWeekend(timeMs: number): boolean {
  // Day 0, 1 January 1970, was a Thursday; two days later came the first Saturday.
  const dayOfWeek = Math.floor(timeMs / DAY_MS) % 7;
  return dayOfWeek === 2 || dayOfWeek === 3;
}
