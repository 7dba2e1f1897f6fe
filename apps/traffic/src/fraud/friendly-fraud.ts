import { shop } from '../genuine/shop';
import type { FraudPattern } from './fraud-pattern';

const ATTEMPT_COUNT_MAX = 20;

/**
 * Friendly fraud: a real customer buys something real, receives it, and tells the bank weeks later that it was not them.
 * Nothing about the payment is unusual, so nothing but the customer's earlier disputes can tell; it is here so that a
 * model learns that it cannot know everything.
 */
export const friendlyFraud: FraudPattern = {
  name: 'friendly_fraud',
  share: 0.09,
  paymentCountMean: 1,
  plan: (world, random, startMs) => {
    for (let attempt = 0; attempt < ATTEMPT_COUNT_MAX; attempt++) {
      const customer = world.pickActiveCustomer(random, startMs);
      const first = shop(world, random, { customer, atMs: startMs })[0];
      if (first?.customer?.id !== undefined && first.device !== undefined && first.cvv !== 'N')
        return [first];
    }
    return [];
  },
};
