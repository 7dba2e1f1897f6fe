import {
  HISTORY_RECORD_BYTES,
  transactionOf,
  transactionPayloadSchema,
  writeHistorySeq,
  type TenantId,
} from '@veto/domain';
import type { FeatureInput } from '../compute-features';
import { entityKeysOf } from '../entity-keys';
import { encodePaymentRecord } from '../record-codec';

const NOW_MS = Date.UTC(2026, 7, 24, 12);

/** A payment that names all seven entities, its payload about 1 kB of JSON. */
export function fullPayload(i: number, occurredAtMs: number): unknown {
  return {
    transaction: {
      id: `ord_${i}`,
      occurred_at: new Date(occurredAtMs).toISOString(),
      amount: 1_000 + ((i * 7_919) % 20_000),
      currency: 'EUR',
      type: 'payment',
      stage: 'pre_auth',
      channel: 'ecommerce',
      mcc: '5732',
      initiator: 'customer',
      capture_method: 'automatic',
    },
    merchant: { id: `mer_nordsport_${i % 40}`, name: 'Nordsport', country: 'SE' },
    card: {
      fingerprint: `cfp_5tq2k9w7x1_${i % 50}`,
      bin: '45717360',
      last4: '4242',
      exp_month: 11,
      exp_year: 2028,
      brand: 'visa',
      funding: 'debit',
      issuer_country: 'ES',
      wallet: null,
    },
    checks: { avs_result: 'Y', cvv_result: 'M' },
    three_ds: { version: '2.2.0', trans_status: 'Y', eci: '05', exemption: null },
    customer: {
      id: `cus_9x81_${i % 30}`,
      email: `maria.lopez${i % 20}@correo.example`,
      phone: '+34600000000',
      created_at: '2025-01-02T00:00:00Z',
    },
    billing_address: {
      line1: 'Carrer de Mallorca 401',
      city: 'Barcelona',
      postal_code: '08013',
      country: 'ES',
    },
    shipping_address: {
      line1: 'Carrer de Mallorca 401',
      city: 'Barcelona',
      postal_code: '08013',
      country: 'ES',
    },
    device: {
      fingerprint: `dfp_a81f2c_${i % 30}`,
      session_id: 'ses_81f2c',
      language: 'es-ES',
      timezone: 'Europe/Madrid',
    },
    ip: { address: `203.0.113.${i % 60}`, country: 'ES' },
    metadata: { cart_items: '3' },
  };
}

/** One payment with a history of `recordCount` records for each of its seven entities, spread over the last 35 days. */
export function benchInput(recordCount: number): FeatureInput {
  const receipt = { tenantId: 'demo' as TenantId, receivedAtMs: NOW_MS };
  const transactionAt = (i: number, occurredAtMs: number) =>
    transactionOf(transactionPayloadSchema.parse(fullPayload(i, occurredAtMs)), receipt);
  const bytes = new Uint8Array(recordCount * HISTORY_RECORD_BYTES);
  for (let i = 0; i < recordCount; i++) {
    const agoMs = (35 * 86_400_000 * (recordCount - i)) / recordCount;
    const record = encodePaymentRecord(transactionAt(i, Math.round(NOW_MS - agoMs)));
    writeHistorySeq(record, i);
    bytes.set(record, i * HISTORY_RECORD_BYTES);
  }
  const transaction = transactionAt(recordCount, NOW_MS);
  return {
    transaction,
    seq: recordCount,
    histories: entityKeysOf(transaction).map(({ kind }) => ({ kind, bytes: bytes.slice() })),
  };
}
