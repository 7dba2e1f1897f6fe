import fc from 'fast-check';
import type { TenantId } from './brand';
import { CLOCK_SKEW_MAX_MS, parseTransactionPayload, transactionOf } from './transaction';

type Body = Record<string, Record<string, unknown>>;

/** The smallest body that is let in. */
const body = (overrides: Body = {}): Body => ({
  transaction: {
    id: 'ord_1',
    occurred_at: '2026-08-24T10:15:02.113Z',
    amount: 12_990,
    currency: 'EUR',
    ...overrides['transaction'],
  },
  card: { fingerprint: 'cfp_1', ...overrides['card'] },
  ...Object.fromEntries(
    Object.entries(overrides).filter(([section]) => section !== 'transaction' && section !== 'card'),
  ),
});

/** Pointer and code of each issue of a body. */
function issuesOf(value: unknown): readonly (readonly [pointer: string, code: string])[] {
  const parsed = parseTransactionPayload(value);
  return parsed.ok ? [] : parsed.issues.map(({ pointer, code }) => [pointer, code] as const);
}

function payloadOf(value: unknown) {
  const parsed = parseTransactionPayload(value);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return parsed.value;
}

describe('a payment at the door', () => {
  it('is let in with what is required, and the rest has its documented defaults', () => {
    expect(payloadOf(body()).transaction).toEqual({
      id: 'ord_1',
      occurred_at: '2026-08-24T10:15:02.113Z',
      amount: 12_990,
      currency: 'EUR',
      type: 'payment',
      stage: 'pre_auth',
      channel: 'ecommerce',
      initiator: 'customer',
    });
  });

  it.each<[pointer: string, body: unknown]>([
    ['', null],
    ['', 'text'],
    ['/transaction', {}],
    ['/transaction/id', body({ transaction: { id: '' } })],
    ['/transaction/id', body({ transaction: { id: 'with blank' } })],
    ['/transaction/id', body({ transaction: { id: 'x'.repeat(129) } })],
    ['/transaction/occurred_at', body({ transaction: { occurred_at: '2026-08-24T10:15:02' } })],
    ['/transaction/occurred_at', body({ transaction: { occurred_at: '2026-02-30T00:00:00Z' } })],
    ['/transaction/amount', body({ transaction: { amount: -1 } })],
    ['/transaction/amount', body({ transaction: { amount: 1.5 } })],
    ['/transaction/amount', body({ transaction: { amount: '1' } })],
    ['/transaction/amount', body({ transaction: { amount: NaN } })],
    ['/transaction/amount', body({ transaction: { amount: Infinity } })],
    ['/transaction/amount', body({ transaction: { amount: 100_000_000_000 } })],
    ['/transaction/currency', body({ transaction: { currency: 'eur' } })],
    ['/transaction/currency', body({ transaction: { currency: 'ZZZ' } })],
    ['/transaction/type', body({ transaction: { type: 'gift' } })],
    ['/transaction/mcc', body({ transaction: { mcc: '573' } })],
    ['/transaction/colour', body({ transaction: { colour: 'red' } })],
    ['/colour', { ...body(), colour: 'red' }],
    ['/card/fingerprint', body({ card: { fingerprint: '' } })],
    ['/card/bin', body({ card: { bin: '12345' } })],
    ['/card/exp_month', body({ card: { exp_month: 13 } })],
    ['/card/issuer_country', body({ card: { issuer_country: 'se' } })],
    ['/checks/cvv_result', body({ checks: { cvv_result: 'X' } })],
    ['/three_ds/trans_status', body({ three_ds: { trans_status: 'Q' } })],
    ['/customer/email', body({ customer: { email: 'nobody' } })],
    ['/customer/created_at', body({ customer: { created_at: 'yesterday' } })],
    ['/ip/address', body({ ip: { address: '999.1.1.1' } })],
    ['/ip/address', body({ ip: { country: 'SE' } })],
    ['/billing_address/country', body({ billing_address: { country: 'Sweden' } })],
    [
      '/metadata',
      body({ metadata: Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`k${i}`, 'v'])) }),
    ],
    ['/metadata/cart', body({ metadata: { cart: 3 } })],
  ])('is told %s', (pointer, wrong) => {
    expect(issuesOf(wrong).map(([where]) => where)).toContain(pointer);
    expect(parseTransactionPayload(wrong)).toMatchObject({ ok: false, code: 'invalid_request' });
  });

  it('is told of every issue at once', () => {
    const wrong = body({ transaction: { amount: -1, currency: 'ZZZ' }, card: { bin: 'x' } });
    expect(
      issuesOf(wrong)
        .map(([pointer]) => pointer)
        .sort(),
    ).toEqual(['/card/bin', '/transaction/amount', '/transaction/currency']);
  });

  it('names at least one thing that has a past', () => {
    const { transaction } = body();
    expect(issuesOf({ transaction, customer: { phone: '+46700000001' } })).toEqual([['', 'entity_required']]);
    for (const entity of [
      { merchant: { id: 'm' } },
      { customer: { id: 'c' } },
      { customer: { email: 'a@example.org' } },
      { device: { fingerprint: 'd' } },
      { ip: { address: '::1' } },
    ]) {
      expect(issuesOf({ transaction, ...entity })).toEqual([]);
    }
  });

  it.each([
    ['1969-12-31T23:59:59.999Z', [['/transaction/occurred_at', 'out_of_range']]],
    ['1970-01-01T00:00:00.000Z', []],
    ['2199-12-31T23:59:59.999Z', []],
    ['2200-01-01T00:00:00.000Z', [['/transaction/occurred_at', 'out_of_range']]],
  ])('was made between 1970 and 2199: %s', (occurred_at, issues) => {
    expect(issuesOf(body({ transaction: { occurred_at } }))).toEqual(issues);
  });

  it('with a card number anywhere is refused before anything else is looked at', () => {
    const wrong = { ...body({ transaction: { amount: -1 } }), note: 'card 4242 4242 4242 4242' };
    expect(parseTransactionPayload(wrong)).toMatchObject({
      ok: false,
      code: 'pan_not_accepted',
      issues: [{ pointer: '/note' }],
    });
  });

  it('never repeats a value that it refuses', () => {
    const secret = 'hunter2-hunter2';
    const wrong = body({
      card: { bin: secret },
      customer: { email: secret, created_at: secret },
      ip: { address: secret },
    });
    expect(issuesOf(wrong).length).toBeGreaterThanOrEqual(4);
    expect(JSON.stringify(parseTransactionPayload(wrong))).not.toContain(secret);
  });

  it('never is an exception, whatever comes', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (whole, part) => {
        expect(typeof parseTransactionPayload(whole).ok).toBe('boolean');
        expect(typeof parseTransactionPayload({ ...body(), metadata: part }).ok).toBe('boolean');
      }),
    );
  });
});

describe('a payment inside the house', () => {
  const receivedAtMs = Date.parse('2026-08-24T10:15:02.113Z');
  const inside = (occurred_at: string, overrides: Record<string, unknown> = {}) =>
    transactionOf(payloadOf(body({ transaction: { occurred_at, ...overrides } })), {
      tenantId: 'ten_1' as TenantId,
      receivedAtMs,
    });

  it('has its time in ms, whatever the zone it was given in', () => {
    expect(inside('2026-08-24T12:15:02.113+02:00')).toMatchObject({
      occurredAtMs: receivedAtMs,
      clockSkewed: false,
      tenantId: 'ten_1',
    });
  });

  it('is not dated later than five minutes after its receipt', () => {
    const latest = new Date(receivedAtMs + CLOCK_SKEW_MAX_MS).toISOString();
    const later = new Date(receivedAtMs + CLOCK_SKEW_MAX_MS + 1).toISOString();
    expect(inside(latest)).toMatchObject({
      occurredAtMs: receivedAtMs + CLOCK_SKEW_MAX_MS,
      clockSkewed: false,
    });
    expect(inside(later)).toMatchObject({
      occurredAtMs: receivedAtMs + CLOCK_SKEW_MAX_MS,
      clockSkewed: true,
    });
  });

  it('has its amount in cents of the base currency beside its own', () => {
    // 18 400 yen at 184 a euro.
    expect(inside('2026-08-24T10:15:02Z', { amount: 18_400, currency: 'JPY' })).toMatchObject({
      amountMinor: 18_400,
      currency: 'JPY',
      amountBaseMinor: 100_00,
    });
  });
});
