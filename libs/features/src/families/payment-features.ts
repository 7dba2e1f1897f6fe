import type { PersonalData, Transaction, TransactionPayload } from '@veto/domain';
import type { PaymentFeature } from '../declaration';
import { digitShareOf, emailAddressOf, isDisposableEmail } from '../email';
import {
  avsMismatchOf,
  cvvMismatchOf,
  hourOf,
  isCardNotPresent,
  isCashLike,
  isNight,
  isWeekend,
  mismatchOf,
  postalCodeOf,
} from '../payment-facts';
import { DAY_MS } from '../windows';
import { CENTS } from './past-of';
import { counted, euros, percent } from './phrases';

/** What the payment says by itself: amount, time, checks, countries that disagree, the mailbox, the account. */

type Declaration = Pick<PaymentFeature, 'name' | 'description' | 'say'> &
  Partial<PaymentFeature> & { readonly read: (transaction: Transaction) => number };

function payment(declaration: Declaration): PaymentFeature {
  return {
    unit: 'yes or no',
    range: [0, 1],
    missing: null,
    derivesFrom: [],
    ...declaration,
    entity: null,
    windowMs: null,
  };
}

/** A mismatch of two things that the payload names. */
function mismatch(of: {
  readonly name: string;
  readonly one: string;
  readonly other: string;
  readonly derivesFrom: readonly PersonalData[];
  readonly values: (
    payload: TransactionPayload,
  ) => readonly [one: string | undefined, other: string | undefined];
}): PaymentFeature {
  return payment({
    name: of.name,
    description: `1 when the ${of.one} is not the ${of.other}, 0 when it is.`,
    missing: 'one of the two is not known',
    derivesFrom: of.derivesFrom,
    read: ({ payload }) => mismatchOf(...of.values(payload)),
    say: (value) => `the ${of.one} is ${value === 1 ? 'not ' : ''}the ${of.other}`,
  });
}

const yes = (value: boolean): number => (value ? 1 : 0);

export const amountAndTime: readonly PaymentFeature[] = [
  payment({
    name: 'amount',
    description: 'Amount of this payment, in the base currency by the reference rates.',
    unit: 'EUR',
    range: [0, null],
    read: ({ amountBaseMinor }) => amountBaseMinor / CENTS,
    say: (value) => `the amount is ${euros(value)}`,
  }),
  payment({
    name: 'hour_of_day',
    description: 'Hour of the day in which the payment was made, UTC.',
    unit: 'hour',
    range: [0, 23],
    read: ({ occurredAtMs }) => hourOf(occurredAtMs),
    say: (value) => `made between ${value}:00 and ${value}:59 UTC`,
  }),
  payment({
    name: 'is_night',
    description: '1 when the payment was made at night, before 7:00 UTC, else 0.',
    read: ({ occurredAtMs }) => yes(isNight(occurredAtMs)),
    say: (value) => (value === 1 ? 'made at night, UTC' : 'made by day, UTC'),
  }),
  payment({
    name: 'is_weekend',
    description: '1 when the payment was made on a Saturday or Sunday, UTC, else 0.',
    read: ({ occurredAtMs }) => yes(isWeekend(occurredAtMs)),
    say: (value) => (value === 1 ? 'made on a weekend' : 'made on a weekday'),
  }),
];

export const mannerOfPaying: readonly PaymentFeature[] = [
  payment({
    name: 'is_card_not_present',
    description: '1 when nobody sees the card: any channel but a terminal or a cash machine, else 0.',
    read: ({ payload }) => yes(isCardNotPresent(payload)),
    say: (value) => (value === 1 ? 'the card is not present' : 'the card is present'),
  }),
  payment({
    name: 'is_merchant_initiated',
    description: '1 when the merchant started the payment, as for a subscription, 0 when the customer did.',
    read: ({ payload }) => yes(payload.transaction.initiator === 'merchant'),
    say: (value) => `started by the ${value === 1 ? 'merchant' : 'customer'}`,
  }),
  payment({
    name: 'mcc_is_cash_like',
    description:
      '1 when the merchant sells money or what is as good as money: crypto, transfers, gambling, gift cards, digital goods.',
    missing: 'the merchant category is not known',
    read: ({ payload: { transaction } }) =>
      transaction.mcc === undefined ? NaN : yes(isCashLike(transaction.mcc)),
    say: (value) => `the merchant ${value === 1 ? 'sells' : 'does not sell'} what is as good as money`,
  }),
  payment({
    name: 'card_is_prepaid',
    description: '1 when the card is prepaid, 0 for credit and debit.',
    missing: 'the funding of the card is not known',
    read: ({ payload: { card } }) =>
      card?.funding === undefined || card.funding === 'unknown' ? NaN : yes(card.funding === 'prepaid'),
    say: (value) => `the card is ${value === 1 ? '' : 'not '}prepaid`,
  }),
  payment({
    name: 'avs_mismatch',
    description:
      "Address check: 1 when neither street nor postal code matches the issuer's, 0.5 when one does, 0 when both do.",
    missing: 'the address was not checked',
    derivesFrom: ['address'],
    unit: 'share',
    read: ({ payload }) => avsMismatchOf(payload),
    say: (value) =>
      value === 1
        ? 'street and postal code are wrong'
        : value === 0
          ? 'street and postal code are right'
          : 'street or postal code is wrong',
  }),
  payment({
    name: 'cvv_mismatch',
    description: '1 when the security code was wrong, 0 when it was right.',
    missing: 'the security code was not checked',
    read: ({ payload }) => cvvMismatchOf(payload),
    say: (value) => `the security code is ${value === 1 ? 'wrong' : 'right'}`,
  }),
  payment({
    name: 'three_ds_authenticated',
    description: '1 when the cardholder was authenticated by 3-D Secure, 0 when it was tried and was not.',
    missing: '3-D Secure was not used',
    read: ({ payload: { three_ds } }) =>
      three_ds?.trans_status === undefined ? NaN : yes(three_ds.trans_status === 'Y'),
    say: (value) =>
      `3-D Secure ${value === 1 ? 'authenticated the cardholder' : 'did not authenticate the cardholder'}`,
  }),
];

export const countriesAndAddresses: readonly PaymentFeature[] = [
  mismatch({
    name: 'issuer_ip_country_mismatch',
    one: "card issuer's country",
    other: 'country of the IP address',
    derivesFrom: ['ip'],
    values: ({ card, ip }) => [card?.issuer_country, ip?.country],
  }),
  mismatch({
    name: 'issuer_billing_country_mismatch',
    one: "card issuer's country",
    other: 'billing country',
    derivesFrom: ['address'],
    values: ({ card, billing_address }) => [card?.issuer_country, billing_address?.country],
  }),
  mismatch({
    name: 'issuer_merchant_country_mismatch',
    one: "card issuer's country",
    other: "merchant's country",
    derivesFrom: [],
    values: ({ card, merchant }) => [card?.issuer_country, merchant?.country],
  }),
  mismatch({
    name: 'billing_ip_country_mismatch',
    one: 'billing country',
    other: 'country of the IP address',
    derivesFrom: ['address', 'ip'],
    values: ({ billing_address, ip }) => [billing_address?.country, ip?.country],
  }),
  mismatch({
    name: 'billing_shipping_country_mismatch',
    one: 'billing country',
    other: 'shipping country',
    derivesFrom: ['address'],
    values: ({ billing_address, shipping_address }) => [billing_address?.country, shipping_address?.country],
  }),
  mismatch({
    name: 'billing_shipping_postal_mismatch',
    one: 'billing postal code',
    other: 'shipping postal code',
    derivesFrom: ['address'],
    values: ({ billing_address, shipping_address }) => [
      postalCodeOf(billing_address),
      postalCodeOf(shipping_address),
    ],
  }),
];

export const mailboxAndAccount: readonly PaymentFeature[] = [
  payment({
    name: 'email_is_disposable',
    description: '1 when the e-mail address is at a provider of throw-away mailboxes, else 0.',
    missing: 'no e-mail address is named',
    derivesFrom: ['email'],
    read: ({ payload: { customer } }) =>
      customer?.email === undefined ? NaN : yes(isDisposableEmail(emailAddressOf(customer.email))),
    say: (value) => `the mailbox is ${value === 1 ? '' : 'not '}a throw-away one`,
  }),
  payment({
    name: 'email_digit_share',
    description: 'Share of digits in the part of the e-mail address before the @.',
    missing: 'no e-mail address is named',
    derivesFrom: ['email'],
    unit: 'share',
    read: ({ payload: { customer } }) =>
      customer?.email === undefined ? NaN : digitShareOf(emailAddressOf(customer.email)),
    say: (value) => `${percent(value)} of the mailbox name are digits`,
  }),
  payment({
    name: 'customer_account_age_days',
    description:
      "Days from the opening of the customer's account to this payment; 0 when it was opened later.",
    missing: 'the opening of the account is not known',
    derivesFrom: ['customer_id'],
    unit: 'days',
    range: [0, null],
    read: ({ occurredAtMs, payload: { customer } }) =>
      customer?.created_at === undefined
        ? NaN
        : Math.max(0, (occurredAtMs - Date.parse(customer.created_at)) / DAY_MS),
    say: (value) =>
      value < 1
        ? 'the account is less than a day old'
        : `the account is ${counted(Math.floor(value), 'day')} old`,
  }),
];
