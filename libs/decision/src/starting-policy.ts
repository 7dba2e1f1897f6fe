import type { Policy } from '@veto/domain';

/**
 * A policy to begin with, for a shop that earns a fifth of its sales and pays 20 euros for each chargeback. Of a genuine
 * payment of 130 euros with a calibrated score, it asks the customer from 0.05 and an analyst from about a third.
 */
export const startingPolicy: Policy = {
  version: 1,
  costs: {
    chargeback_fee: 20_00,
    margin_share: 0.2,
    insult: 40_00,
    review: 4_00,
    review_miss_share: 0.05,
    review_abandon_share: 0.12,
    challenge_miss_share: 0.15,
    challenge_abandon_share: 0.1,
  },
  review_capacity: 500,
  review_due_minutes: 30,
  when_histories_silent: [
    { amount_below: 500_00, outcome: 'approve' },
    { amount_below: null, outcome: 'review' },
  ],
  when_model_silent: [
    { amount_below: 50_00, outcome: 'approve' },
    { amount_below: 500_00, outcome: 'challenge' },
    { amount_below: null, outcome: 'review' },
  ],
  when_deadline_passed: [
    { amount_below: 50_00, outcome: 'approve' },
    { amount_below: 500_00, outcome: 'challenge' },
    { amount_below: null, outcome: 'review' },
  ],
  fail_open_budget: 25_000_00,
};
