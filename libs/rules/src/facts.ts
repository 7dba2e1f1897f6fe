import { majorAmount, type ListHit, type Transaction, type TransactionPayload } from '@veto/domain';

/** What a fact can be in an expression. Numbers are doubles; an integer literal may stand wherever a double may. */
export type FactType = 'double' | 'string' | 'bool' | 'list<string>';

/** A fact's value; undefined = missing, which is not false. */
export type FactValue = number | string | boolean | readonly string[] | undefined;

/** A fact about the payment itself that an expression may name: `card.bin`, `transaction.amount`. */
export interface FactDefinition {
  /** Group and field, as in the payload where the payload has it. */
  readonly name: string;
  readonly type: FactType;
  readonly description: string;
  readonly read: (subject: FactSubject) => FactValue;
}

/** What facts are read from. */
export interface FactSubject {
  readonly transaction: Transaction;
  readonly listHits: readonly ListHit[];
}

type Read<T> = (payload: TransactionPayload) => T | null | undefined;

function fact<T extends FactValue>(
  name: string,
  type: FactType,
  description: string,
  read: Read<T>,
): FactDefinition {
  return { name, type, description, read: ({ transaction }) => read(transaction.payload) ?? undefined };
}

const text = (name: string, description: string, read: Read<string>): FactDefinition =>
  fact(name, 'string', description, read);
const number = (name: string, description: string, read: Read<number>): FactDefinition =>
  fact(name, 'double', description, read);

function listed(effect: ListHit['effect'], name: string, description: string): FactDefinition {
  return {
    name,
    type: 'list<string>',
    description,
    read: ({ listHits }) => listHits.filter((hit) => hit.effect === effect).map((hit) => hit.kind),
  };
}

/** The part after the last `@`, lower case: enough for a rule, and no personal data in its clause. */
function emailDomain(email: string | undefined): string | undefined {
  return email?.slice(email.lastIndexOf('@') + 1).toLowerCase();
}

const TRANSACTION_FACTS: readonly FactDefinition[] = [
  {
    name: 'transaction.amount',
    type: 'double',
    description: 'Amount in euros, by the reference rates',
    read: ({ transaction }) => transaction.amountBaseMinor / 100,
  },
  {
    name: 'transaction.amount_original',
    type: 'double',
    description: 'Amount in major units of its own currency',
    read: ({ transaction }) => majorAmount(transaction.amountMinor, transaction.currency),
  },
  {
    name: 'transaction.clock_skewed',
    type: 'bool',
    description: 'Whether `occurred_at` lay in the future and was clamped',
    read: ({ transaction }) => transaction.clockSkewed,
  },
  text('transaction.currency', 'ISO 4217', (p) => p.transaction.currency),
  text('transaction.type', 'payment, payout, transfer, withdrawal or top_up', (p) => p.transaction.type),
  text('transaction.stage', 'pre_auth, post_auth or post_capture', (p) => p.transaction.stage),
  text('transaction.channel', 'ecommerce, moto, pos, atm or in_app', (p) => p.transaction.channel),
  text('transaction.mcc', 'Merchant category, ISO 18245', (p) => p.transaction.mcc),
  text('transaction.initiator', 'customer or merchant', (p) => p.transaction.initiator),
  text('transaction.capture_method', 'automatic or manual', (p) => p.transaction.capture_method),
];

const PARTY_FACTS: readonly FactDefinition[] = [
  text('merchant.id', "The merchant's id", (p) => p.merchant?.id),
  text('merchant.country', 'ISO 3166-1 alpha-2', (p) => p.merchant?.country),
  text('customer.id', "The merchant's id of the customer", (p) => p.customer?.id),
  text('customer.email_domain', 'What follows the @, lower case', (p) => emailDomain(p.customer?.email)),
  text('billing_address.country', 'ISO 3166-1 alpha-2', (p) => p.billing_address?.country),
  text('billing_address.postal_code', 'As sent', (p) => p.billing_address?.postal_code),
  text('shipping_address.country', 'ISO 3166-1 alpha-2', (p) => p.shipping_address?.country),
  text('shipping_address.postal_code', 'As sent', (p) => p.shipping_address?.postal_code),
  text('device.fingerprint', "The device's token", (p) => p.device?.fingerprint),
  text('device.language', 'BCP 47, as sent', (p) => p.device?.language),
  text('device.timezone', 'IANA name, as sent', (p) => p.device?.timezone),
  text('device.user_agent', 'As sent', (p) => p.device?.user_agent),
  text('ip.address', 'IPv4 or IPv6, as sent', (p) => p.ip?.address),
  text('ip.country', 'Where the address is, if the merchant said so', (p) => p.ip?.country),
];

const CARD_FACTS: readonly FactDefinition[] = [
  text('card.fingerprint', "The card's token", (p) => p.card?.fingerprint),
  text('card.bin', 'First six to eight digits', (p) => p.card?.bin),
  text('card.last4', 'Last four digits', (p) => p.card?.last4),
  number('card.exp_month', '1 to 12', (p) => p.card?.exp_month),
  number('card.exp_year', 'Four digits', (p) => p.card?.exp_year),
  text('card.brand', 'visa, mastercard, amex …', (p) => p.card?.brand),
  text('card.funding', 'credit, debit, prepaid or unknown', (p) => p.card?.funding),
  text('card.issuer_country', 'ISO 3166-1 alpha-2', (p) => p.card?.issuer_country),
  text('card.wallet', 'apple_pay, google_pay, click_to_pay or other', (p) => p.card?.wallet),
  text('checks.avs_result', 'One letter, as the network sent it', (p) => p.checks?.avs_result),
  text(
    'checks.cvv_result',
    'M match, N no match, P not processed, S should be there, U unknown',
    (p) => p.checks?.cvv_result,
  ),
  text('three_ds.version', 'As sent', (p) => p.three_ds?.version),
  text('three_ds.trans_status', 'Y N U A C R I', (p) => p.three_ds?.trans_status),
  text('three_ds.eci', '05 06 07 or 02 01 00', (p) => p.three_ds?.eci),
  text('three_ds.exemption', 'As sent', (p) => p.three_ds?.exemption),
];

const LIST_FACTS: readonly FactDefinition[] = [
  listed(
    'block',
    'lists.blocked',
    "Kinds of entity of this payment that are on the block list: 'card', 'ip' …",
  ),
  listed('allow', 'lists.allowed', 'Kinds of entity of this payment that are on the allow list'),
  listed('watch', 'lists.watched', 'Kinds of entity of this payment that are on the watch list'),
];

/** Every fact about the payment itself, besides the features by name and `score`. */
export const paymentFacts: readonly FactDefinition[] = [
  ...TRANSACTION_FACTS,
  ...PARTY_FACTS,
  ...CARD_FACTS,
  ...LIST_FACTS,
];

/** The groups that facts lie in: `transaction`, `card`, `lists` … */
export const factGroups: readonly string[] = [...new Set(paymentFacts.map(({ name }) => groupOf(name)))];

export function groupOf(factName: string): string {
  return factName.slice(0, factName.indexOf('.'));
}

export function fieldOf(factName: string): string {
  return factName.slice(factName.indexOf('.') + 1);
}
