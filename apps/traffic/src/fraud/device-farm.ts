import { cvvOf, exemptionOf } from '../authentication';
import type { PaymentDraft } from '../payment';
import { strangersCardOf } from '../world/cards';
import { pickCountry } from '../world/countries';
import { attackerDeviceOf } from '../world/devices';
import { minorAmountOf } from '../world/prices';
import type { FraudPattern } from './fraud-pattern';
import { thiefOf, thiefsEmailOf, thiefsNetworkOf } from './thief';

/**
 * Device farm: a shelf of phones opens account after account, each with a new mailbox and a virtual prepaid card, to
 * collect what a shop gives to new customers. Each payment is small and passes every check; what repeats is the phone
 * and the network behind it.
 */
export const deviceFarm: FraudPattern = {
  name: 'device_farm',
  share: 0.1,
  paymentCountMean: 30,
  plan: (world, random, startMs) => {
    const thief = thiefOf(random);
    const country = pickCountry(random);
    const merchant = random.chance(0.7)
      ? world.merchants.pickTestingTarget(random)
      : world.merchants.pickTarget(country, random);
    const ranges = world.issuers.rangesOf(country).filter(({ funding }) => funding === 'prepaid');
    const devices = Array.from({ length: random.integer(2, 4 + Math.round(6 * thief.skill)) }, () =>
      attackerDeviceOf(country, random, 0.3 + 0.7 * thief.skill),
    );
    const networks = Array.from({ length: random.integer(1, 3 + Math.round(4 * thief.skill)) }, () =>
      thiefsNetworkOf(random, thief, country),
    );
    const pauseMs = random.between(40_000, 240_000) * (1 + 6 * thief.skill);
    const euros = Math.max(4, Math.min(40, merchant.category.medianEuros * random.between(0.3, 0.9)));
    const drafts: PaymentDraft[] = [];
    let atMs = startMs;
    for (
      let i = 0, accountCount = Math.max(6, Math.round(random.logNormal(22, 0.5)));
      i < accountCount;
      i++
    ) {
      const range = ranges.length > 0 ? random.pick(ranges) : world.issuers.pickRange(country, random);
      const card = strangersCardOf(range, random, atMs);
      const account = {
        merchant,
        card,
        device: random.pick(devices),
        network: random.pick(networks),
        currency: merchant.country.currency,
        threeDs:
          card.range.country.requiresSca && merchant.country.requiresSca
            ? exemptionOf(card, 'low_value')
            : undefined,
        customer: {
          id: `cus_${random.token(12)}`,
          email: thiefsEmailOf(random, thief),
          created_at: new Date(Math.round(atMs - random.between(20_000, 400_000))).toISOString(),
        },
      };
      for (let order = 0, orderCount = random.chance(0.3) ? 2 : 1; order < orderCount; order++) {
        drafts.push({
          ...account,
          atMs: Math.round(atMs),
          amountMinor: minorAmountOf(euros * random.between(0.9, 1.15), merchant.country),
          cvv: cvvOf(random, merchant, { code: 0.97, address: 1 }),
          sessionId: `ses_${random.token(12)}`,
        });
        atMs += random.exponential(pauseMs) + 5_000;
      }
    }
    return drafts;
  },
};
