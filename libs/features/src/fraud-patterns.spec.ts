import type { Transaction } from '@veto/domain';
import { aTransaction, DULL_NOW_MS, type TransactionOverrides } from '@veto/testing';
import { featuresOf, SmallStore } from './oracle/small-store.oracle';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Payments of an attack so many ms before now, then what the payment now is seen with. */
function seenAfter(
  earlier: readonly TransactionOverrides[],
  now: TransactionOverrides,
): Readonly<Record<string, number>> {
  const store = new SmallStore();
  earlier.forEach((overrides, i) => store.pay(aTransaction({ id: `earlier_${i}`, ...overrides })));
  return featuresOf(store, aTransaction({ id: 'now', ...now })).value;
}

const ago = (ms: number): number => DULL_NOW_MS - ms;

function fraudKnown(store: SmallStore, transaction: Transaction, reportedAtMs: number): void {
  const { id, occurredAtMs, amountBaseMinor } = transaction;
  store.label(transaction, {
    transactionId: id,
    occurredAtMs,
    amountBaseMinor,
    verdict: 'fraud',
    reportedAtMs,
  });
}

describe('each of the eight patterns of fraud can be seen', () => {
  it('card testing: many small amounts on many cards at one merchant, in minutes', () => {
    const tries = Array.from({ length: 20 }, (_, i) => ({
      occurredAtMs: ago((20 - i) * 10_000),
      amountMinor: 1_00,
      payload: {
        card: { fingerprint: `cfp_tried_${i}` },
        checks: { cvv_result: 'N' as const },
        customer: null,
      },
    }));
    const seen = seenAfter(tries, {
      amountMinor: 1_00,
      payload: { card: { fingerprint: 'cfp_tried_20' }, customer: null },
    });
    expect(seen).toMatchObject({
      merchant_small_count_10m: 20,
      merchant_card_distinct_1h: 20,
      ip_card_distinct_1h: 20,
      bin_cvv_mismatch_count_1h: 20,
    });
  });

  it('BIN attack: cards of one range, each once, from everywhere', () => {
    const tries = Array.from({ length: 30 }, (_, i) => ({
      occurredAtMs: ago((30 - i) * 15_000),
      amountMinor: 2_00,
      payload: {
        card: { fingerprint: `cfp_made_up_${i}` },
        customer: null,
        device: null,
        merchant: { id: `mer_${i % 5}` },
        ip: { address: `198.51.100.${i}` },
      },
    }));
    const seen = seenAfter(tries, {
      payload: { card: { fingerprint: 'cfp_made_up_30' }, customer: null, device: null },
    });
    // 15 s apart, the latest 15 s ago: all 30 within 450 s.
    expect(seen).toMatchObject({
      bin_count_10m: 30,
      bin_card_distinct_10m: 30,
      bin_small_amount_share_1h: 1,
      ip_count_1h: 0,
    });
  });

  it('account takeover: a known customer with a new device, a new address and a larger amount', () => {
    const habit = Array.from({ length: 10 }, (_, i) => ({
      occurredAtMs: ago((20 - 2 * i) * DAY_MS),
      amountMinor: 40_00 + i * 2_00,
    }));
    const seen = seenAfter(habit, {
      amountMinor: 490_00,
      payload: {
        device: { fingerprint: 'dfp_stranger' },
        ip: { address: '198.51.100.9', country: 'NL' },
        merchant: { id: 'mer_phones' },
      },
    });
    // The ten amounts 40, 42 … 58 EUR have a mean of 49: 490 is ten times that.
    expect(seen).toMatchObject({
      customer_device_is_new: 1,
      customer_ip_is_new: 1,
      customer_merchant_is_new: 1,
      customer_amount_ratio_30d: 10,
      card_country_is_new: 1,
      billing_ip_country_mismatch: 1,
    });
    expect(seen['customer_amount_zscore_30d']).toBeGreaterThan(50);
  });

  it("stolen card's spree: merchant after merchant within the hour, dearer each time", () => {
    const spree = Array.from({ length: 6 }, (_, i) => ({
      occurredAtMs: ago((6 - i) * 8 * MINUTE_MS),
      amountMinor: (i + 1) * 50_00,
      payload: {
        merchant: { id: `mer_${i}`, country: i % 2 === 0 ? 'SE' : 'DK' },
        transaction: { channel: 'pos' as const },
      },
    }));
    const seen = seenAfter(spree, { amountMinor: 400_00 });
    // 50 + 100 + … + 300 = 1 050 EUR, all within 48 minutes.
    expect(seen).toMatchObject({
      card_count_1h: 6,
      card_merchant_distinct_24h: 6,
      card_country_distinct_24h: 2,
      card_amount_sum_1h: 1050,
      card_amount_max_30d: 300,
    });
  });

  it('terminal compromise: cards that paid at one terminal turn out to be stolen', () => {
    const store = new SmallStore();
    const paid = Array.from({ length: 4 }, (_, i) =>
      aTransaction({
        id: `t${i}`,
        occurredAtMs: ago((12 - i) * DAY_MS),
        payload: { card: { fingerprint: `cfp_${i}` }, customer: { id: `cus_${i}` } },
      }),
    );
    paid.forEach((transaction) => store.pay(transaction));
    paid.slice(1).forEach((transaction) => fraudKnown(store, transaction, ago(2 * DAY_MS)));
    const seen = featuresOf(
      store,
      aTransaction({ id: 'now', payload: { card: { fingerprint: 'cfp_5' }, customer: { id: 'cus_5' } } }),
    ).value;
    // The last of the three frauds was made 9 days ago: 216 hours.
    expect(seen).toMatchObject({
      merchant_fraud_count_30d: 3,
      merchant_fraud_share_7d: 1,
      merchant_time_since_fraud: 216,
      merchant_genuine_run: 0,
    });
    expect(seen).toMatchObject({ card_count_7d: 0, customer_count_30d: 0 });
  });

  it('device farm: one device behind many customers, mailboxes and cards', () => {
    const farm = Array.from({ length: 12 }, (_, i) => ({
      occurredAtMs: ago((12 - i) * 10 * HOUR_MS),
      payload: {
        customer: { id: `cus_${i}`, email: `jo${i}831@example.org` },
        card: { fingerprint: `cfp_${i}` },
      },
    }));
    const seen = seenAfter(farm, {
      payload: { customer: { id: 'cus_12', email: 'jo12831@mailinator.com' } },
    });
    expect(seen).toMatchObject({
      device_customer_distinct_7d: 12,
      device_card_distinct_7d: 12,
      device_email_distinct_7d: 12,
      email_is_disposable: 1,
    });
    // Five of the seven characters of jo12831 are digits.
    expect(seen['email_digit_share']).toBeCloseTo(5 / 7);
  });

  it('friendly fraud: a regular customer whose own purchases were disputed before', () => {
    const store = new SmallStore();
    const bought = Array.from({ length: 5 }, (_, i) =>
      aTransaction({ id: `t${i}`, occurredAtMs: ago((28 - 5 * i) * DAY_MS) }),
    );
    bought.forEach((transaction) => store.pay(transaction));
    bought.slice(0, 2).forEach((transaction) => fraudKnown(store, transaction, ago(DAY_MS)));
    const seen = featuresOf(store, aTransaction({ id: 'now' })).value;
    expect(seen).toMatchObject({
      customer_fraud_count_30d: 2,
      card_fraud_count_30d: 2,
      device_fraud_count_30d: 2,
      customer_device_is_new: 0,
      customer_merchant_count_30d: 5,
      customer_amount_ratio_30d: 1,
    });
  });

  it('bust-out: a patient account spends in a day more than in a month', () => {
    const month = Array.from({ length: 10 }, (_, i) => ({
      occurredAtMs: ago((29 - 2 * i) * DAY_MS),
      amountMinor: 10_00,
    }));
    const day = Array.from({ length: 4 }, (_, i) => ({
      occurredAtMs: ago((4 - i) * HOUR_MS),
      amountMinor: 400_00,
      payload: { transaction: { mcc: '6051' } },
    }));
    const seen = seenAfter([...month, ...day], {
      amountMinor: 300_00,
      payload: { transaction: { mcc: '6051' } },
    });
    // 4 · 400 + 300 = 1 900 EUR of 2 000 EUR.
    expect(seen).toMatchObject({
      customer_amount_share_24h: 0.95,
      customer_count_24h: 4,
      mcc_is_cash_like: 1,
      customer_amount_mean_24h: 400,
    });
  });
});
