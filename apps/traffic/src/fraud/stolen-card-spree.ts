import { avsOf, cvvOf, thiefsThreeDsOf } from '../authentication';
import type { PaymentDraft } from '../payment';
import { shopPriceOf } from '../world/prices';
import type { FraudPattern } from './fraud-pattern';
import { dropAddressOf, stealCard, thiefOf, thiefsEmailOf, thiefsNetworkOf } from './thief';

/**
 * Stolen card spree: one card with everything printed on it. Until the holder notices there are a few hours, so the
 * thief goes from shop to shop as a new customer, starts with something modest to see that it works, and asks for more
 * each time.
 */
export const stolenCardSpree: FraudPattern = {
  name: 'stolen_card_spree',
  share: 0.17,
  paymentCountMean: 6.5,
  plan: (world, random, startMs) => {
    const thief = thiefOf(random);
    const { card, country, billing } = stealCard(world, random, startMs, 0.65);
    const email = thiefsEmailOf(random, thief);
    const drop = dropAddressOf(random, thief, country);
    const network = thiefsNetworkOf(random, thief, country);
    const growth = random.between(1.15, 1.6);
    const knowledge = { code: 0.85, address: 0.5 + 0.45 * thief.skill };
    const drafts: PaymentDraft[] = [];
    let euros = random.between(15, 90);
    let atMs = startMs;
    for (let i = 0, shopCount = 2 + random.poisson(4.5); i < shopCount; i++) {
      const merchant = world.merchants.pickTarget(country, random);
      const priced = merchant.isGlobal ? country : merchant.country;
      const asked = Math.min(4_000, euros * random.between(0.8, 1.25));
      drafts.push({
        atMs: Math.round(atMs),
        merchant,
        card,
        device: thief.device,
        network: random.chance(0.15) ? thiefsNetworkOf(random, thief, country) : network,
        amountMinor: shopPriceOf(asked, priced, random),
        currency: priced.currency,
        avs: avsOf(random, merchant, card, knowledge),
        cvv: cvvOf(random, merchant, knowledge),
        threeDs: thiefsThreeDsOf(random, merchant, card, { euros: asked, passes: 0.12 }),
        customer: merchant.hasAccounts
          ? {
              id: `cus_${random.token(12)}`,
              email,
              created_at: new Date(Math.round(atMs - random.between(60_000, 900_000))).toISOString(),
            }
          : { email },
        billing,
        ...(!merchant.category.isDigital && { shipping: drop, itemCount: random.integer(1, 3) }),
        sessionId: `ses_${random.token(12)}`,
      });
      euros *= growth;
      atMs += random.exponential(35 * 60_000) + 90_000;
    }
    return drafts;
  },
};
