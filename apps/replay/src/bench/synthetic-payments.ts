import { parseTransactionPayload, invariant, type TransactionPayload } from '@veto/domain';

/** A full body, as a merchant with everything wired up would send it: about 1 kB of JSON. Entities repeat with `i`. */
export function fullBody(i: number, atMs: number): unknown {
  return {
    transaction: {
      id: `bench_${i}`,
      occurred_at: new Date(atMs).toISOString(),
      amount: 500 + ((i * 7_919) % 40_000),
      currency: i % 5 === 0 ? 'SEK' : 'EUR',
      mcc: '5732',
      capture_method: 'automatic',
    },
    merchant: { id: `mer_${i % 100}`, name: 'Nordsport AB', country: 'SE' },
    card: {
      fingerprint: `cfp_${(i * 31) % 5_000}`,
      bin: `4571${i % 50}`.padEnd(8, '3'),
      last4: '4242',
      exp_month: 11,
      exp_year: 2028,
      brand: 'visa',
      funding: 'debit',
      issuer_country: i % 11 === 0 ? 'NG' : 'SE',
      wallet: null,
    },
    checks: { avs_result: 'Y', cvv_result: 'M' },
    three_ds: { version: '2.2.0', trans_status: 'Y', eci: '05', exemption: null },
    customer: {
      id: `cus_${(i * 31) % 5_000}`,
      email: `c${(i * 31) % 5_000}@example.com`,
      phone: '+34600000000',
      created_at: '2025-01-02T00:00:00Z',
    },
    billing_address: {
      line1: 'Carrer de Mallorca 1',
      city: 'Barcelona',
      postal_code: '08001',
      country: 'ES',
    },
    shipping_address: { country: 'ES', postal_code: '08001' },
    device: {
      fingerprint: `dfp_${(i * 17) % 4_000}`,
      session_id: `ses_${i}`,
      user_agent:
        'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36',
      language: 'es-ES',
      timezone: 'Europe/Madrid',
    },
    ip: { address: `198.18.${i % 200}.${(i * 13) % 250}`, country: i % 13 === 0 ? 'NG' : 'ES' },
    metadata: { cart_items: '3' },
  };
}

/** A payment as sparse as the Handbook's: a customer, a terminal, an amount. */
export function sparseBody(i: number, atMs: number): unknown {
  return {
    transaction: {
      id: String(i),
      occurred_at: new Date(atMs).toISOString(),
      amount: 500 + ((i * 7_919) % 20_000),
      currency: 'EUR',
      channel: 'pos',
    },
    merchant: { id: String((i * 6_007) % 10_000) },
    customer: { id: String((i * 31) % 5_000) },
  };
}

export function payloadOf(body: unknown): TransactionPayload {
  const parsed = parseTransactionPayload(body);
  invariant(parsed.ok, 'a synthetic payment is valid');
  return parsed.value;
}
