import { z } from 'zod';
import type { TenantId, TransactionId } from './brand';
import type { Parsed } from './errors';
import { findPans } from './find-pan';
import { issuesOf } from './issues-of';
import { baseAmountMinor, CURRENCY_CODES } from './money';
import { STAGES } from './outcome';

const text = (charCountMax: number): z.ZodString => z.string().min(1).max(charCountMax);
const country = z.string().regex(/^[A-Z]{2}$/, 'ISO 3166-1 alpha-2, upper case');
const instant = z.iso.datetime({ offset: true, message: 'RFC 3339, with zone' });
/** Kept small enough that an amount can never be mistaken for a card number. */
const AMOUNT_MINOR_MAX = 99_999_999_999;

const address = z.strictObject({
  line1: text(256).optional().meta({ pii: 'address' }),
  line2: text(256).optional().meta({ pii: 'address' }),
  city: text(128).optional().meta({ pii: 'address' }),
  region: text(128).optional(),
  postal_code: text(16).optional().meta({ pii: 'address' }),
  country: country.optional(),
});

/** The body of `POST /v1/decisions`: a payment as the merchant knows it. Amounts are integer minor units of `currency`. */
export const transactionPayloadSchema = z.strictObject({
  transaction: z.strictObject({
    id: text(128)
      .regex(/^[\x21-\x7e]+$/, 'printable ASCII without blanks')
      .describe("The merchant's own id; identity and idempotency key, for ever"),
    occurred_at: instant.describe('When the payment was attempted, RFC 3339'),
    amount: z.int().min(0).max(AMOUNT_MINOR_MAX).describe('Integer minor units of `currency`'),
    currency: z.enum(CURRENCY_CODES as [string, ...string[]]).describe('ISO 4217'),
    type: z.enum(['payment', 'payout', 'transfer', 'withdrawal', 'top_up']).default('payment'),
    stage: z.enum(STAGES).default('pre_auth'),
    channel: z.enum(['ecommerce', 'moto', 'pos', 'atm', 'in_app']).default('ecommerce'),
    mcc: z
      .string()
      .regex(/^\d{4}$/, 'ISO 18245, four digits')
      .optional(),
    initiator: z.enum(['customer', 'merchant']).default('customer'),
    capture_method: z.enum(['automatic', 'manual']).optional(),
    description: text(256).optional(),
  }),
  merchant: z
    .strictObject({ id: text(128), name: text(200).optional(), country: country.optional() })
    .optional(),
  card: z
    .strictObject({
      fingerprint: text(128).describe('A token for the card; never the number').meta({ pii: 'card_token' }),
      bin: z
        .string()
        .regex(/^\d{6,8}$/, '6 to 8 digits')
        .optional(),
      last4: z
        .string()
        .regex(/^\d{4}$/, 'four digits')
        .optional(),
      exp_month: z.int().min(1).max(12).optional(),
      exp_year: z.int().min(2000).max(2100).optional(),
      brand: z
        .enum(['visa', 'mastercard', 'amex', 'discover', 'jcb', 'unionpay', 'maestro', 'other'])
        .optional(),
      funding: z.enum(['credit', 'debit', 'prepaid', 'unknown']).optional(),
      issuer_country: country.optional(),
      wallet: z.enum(['apple_pay', 'google_pay', 'click_to_pay', 'other']).nullable().optional(),
    })
    .optional(),
  checks: z
    .strictObject({
      avs_result: z
        .string()
        .regex(/^[A-Z]$/, 'one letter, as the network sent it')
        .nullable()
        .optional(),
      cvv_result: z.enum(['M', 'N', 'P', 'S', 'U']).nullable().optional(),
    })
    .optional(),
  three_ds: z
    .strictObject({
      version: text(16).optional(),
      trans_status: z.enum(['Y', 'N', 'U', 'A', 'C', 'R', 'I']).optional(),
      eci: z.enum(['00', '01', '02', '05', '06', '07']).nullable().optional(),
      exemption: text(32).nullable().optional(),
    })
    .optional(),
  customer: z
    .strictObject({
      id: text(128).optional().meta({ pii: 'customer_id' }),
      email: z.email().max(254).optional().meta({ pii: 'email' }),
      phone: text(32).optional().meta({ pii: 'phone' }),
      created_at: instant.optional(),
    })
    .optional(),
  billing_address: address.optional(),
  shipping_address: address.optional(),
  device: z
    .strictObject({
      fingerprint: text(128).optional().meta({ pii: 'device_token' }),
      session_id: text(128).optional(),
      user_agent: text(512).optional().meta({ pii: 'device' }),
      language: text(35).optional(),
      timezone: text(64).optional(),
    })
    .optional(),
  ip: z
    .strictObject({
      address: z.union([z.ipv4(), z.ipv6()]).meta({ pii: 'ip' }),
      country: country
        .optional()
        .describe('Where the address is, if the merchant knows; Veto does not guess'),
    })
    .optional(),
  metadata: z
    .record(text(64), z.string().max(256))
    .refine((entries) => Object.keys(entries).length <= 20, 'at most 20 entries')
    .optional(),
});

/** A payment as sent, after validation and defaults: the form that is recorded and fingerprinted. */
export type TransactionPayload = z.infer<typeof transactionPayloadSchema>;

/** A payment inside the house: the payload, and what is derived from it once. */
export interface Transaction {
  readonly tenantId: TenantId;
  readonly id: TransactionId;
  /** Merchant's clock, ms since epoch; never more than `CLOCK_SKEW_MAX_MS` after the time of receipt. */
  readonly occurredAtMs: number;
  /** True when `occurred_at` lay in the future and was clamped. */
  readonly clockSkewed: boolean;
  readonly amountMinor: number;
  readonly currency: string;
  /** The amount in cents of the base currency: comparable over currencies. */
  readonly amountBaseMinor: number;
  readonly payload: TransactionPayload;
}

/** A merchant's clock may be this far ahead before its time is clamped. */
export const CLOCK_SKEW_MAX_MS = 5 * 60_000;

/** The derived form of a payload that was validated before, at the door or when it was read from the log. */
export function transactionOf(
  payload: TransactionPayload,
  receipt: { readonly tenantId: TenantId; readonly receivedAtMs: number },
): Transaction {
  const claimedAtMs = Date.parse(payload.transaction.occurred_at);
  const latestMs = receipt.receivedAtMs + CLOCK_SKEW_MAX_MS;
  const { amount, currency } = payload.transaction;
  return {
    tenantId: receipt.tenantId,
    id: payload.transaction.id as TransactionId,
    occurredAtMs: Math.min(claimedAtMs, latestMs),
    clockSkewed: claimedAtMs > latestMs,
    amountMinor: amount,
    currency,
    amountBaseMinor: baseAmountMinor(amount, currency),
    payload,
  };
}

/** True when the payload names at least one thing whose past can be known. */
function namesAnEntity(payload: TransactionPayload): boolean {
  return (
    payload.card !== undefined ||
    payload.merchant !== undefined ||
    payload.customer?.id !== undefined ||
    payload.customer?.email !== undefined ||
    payload.device?.fingerprint !== undefined ||
    payload.ip !== undefined
  );
}

/**
 * Unknown bytes' JSON → a payment, or every issue with its pointer. Card numbers are looked for before anything else,
 * also in fields that the schema does not know, and their value appears in no issue.
 */
export function parseTransactionPayload(body: unknown): Parsed<TransactionPayload> {
  const pans = findPans(body);
  if (pans.length > 0) return { ok: false, code: 'pan_not_accepted', issues: pans };
  const parsed = transactionPayloadSchema.safeParse(body);
  if (!parsed.success) return { ok: false, code: 'invalid_request', issues: issuesOf(parsed.error) };
  if (!namesAnEntity(parsed.data)) {
    const detail = 'name at least one of card, merchant, customer.id, customer.email, device.fingerprint, ip';
    return { ok: false, code: 'invalid_request', issues: [{ pointer: '', code: 'entity_required', detail }] };
  }
  const occurredAtMs = Date.parse(parsed.data.transaction.occurred_at);
  if (!(occurredAtMs >= 0 && occurredAtMs < OCCURRED_AT_MS_MAX)) {
    const detail = 'lies outside 1970 … 2199';
    return {
      ok: false,
      code: 'invalid_request',
      issues: [{ pointer: '/transaction/occurred_at', code: 'out_of_range', detail }],
    };
  }
  return { ok: true, value: parsed.data };
}

/** History records keep time in 48 bits; the year 2200 is far enough. */
const OCCURRED_AT_MS_MAX = Date.UTC(2200, 0, 1);
