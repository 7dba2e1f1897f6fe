import { avsOf, cvvOf } from '../authentication';
import type { PaymentDraft } from '../payment';
import { pickCountry } from '../world/countries';
import { strangersCardOf } from '../world/cards';
import { attackerDeviceOf } from '../world/devices';
import { minorAmountOf } from '../world/prices';
import type { FraudPattern } from './fraud-pattern';
import { thiefOf, thiefsEmailOf, thiefsNetworkOf } from './thief';

const CARD_COUNT_MAX = 220;

/**
 * BIN attack: nobody stole these cards, they are guessed. A program counts through the numbers of one issuer's range
 * with made-up dates and codes, from many addresses at once, at one or two shops; nearly all fail, and the few that pass
 * are sold.
 */
export const binAttack: FraudPattern = {
  name: 'bin_attack',
  share: 0.15,
  paymentCountMean: 52,
  plan: (world, random, startMs) => {
    const thief = thiefOf(random);
    const country = pickCountry(random);
    const range = world.issuers.pickRange(country, random);
    const merchants = [
      world.merchants.pickTestingTarget(random),
      world.merchants.pickTarget(country, random),
    ];
    const cardCount = Math.min(CARD_COUNT_MAX, Math.max(10, Math.round(random.logNormal(40, 0.7))));
    const pauseMs = random.between(1_500, 12_000) * (1 + 25 * thief.skill * thief.skill);
    const devices = Array.from({ length: random.integer(1, 2 + Math.round(8 * thief.skill)) }, () =>
      attackerDeviceOf(country, random, thief.skill),
    );
    const networks = Array.from({ length: random.integer(4, 30) }, () =>
      thiefsNetworkOf(random, thief, country),
    );
    const euros = random.between(1, 25);
    const knowledge = { code: 0.12, address: 0.1 };
    const drafts: PaymentDraft[] = [];
    let atMs = startMs;
    for (let i = 0; i < cardCount; i++) {
      const merchant = merchants[random.chance(0.85) ? 0 : 1]!;
      const card = strangersCardOf(range, random, atMs);
      drafts.push({
        atMs: Math.round(atMs),
        merchant,
        card,
        device: random.pick(devices),
        network: random.pick(networks),
        amountMinor: minorAmountOf(euros * random.between(0.95, 1.05), merchant.country),
        currency: merchant.country.currency,
        avs: avsOf(random, merchant, card, knowledge),
        cvv: cvvOf(random, merchant, knowledge),
        customer: { email: thiefsEmailOf(random, thief) },
        sessionId: `ses_${random.token(12)}`,
      });
      atMs += random.exponential(pauseMs) + 300;
    }
    return drafts;
  },
};
