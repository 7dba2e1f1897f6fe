/**
 * The JSON that a merchant sends, in every bench.
 * @param {{id: string, occurredAtMs: number, who: number, n: number, merchantCount: number}} payment
 *   `who` pays: no two share a card, a device, an address; `n` sets the amount and the merchant
 */
export function paymentBody({ id, occurredAtMs, who, n, merchantCount }) {
  return JSON.stringify({
    transaction: {
      id,
      occurred_at: new Date(occurredAtMs).toISOString(),
      amount: 1_000 + ((n * 7_919) % 9_000),
      currency: 'EUR',
      mcc: '5732',
    },
    merchant: { id: `mer_${n % merchantCount}`, name: 'Nordsport AB', country: 'SE' },
    card: {
      fingerprint: `cfp_${who}`,
      bin: `4571${who % 900}`.padEnd(8, '3'),
      last4: '4242',
      brand: 'visa',
      funding: 'debit',
      issuer_country: 'SE',
    },
    checks: { avs_result: 'Y', cvv_result: 'M' },
    three_ds: { version: '2.2.0', trans_status: 'Y', eci: '05' },
    customer: { id: `cus_${who}`, email: `anna.berg${who}@example.com`, created_at: '2025-01-02T00:00:00Z' },
    billing_address: { city: 'Malmö', postal_code: '21120', country: 'SE' },
    shipping_address: { city: 'Malmö', postal_code: '21120', country: 'SE' },
    device: { fingerprint: `dfp_${who}`, language: 'sv-SE', timezone: 'Europe/Stockholm' },
    ip: { address: `198.18.${who % 250}.${Math.floor(who / 250) % 250}`, country: 'SE' },
  });
}
