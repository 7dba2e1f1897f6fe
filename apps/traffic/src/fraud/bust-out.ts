import { avsOf, CARDHOLDER, cvvOf, genuineThreeDsOf } from '../authentication';
import type { PaymentDraft } from '../payment';
import { customerDeviceOf } from '../world/customers';
import { shopPriceOf } from '../world/prices';
import type { FraudPattern } from './fraud-pattern';

const GOOD_BEHAVIOUR_MS = 60 * 86_400_000;

/**
 * Bust-out: for months somebody pays small things on time and is trusted with more and more. Then, within a few days,
 * they buy everything that the limit allows, from their own phone, to their own address, with their own name, and are
 * never seen again.
 */
export const bustOut: FraudPattern = {
  name: 'bust_out',
  share: 0.06,
  paymentCountMean: 9,
  plan: (world, random, startMs) => {
    const customer = world.pickEstablishedCustomer(random, startMs, GOOD_BEHAVIOUR_MS);
    const card = world.cardOf(customer, customer.hasSecondCard ? 'second' : 'first', startMs);
    const drafts: PaymentDraft[] = [];
    let atMs = startMs;
    for (let i = 0, orderCount = 4 + random.poisson(5); i < orderCount; i++) {
      const merchant = world.merchants.pickTarget(customer.country, random);
      const priced = merchant.isGlobal ? customer.country : merchant.country;
      const euros = Math.min(
        5_000,
        Math.max(150, merchant.category.medianEuros * random.logNormal(3.5, 0.5)),
      );
      drafts.push({
        atMs: Math.round(atMs),
        merchant,
        card,
        amountMinor: shopPriceOf(euros, priced, random),
        currency: priced.currency,
        device: customerDeviceOf(world.seed, customer, atMs, random.chance(0.5)),
        network: customer.home,
        avs: avsOf(random, merchant, card, CARDHOLDER),
        cvv: cvvOf(random, merchant, CARDHOLDER),
        threeDs: genuineThreeDsOf(random, merchant, card, euros),
        customer: {
          id: customer.id,
          email: customer.email,
          phone: customer.phone,
          created_at: new Date(customer.createdAtMs).toISOString(),
        },
        billing: customer.address,
        ...(!merchant.category.isDigital && { shipping: customer.address, itemCount: random.integer(1, 6) }),
        sessionId: `ses_${random.token(12)}`,
      });
      atMs += random.exponential(5 * 3_600_000) + 120_000;
    }
    return drafts;
  },
};
