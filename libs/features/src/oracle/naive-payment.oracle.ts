import type { Transaction } from '@veto/domain';
import { disposableEmailBlocklist } from 'disposable-email-domains-js';
import { DAY_MS } from '../windows';

const disposableDomains = disposableEmailBlocklist();
export const bit = (value: boolean): number => (value ? 1 : 0);
const isPresent = ({ payload }: Transaction): boolean => ['pos', 'atm'].includes(payload.transaction.channel);
export const placeOf = (payment: Transaction): string | undefined =>
  isPresent(payment) ? payment.payload.merchant?.country : payment.payload.ip?.country;
const differ = (one: string | undefined, other: string | undefined): number =>
  one === undefined || other === undefined ? NaN : bit(one !== other);

/** What a payment says by itself, the naive way. */
export function paymentAlone(now: Transaction): Record<string, number> {
  const {
    transaction,
    card,
    merchant,
    ip,
    customer,
    checks,
    three_ds,
    billing_address: billing,
    shipping_address: shipping,
  } = now.payload;
  const at = new Date(now.occurredAtMs);
  const email = customer?.email?.toLowerCase();
  const local = email?.split('@')[0] ?? '';
  const domain = email?.split('@')[1] ?? '';
  const parents = domain.split('.').map((_, i, labels) => labels.slice(i).join('.'));
  const cashLike =
    '4829 5815 5816 5817 5818 5947 6010 6011 6012 6050 6051 6211 6529 6530 6538 6540 7800 7801 7802 7995';
  const avs: Record<string, number> = {
    N: 1,
    A: 0.5,
    B: 0.5,
    P: 0.5,
    W: 0.5,
    Z: 0.5,
    D: 0,
    F: 0,
    M: 0,
    X: 0,
    Y: 0,
  };
  const cvv: Record<string, number> = { N: 1, M: 0 };
  const postal = (code: string | undefined): string | undefined => code?.replace(/[ -]/g, '').toUpperCase();
  return {
    amount: now.amountBaseMinor / 100,
    hour_of_day: at.getUTCHours(),
    is_night: bit(at.getUTCHours() <= 6),
    is_weekend: bit(at.getUTCDay() === 0 || at.getUTCDay() === 6),
    is_card_not_present: bit(!isPresent(now)),
    is_merchant_initiated: bit(transaction.initiator === 'merchant'),
    mcc_is_cash_like: transaction.mcc === undefined ? NaN : bit(cashLike.includes(transaction.mcc)),
    card_is_prepaid:
      card?.funding === undefined || card.funding === 'unknown' ? NaN : bit(card.funding === 'prepaid'),
    avs_mismatch: avs[checks?.avs_result ?? ''] ?? NaN,
    cvv_mismatch: cvv[checks?.cvv_result ?? ''] ?? NaN,
    three_ds_authenticated: three_ds?.trans_status === undefined ? NaN : bit(three_ds.trans_status === 'Y'),
    issuer_ip_country_mismatch: differ(card?.issuer_country, ip?.country),
    issuer_billing_country_mismatch: differ(card?.issuer_country, billing?.country),
    issuer_merchant_country_mismatch: differ(card?.issuer_country, merchant?.country),
    billing_ip_country_mismatch: differ(billing?.country, ip?.country),
    billing_shipping_country_mismatch: differ(billing?.country, shipping?.country),
    billing_shipping_postal_mismatch: differ(postal(billing?.postal_code), postal(shipping?.postal_code)),
    email_is_disposable:
      email === undefined ? NaN : bit(parents.some((parent) => disposableDomains.includes(parent))),
    email_digit_share: email === undefined ? NaN : local.replace(/\D/g, '').length / local.length,
    customer_account_age_days:
      customer?.created_at === undefined
        ? NaN
        : Math.max(0, (now.occurredAtMs - new Date(customer.created_at).getTime()) / DAY_MS),
  };
}
