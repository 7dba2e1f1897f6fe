import { ENTITY_KINDS, HISTORY_RECORD_COUNT_MAX, type EntityKind, type Transaction } from '@veto/domain';
import { entityValueOf } from '../entity-keys';
import { featureSet } from '../feature-set';
import { HOUR_MS, type WindowName } from '../windows';
import type { PaymentEvent, StreamEvent } from './small-store.oracle';
import { cutTimeOf, frauds, pastOf, type Past } from './naive-past.oracle';
import { bit, paymentAlone, placeOf } from './naive-payment.oracle';

/**
 * The slow, obvious second opinion on every feature, from lists of events instead of bytes. Only tests use it.
 * It shares with the fast way the names, the windows' widths and what an entity is; nothing that computes.
 */
export function naiveFeatures(
  now: Transaction,
  seq: number,
  events: readonly StreamEvent[],
  viewCountMax = HISTORY_RECORD_COUNT_MAX,
): NaiveVector {
  const seen = events.filter((event) => event.seq < seq);
  const pasts = new Map(ENTITY_KINDS.map((kind) => [kind, pastOf(kind, now, seen, viewCountMax)]));
  const past = (kind: EntityKind): Past | null => pasts.get(kind) ?? null;
  const values = new Map<string, number>(
    [
      paymentAlone(now),
      ofCard(past('card'), now),
      ofCustomer(past('customer'), now),
      ofDevice(past('device')),
      ofIp(past('ip')),
      ofEmail(past('email'), now),
      ofBin(past('bin')),
      ofMerchant(past('merchant'), now),
    ].flatMap((family) => Object.entries(family)),
  );
  return { values, truncated: truncated(now, past, values) };
}

export interface NaiveVector {
  readonly values: ReadonlyMap<string, number>;
  readonly truncated: readonly string[];
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
const distinct = (values: readonly unknown[]): number =>
  new Set(values.filter((value) => value != null)).size;
const amountsOf = (payments: readonly PaymentEvent[]): number[] =>
  payments.map((payment) => payment.transaction.amountBaseMinor);
const isSmall = (payment: PaymentEvent): boolean => payment.transaction.amountBaseMinor < 500;
const isWrongCvv = (payment: PaymentEvent): boolean => payment.transaction.payload.checks?.cvv_result === 'N';
const isAtNight = (payment: PaymentEvent): boolean =>
  new Date(payment.transaction.occurredAtMs).getUTCHours() <= 6;
const mean = (payments: readonly PaymentEvent[]): number =>
  sum(amountsOf(payments)) / (payments.length * 100);

function ratio(past: Past, now: Transaction): number {
  const amounts = amountsOf(past.payments('30d'));
  return sum(amounts) === 0 ? NaN : (now.amountBaseMinor * amounts.length) / sum(amounts);
}

function zscore(past: Past, now: Transaction): number {
  const amounts = amountsOf(past.payments('30d'));
  const squares = amounts.reduce((total, amount) => total + BigInt(amount) * BigInt(amount), 0n);
  const scaledVariance = BigInt(amounts.length) * squares - BigInt(sum(amounts)) ** 2n;
  if (scaledVariance === 0n) return NaN;
  return (now.amountBaseMinor * amounts.length - sum(amounts)) / Math.sqrt(Number(scaledVariance));
}

function largest(payments: readonly PaymentEvent[]): number {
  return payments.length === 0 ? NaN : Math.max(...amountsOf(payments)) / 100;
}

function hoursSince(timesMs: readonly number[], now: Transaction): number {
  return timesMs.length === 0 ? NaN : (now.occurredAtMs - Math.max(...timesMs)) / HOUR_MS;
}

function hoursSinceFirst(past: Past, now: Transaction): number {
  const times = past.payments('40d').map((payment) => payment.transaction.occurredAtMs);
  return times.length === 0 ? NaN : (now.occurredAtMs - Math.min(...times)) / HOUR_MS;
}

function ofCard(past: Past | null, now: Transaction): Record<string, number> {
  if (past === null) return {};
  const merchants = past.payments('24h').map((payment) => payment.entities.merchant);
  const devices = past.payments('7d').map((payment) => payment.entities.device);
  const places = past.payments('30d').map((payment) => placeOf(payment.transaction));
  return {
    card_count_1m: past.payments('1m').length,
    card_count_10m: past.payments('10m').length,
    card_count_1h: past.payments('1h').length,
    card_count_24h: past.payments('24h').length,
    card_count_7d: past.payments('7d').length,
    card_small_count_24h: past.payments('24h').filter(isSmall).length,
    card_cvv_mismatch_count_24h: past.payments('24h').filter(isWrongCvv).length,
    card_amount_sum_1h: sum(amountsOf(past.payments('1h'))) / 100,
    card_amount_sum_24h: sum(amountsOf(past.payments('24h'))) / 100,
    card_amount_max_30d: largest(past.payments('30d')),
    card_amount_ratio_30d: ratio(past, now),
    card_merchant_distinct_24h: distinct(merchants),
    card_country_distinct_24h: distinct(past.payments('24h').map((payment) => placeOf(payment.transaction))),
    card_device_distinct_7d: distinct(devices),
    card_country_is_new: placeOf(now) === undefined ? NaN : bit(!places.includes(placeOf(now))),
    card_time_since_last: hoursSince(
      past.payments('40d').map((payment) => payment.transaction.occurredAtMs),
      now,
    ),
    card_time_since_first: hoursSinceFirst(past, now),
    card_fraud_count_30d: frauds(past, '30d').length,
  };
}

function ofCustomer(past: Past | null, now: Transaction): Record<string, number> {
  if (past === null) return {};
  const month = past.payments('30d');
  const daySpent = sum(amountsOf(past.payments('24h'))) + now.amountBaseMinor;
  const monthSpent = sum(amountsOf(month)) + now.amountBaseMinor;
  const sameCount = (kind: EntityKind): number => {
    const own = entityValueOf(now.payload, kind);
    return own === null ? NaN : month.filter((payment) => payment.entities[kind] === own).length;
  };
  const isNew = (kind: EntityKind): number =>
    Number.isNaN(sameCount(kind)) ? NaN : bit(sameCount(kind) === 0);
  const week = (kind: EntityKind): number =>
    distinct(past.payments('7d').map((payment) => payment.entities[kind]));
  return {
    customer_count_1h: past.payments('1h').length,
    customer_count_24h: past.payments('24h').length,
    customer_count_7d: past.payments('7d').length,
    customer_count_30d: month.length,
    customer_amount_mean_24h: mean(past.payments('24h')),
    customer_amount_mean_7d: mean(past.payments('7d')),
    customer_amount_mean_30d: mean(month),
    customer_amount_max_30d: largest(month),
    customer_amount_ratio_30d: ratio(past, now),
    customer_amount_zscore_30d: zscore(past, now),
    customer_amount_share_24h: monthSpent === 0 ? NaN : daySpent / monthSpent,
    customer_night_share_30d: month.filter(isAtNight).length / month.length,
    customer_device_is_new: isNew('device'),
    customer_merchant_is_new: isNew('merchant'),
    customer_ip_is_new: isNew('ip'),
    customer_merchant_count_30d: sameCount('merchant'),
    customer_device_distinct_7d: week('device'),
    customer_card_distinct_7d: week('card'),
    customer_country_distinct_7d: distinct(
      past.payments('7d').map((payment) => placeOf(payment.transaction)),
    ),
    customer_time_since_last: hoursSince(
      past.payments('40d').map((payment) => payment.transaction.occurredAtMs),
      now,
    ),
    customer_fraud_count_30d: frauds(past, '30d').length,
    customer_time_since_fraud: hoursSince(
      frauds(past, '40d').map((fraud) => fraud.occurredAtMs),
      now,
    ),
  };
}

/** Distinct entities of a kind in a window. */
function distinctIn(past: Past, window: WindowName, kind: EntityKind): number {
  return distinct(past.payments(window).map((payment) => payment.entities[kind]));
}

function ofDevice(past: Past | null): Record<string, number> {
  if (past === null) return {};
  return {
    device_count_1h: past.payments('1h').length,
    device_card_distinct_1h: distinctIn(past, '1h', 'card'),
    device_card_distinct_7d: distinctIn(past, '7d', 'card'),
    device_customer_distinct_7d: distinctIn(past, '7d', 'customer'),
    device_email_distinct_7d: distinctIn(past, '7d', 'email'),
    device_fraud_count_30d: frauds(past, '30d').length,
  };
}

function ofIp(past: Past | null): Record<string, number> {
  if (past === null) return {};
  return {
    ip_count_10m: past.payments('10m').length,
    ip_count_1h: past.payments('1h').length,
    ip_card_distinct_1h: distinctIn(past, '1h', 'card'),
    ip_card_distinct_24h: distinctIn(past, '24h', 'card'),
    ip_customer_distinct_24h: distinctIn(past, '24h', 'customer'),
    ip_fraud_count_30d: frauds(past, '30d').length,
  };
}

function ofEmail(past: Past | null, now: Transaction): Record<string, number> {
  if (past === null) return {};
  return {
    email_count_24h: past.payments('24h').length,
    email_card_distinct_7d: distinctIn(past, '7d', 'card'),
    email_time_since_first: hoursSinceFirst(past, now),
  };
}

function ofBin(past: Past | null): Record<string, number> {
  if (past === null) return {};
  const hour = past.payments('1h');
  return {
    bin_count_10m: past.payments('10m').length,
    bin_card_distinct_10m: distinctIn(past, '10m', 'card'),
    bin_card_distinct_1h: distinctIn(past, '1h', 'card'),
    bin_small_amount_share_1h: hour.filter(isSmall).length / hour.length,
    bin_cvv_mismatch_count_1h: hour.filter(isWrongCvv).length,
  };
}

function ofMerchant(past: Past | null, now: Transaction): Record<string, number> {
  if (past === null) return {};
  const known = past.verdicts('40d');
  const lastFraudMs = Math.max(-Infinity, ...frauds(past, '40d').map((fraud) => fraud.occurredAtMs));
  const share = (window: WindowName): number => frauds(past, window).length / past.verdicts(window).length;
  return {
    merchant_count_1h: past.payments('1h').length,
    merchant_count_24h: past.payments('24h').length,
    merchant_small_count_10m: past.payments('10m').filter(isSmall).length,
    merchant_card_distinct_1h: distinctIn(past, '1h', 'card'),
    merchant_amount_ratio_30d: ratio(past, now),
    merchant_label_count_24h: past.verdicts('24h').length,
    merchant_label_count_7d: past.verdicts('7d').length,
    merchant_label_count_30d: past.verdicts('30d').length,
    merchant_fraud_share_24h: share('24h'),
    merchant_fraud_share_7d: share('7d'),
    merchant_fraud_share_30d: share('30d'),
    merchant_fraud_count_30d: frauds(past, '30d').length,
    merchant_time_since_fraud: hoursSince(
      frauds(past, '40d').map((fraud) => fraud.occurredAtMs),
      now,
    ),
    merchant_genuine_run: known.filter((verdict) => !verdict.isFraud && verdict.occurredAtMs > lastFraudMs)
      .length,
  };
}

/**
 * A full view may have lost records at its old end. A window is truncated when the cut, the latest of the eight oldest
 * records, is not older than the window; unless the feature found what it looked for.
 */
function truncated(
  now: Transaction,
  past: (kind: EntityKind) => Past | null,
  values: ReadonlyMap<string, number>,
): string[] {
  return featureSet.definitions
    .filter(({ name, entity, windowMs }) => {
      const view = entity === null ? null : past(entity)?.view;
      if (view == null || view.length < HISTORY_RECORD_COUNT_MAX) return false;
      const value = values.get(name) ?? NaN;
      if (name.endsWith('_is_new') && value === 0) return false;
      if (name.endsWith('_time_since_last') && !Number.isNaN(value)) return false;
      const cutMs = Math.max(...view.slice(0, 8).map(cutTimeOf));
      return cutMs >= now.occurredAtMs - (windowMs ?? NaN);
    })
    .map(({ name }) => name);
}
