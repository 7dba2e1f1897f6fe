import {
  transactionOf,
  transactionPayloadSchema,
  type TenantId,
  type Transaction,
  type TransactionPayload,
} from '@veto/domain';
import { DULL_NOW_MS } from './a-clock';

/** For each section of the payload: members to change, or null to leave the section out. A member of `undefined` is left out. */
export type PayloadOverrides = {
  readonly [Section in keyof TransactionPayload]?:
    | {
        readonly [Member in keyof NonNullable<TransactionPayload[Section]>]?:
          NonNullable<TransactionPayload[Section]>[Member] | undefined;
      }
    | null;
};

export const DULL_TENANT_ID = 'ten_test' as TenantId;

/** A customer at home buys running shoes with their own card, on their own phone, at noon. */
function dullPayload(): Record<string, Record<string, unknown>> {
  return {
    transaction: {
      id: 'ord_1',
      occurred_at: new Date(DULL_NOW_MS).toISOString(),
      amount: 49_90,
      currency: 'EUR',
      type: 'payment',
      stage: 'pre_auth',
      channel: 'ecommerce',
      mcc: '5661',
      initiator: 'customer',
      capture_method: 'automatic',
    },
    merchant: { id: 'mer_nordsport', name: 'Nordsport', country: 'SE' },
    card: {
      fingerprint: 'cfp_1',
      bin: '45717360',
      last4: '4242',
      exp_month: 11,
      exp_year: 2029,
      brand: 'visa',
      funding: 'debit',
      issuer_country: 'SE',
      wallet: null,
    },
    checks: { avs_result: 'Y', cvv_result: 'M' },
    customer: {
      id: 'cus_1',
      email: 'anna@example.org',
      phone: '+46700000001',
      created_at: '2024-03-01T09:00:00.000Z',
    },
    billing_address: { line1: 'Storgatan 1', city: 'Lund', postal_code: '22222', country: 'SE' },
    shipping_address: { line1: 'Storgatan 1', city: 'Lund', postal_code: '22222', country: 'SE' },
    device: { fingerprint: 'dfp_1', language: 'sv-SE', timezone: 'Europe/Stockholm' },
    ip: { address: '192.0.2.1', country: 'SE' },
  };
}

/** A payment's body; valid and dull where it is not overridden. @throws Error when the overrides make it invalid */
export function aTransactionPayload(overrides: PayloadOverrides = {}): TransactionPayload {
  const body = dullPayload();
  for (const [section, members] of Object.entries(overrides)) {
    if (members === null) delete body[section];
    else body[section] = { ...body[section], ...members };
  }
  // As JSON, so that a member of `undefined` is absent.
  return transactionPayloadSchema.parse(JSON.parse(JSON.stringify(body)));
}

/** What is most often varied has a name of its own; everything else goes through `payload`. */
export interface TransactionOverrides {
  readonly tenantId?: string;
  readonly id?: string;
  readonly occurredAtMs?: number;
  /** Minor units of `currency`. */
  readonly amountMinor?: number;
  readonly currency?: string;
  /** When the payment reached us; at once when left out. */
  readonly receivedAtMs?: number;
  readonly payload?: PayloadOverrides;
}

/** A payment inside the house; valid and dull where it is not overridden. */
export function aTransaction(overrides: TransactionOverrides = {}): Transaction {
  const { payload = {}, occurredAtMs = DULL_NOW_MS } = overrides;
  const body = aTransactionPayload({
    ...payload,
    transaction: {
      occurred_at: new Date(occurredAtMs).toISOString(),
      ...(overrides.id !== undefined && { id: overrides.id }),
      ...(overrides.amountMinor !== undefined && { amount: overrides.amountMinor }),
      ...(overrides.currency !== undefined && { currency: overrides.currency }),
      ...payload.transaction,
    },
  });
  const tenantId = (overrides.tenantId ?? DULL_TENANT_ID) as TenantId;
  return transactionOf(body, {
    tenantId,
    receivedAtMs: overrides.receivedAtMs ?? Date.parse(body.transaction.occurred_at),
  });
}
