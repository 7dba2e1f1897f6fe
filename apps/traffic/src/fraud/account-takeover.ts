import { avsOf, thiefsThreeDsOf } from '../authentication';
import type { PaymentDraft } from '../payment';
import { phoneOf } from '../world/customers';
import { shopPriceOf } from '../world/prices';
import type { FraudPattern } from './fraud-pattern';
import { dropAddressOf, thiefOf, thiefsNetworkOf } from './thief';

const OLD_ACCOUNT_MS = 120 * 86_400_000;

/**
 * Account takeover: a password leaked elsewhere opens the account of an old, good customer. The card is stored there,
 * so no code is asked; the thief, on a device and from a place that this customer never used, changes the shipping
 * address and orders the most expensive things that can be sold again.
 */
export const accountTakeover: FraudPattern = {
  name: 'account_takeover',
  share: 0.13,
  paymentCountMean: 3,
  plan: (world, random, startMs) => {
    const thief = thiefOf(random);
    const victim = world.pickEstablishedCustomer(random, startMs, OLD_ACCOUNT_MS);
    const card = world.cardOf(victim, 'first', startMs);
    const network = thiefsNetworkOf(random, thief, victim.country);
    const drop = dropAddressOf(random, thief, victim.country);
    const phone = random.chance(0.3) ? phoneOf(victim.country, random) : victim.phone;
    const favourite = victim.favourites.find(
      ({ category, hasAccounts }) => category.channel !== 'pos' && hasAccounts,
    );
    const drafts: PaymentDraft[] = [];
    let atMs = startMs;
    for (let i = 0, orderCount = 1 + random.poisson(2); i < orderCount; i++) {
      const merchant =
        favourite !== undefined && random.chance(0.6)
          ? favourite
          : world.merchants.pickTarget(victim.country, random);
      const priced = merchant.isGlobal ? victim.country : merchant.country;
      const euros = Math.min(
        6_000,
        merchant.category.medianEuros * random.logNormal(3.2 - 1.4 * thief.skill, 0.5) + 25,
      );
      drafts.push({
        atMs: Math.round(atMs),
        merchant,
        card,
        network,
        device: thief.device,
        amountMinor: shopPriceOf(euros, priced, random),
        currency: priced.currency,
        avs: avsOf(random, merchant, card, { address: 0.85, code: 0 }),
        cvv: random.chance(0.2) ? 'P' : null,
        threeDs: thiefsThreeDsOf(random, merchant, card, { euros, passes: 0.35 }),
        customer: {
          id: victim.id,
          email: victim.email,
          phone,
          created_at: new Date(victim.createdAtMs).toISOString(),
        },
        billing: victim.address,
        ...(!merchant.category.isDigital && { shipping: drop, itemCount: random.integer(1, 4) }),
        sessionId: `ses_${random.token(12)}`,
      });
      atMs += random.exponential(25 * 60_000) + 60_000;
    }
    world.reissueCard(victim, 'first', atMs + random.between(1, 10) * 86_400_000);
    return drafts;
  },
};
