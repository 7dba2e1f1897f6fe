/** A payment as a merchant would send it: the README's curl, and the reference page's example. */
export const PAYMENT_EXAMPLE = {
  transaction: {
    id: 'ord_81273',
    occurred_at: '2026-08-24T10:15:02.113Z',
    amount: 12990,
    currency: 'EUR',
    mcc: '5732',
  },
  merchant: { id: 'mer_nordsport', country: 'SE' },
  card: {
    fingerprint: 'cfp_4f9a1c',
    bin: '45717360',
    last4: '4242',
    brand: 'visa',
    funding: 'debit',
    issuer_country: 'ES',
  },
  checks: { avs_result: 'Y', cvv_result: 'M' },
  three_ds: { version: '2.2.0', trans_status: 'Y', eci: '05' },
  customer: { id: 'cus_9', email: 'a.garcia@example.org', created_at: '2025-01-02T00:00:00Z' },
  billing_address: { country: 'ES', postal_code: '08001' },
  shipping_address: { country: 'ES', postal_code: '08001' },
  device: { fingerprint: 'dfp_77b0', language: 'es-ES', timezone: 'Europe/Madrid' },
  ip: { address: '203.0.113.7', country: 'ES' },
  metadata: { cart_items: '3' },
};

/** A chargeback, some weeks later. */
export const LABEL_EXAMPLE = {
  transaction_id: 'ord_81273',
  label: 'fraud',
  source: 'chargeback',
  reason_code: '10.4',
  reported_at: '2026-09-14T06:00:00Z',
  amount: 12990,
  currency: 'EUR',
};

/** The answer to the payment above, shortened to two reasons; a test holds it against the schema. */
export const DECISION_EXAMPLE = {
  id: 'dec_01K3DR0A9KQ2MZ7V4C8H1WXT5P',
  object: 'decision',
  version: 1,
  transaction_id: 'ord_81273',
  created_at: '2026-08-24T10:15:02.131Z',
  status: 'final',
  outcome: 'review',
  recommended_action: 'hold',
  score: 0.8731,
  risk_level: 'critical',
  decided_by: { kind: 'policy', id: 'policy', clause: 'score 0.8731 ≥ 0.412 for EUR 129.90' },
  reason_codes: [
    {
      code: 'CARD_COUNT_10M',
      feature: 'card_count_10m',
      value: 7,
      typical: [0, 2],
      contribution: 0.4103,
      description: '7 payments with this card in 10 minutes',
    },
    {
      code: 'DEVICE_CARD_DISTINCT_7D',
      feature: 'device_card_distinct_7d',
      value: 5,
      typical: [0, 1],
      contribution: 0.2214,
      description: '5 cards on this device in 7 days',
    },
  ],
  score_base: 0.0121,
  other_contributions: 0.2293,
  rules: [],
  lists: [],
  model: {
    id: 'fraud-gbt',
    version: '2026-08-01',
    sha256: '9f2c1f0c5d3b7a8e6d4c2b1a09f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6',
  },
  policy: { version: 1, threshold: 0.93, thresholds: { challenge: 0.12, review: 0.412, block: 0.93 } },
  degraded: [],
  durability: 'log',
  truncated: [],
  features_hash: 'sha256:1b4f0e9851971998e732078544c96b36c3d01cedf7caa332359d6f1d83567014',
  ruleset_hash: 'sha256:60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752',
  timings_ms: { parse: 0.08, begin: 0.06, features: 0.11, model: 0.09, rules: 0.04, decide: 0.05 },
  review: {
    id: 'rev_01K3DR0A9KQ2MZ7V4C8H1WXT5P',
    status: 'open',
    version: 1,
    due_at: '2026-08-24T10:45:02.131Z',
  },
};
