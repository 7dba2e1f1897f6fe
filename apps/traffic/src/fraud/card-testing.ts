import { avsOf, cvvOf, thiefsThreeDsOf } from '../authentication';
import type { PaymentDraft } from '../payment';
import { minorAmountOf } from '../world/prices';
import type { FraudPattern } from './fraud-pattern';
import { stealCard, thiefOf, thiefsEmailOf, thiefsNetworkOf } from './thief';

const CARD_COUNT_MAX = 140;

/**
 * Card testing: somebody bought a list of stolen cards and wants to know which still work. A script tries one after the
 * other for a euro or two at a shop that ships nothing, from one machine, until half of them are crossed out.
 */
export const cardTesting: FraudPattern = {
  name: 'card_testing',
  share: 0.19,
  paymentCountMean: 32,
  plan: (world, random, startMs) => {
    const thief = thiefOf(random);
    const merchant = world.merchants.pickTestingTarget(random);
    const cardCount = Math.min(CARD_COUNT_MAX, Math.max(6, Math.round(random.logNormal(25, 0.7))));
    // The skilled wait; the others let the script run.
    const pauseMs = random.between(4_000, 20_000) * (1 + 40 * thief.skill * thief.skill);
    const euros = random.between(0.5, 4) * (1 + thief.skill * random.between(0, 4));
    const email = thiefsEmailOf(random, thief);
    const drafts: PaymentDraft[] = [];
    let network = thiefsNetworkOf(random, thief, thief.base);
    let atMs = startMs;
    for (let i = 0; i < cardCount; i++) {
      const { card, country, billing } = stealCard(world, random, atMs, 0.15);
      if (random.chance(0.02 + 0.3 * thief.skill)) network = thiefsNetworkOf(random, thief, country);
      const asked = euros * random.between(0.9, 1.1);
      const knowledge = { code: 0.55, address: 0.35 };
      drafts.push({
        atMs: Math.round(atMs),
        merchant,
        card,
        network,
        device: thief.device,
        amountMinor: minorAmountOf(asked, merchant.country),
        currency: merchant.country.currency,
        avs: avsOf(random, merchant, card, knowledge),
        cvv: cvvOf(random, merchant, knowledge),
        threeDs: thiefsThreeDsOf(random, merchant, card, { euros: asked, passes: 0.05 }),
        customer: { email: random.chance(0.5) ? email : thiefsEmailOf(random, thief) },
        ...(random.chance(0.5) && { billing }),
        sessionId: `ses_${random.token(12)}`,
      });
      atMs += random.exponential(pauseMs) + 1_500;
    }
    return drafts;
  },
};
