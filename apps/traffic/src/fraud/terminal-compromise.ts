import type { PaymentDraft } from '../payment';
import { shopPriceOf } from '../world/prices';
import type { FraudPattern } from './fraud-pattern';

const VISITOR_COUNT_MIN = 15;
const DAY_MS = 86_400_000;

/**
 * Terminal compromise: a skimmer sits in one shop's terminal. Weeks after their visit, cards that were read there are
 * cloned and used at that same shop, whose clerk looks away, until chargebacks pile up and the terminal is exchanged.
 * The cards, the country and the shop are ordinary; only the amounts and the shop's own bad past tell.
 */
export const terminalCompromise: FraudPattern = {
  name: 'terminal_compromise',
  share: 0.11,
  paymentCountMean: 24,
  plan: (world, random, startMs) => {
    const skimmed = world.pickVisitedTerminal(random, VISITOR_COUNT_MIN);
    if (skimmed === null) return [];
    const { merchant, visitors } = skimmed;
    const lastsMs = random.between(12, 32) * DAY_MS;
    const drafts: PaymentDraft[] = [];
    for (let i = 0, useCount = Math.max(8, Math.round(random.logNormal(22, 0.4))); i < useCount; i++) {
      const victim = random.pick(visitors);
      // The clerk works by day.
      const day = Math.floor((startMs + random.unit() * lastsMs) / DAY_MS);
      const atMs = Math.max(
        startMs,
        (day + (random.between(9, 20) - merchant.country.utcOffsetHours) / 24) * DAY_MS,
      );
      const euros = Math.max(merchant.category.medianEuros, 12) * random.logNormal(2.8, 0.5);
      drafts.push({
        atMs: Math.round(atMs),
        merchant,
        card: world.cardOf(victim, 'first', startMs),
        amountMinor: shopPriceOf(Math.min(2_500, euros), merchant.country, random),
        currency: merchant.country.currency,
      });
      if (random.chance(0.5)) world.reissueCard(victim, 'first', atMs + random.between(2, 12) * DAY_MS);
    }
    return drafts;
  },
};
