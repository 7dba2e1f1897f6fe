import type { SeededRandom } from './seeded-random';

/** A payment as it is sent. */
export interface SentPayment {
  readonly id: string;
  /** JSON of the body; the same bytes for every attempt. */
  readonly body: string;
}

/** What a scenario wants to be different of a payment. */
export interface PaymentOverrides {
  readonly id?: string;
  readonly card?: string;
  readonly amount?: number;
  readonly occurredAtMs?: number;
}

const MERCHANT_COUNT = 300;
const CUSTOMER_COUNT = 5_000;

/**
 * Payments of a shop world: customers with a card, a device and an address of their own, who come back, so that
 * histories grow; and a few who try cards from one device.
 * @param prefix begins every id, so that two loads of one log do not meet
 */
export function paymentMaker(
  prefix: string,
  random: SeededRandom,
): (i: number, over?: PaymentOverrides) => SentPayment {
  return (i, over = {}) => {
    const who = random.whole(0, CUSTOMER_COUNT - 1);
    const isThief = random.next() < 0.01;
    const device = isThief ? `dfp_thief_${who % 7}` : `dfp_${who}`;
    const id = over.id ?? `${prefix}_${i}`;
    const body = {
      transaction: {
        id,
        occurred_at: new Date(over.occurredAtMs ?? Date.now()).toISOString(),
        amount: over.amount ?? random.whole(500, 20_000),
        currency: 'EUR',
        mcc: random.pick(['5732', '5411', '5941', '7995']),
      },
      merchant: { id: `mer_${random.whole(0, MERCHANT_COUNT - 1)}`, country: 'SE' },
      card: {
        fingerprint: over.card ?? (isThief ? `cfp_stolen_${random.whole(0, 400)}` : `cfp_${who}`),
        bin: `4571${who % 90}`.padEnd(8, '3'),
        issuer_country: who % 9 === 0 ? 'NG' : 'SE',
      },
      customer: { id: `cus_${who}`, email: `anna.berg${who}@example.com` },
      device: { fingerprint: device },
      ip: { address: `198.18.${who % 250}.${Math.floor(who / 250) % 250}`, country: 'SE' },
    };
    return { id, body: JSON.stringify(body) };
  };
}
