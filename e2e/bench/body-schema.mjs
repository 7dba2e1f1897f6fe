/** The body of a payment as plain Ajv is asked to validate it. */
const object = (/** @type {Record<string, unknown>} */ properties) => ({
  type: 'object',
  properties,
  additionalProperties: false,
});
const text = { type: 'string', maxLength: 256 };

export const bodySchema = {
  ...object({
    transaction: {
      ...object({
        id: text,
        occurred_at: text,
        amount: { type: 'integer', minimum: 0 },
        currency: { type: 'string', pattern: '^[A-Z]{3}$' },
        mcc: text,
      }),
      required: ['id', 'occurred_at', 'amount', 'currency'],
    },
    merchant: object({ id: text, name: text, country: text }),
    card: object({
      fingerprint: text,
      bin: text,
      last4: text,
      brand: text,
      funding: text,
      issuer_country: text,
    }),
    checks: object({ avs_result: text, cvv_result: text }),
    customer: object({ id: text, email: text, created_at: text }),
    three_ds: object({ version: text, trans_status: text, eci: text }),
    billing_address: object({ city: text, postal_code: text, country: text }),
    shipping_address: object({ city: text, postal_code: text, country: text }),
    device: object({ fingerprint: text, language: text, timezone: text }),
    ip: object({ address: text, country: text }),
  }),
  required: ['transaction'],
};
