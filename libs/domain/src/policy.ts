import { z } from 'zod';
import { OUTCOMES } from './outcome';

/** A default by amount, for when a stage was silent: the first band whose `amount_below` exceeds the amount applies. */
const amountBand = z.strictObject({
  /** Cents of the base currency; null = no upper limit, and only the last band may have it. */
  amount_below: z.int().min(1).nullable(),
  outcome: z.enum(OUTCOMES),
});

/**
 * What mistakes cost, from which outcomes follow: money, not a constant. All amounts are cents of the base currency.
 * Every stage's silence has a required answer; there is no default of the default.
 */
export const policySchema = z.strictObject({
  version: z.int().min(1),
  costs: z.strictObject({
    /** Charged by the acquirer for each chargeback. */
    chargeback_fee: z.int().min(0),
    /** Share of the amount earned on a genuine sale. */
    margin_share: z.number().min(0).max(1),
    /** What a refused genuine customer costs beyond the lost margin. */
    insult: z.int().min(0),
    /** An analyst's time for one review. */
    review: z.int().min(0),
    /** Share of fraud that a review lets through. */
    review_miss_share: z.number().min(0).max(1),
    /** Share of genuine customers who do not wait for a review. */
    review_abandon_share: z.number().min(0).max(1),
    /** Share of fraud that passes a challenge. */
    challenge_miss_share: z.number().min(0).max(1),
    /** Share of genuine customers who abandon at a challenge. */
    challenge_abandon_share: z.number().min(0).max(1),
  }),
  /** Open reviews above which the model no longer asks for one; rules still may. */
  review_capacity: z.int().min(0),
  /** Minutes until an open review is due. */
  review_due_minutes: z.int().min(1),
  /**
   * The mildest outcome that the score may have while the shared histories do not answer and it rests on what one
   * instance saw itself.
   */
  when_histories_silent: z.array(amountBand).min(1),
  when_model_silent: z.array(amountBand).min(1),
  when_deadline_passed: z.array(amountBand).min(1),
  /**
   * What may be approved by default for one tenant in five minutes, cents of the base currency; beyond it the default is
   * a review.
   */
  fail_open_budget: z.int().min(0),
});
export type Policy = z.infer<typeof policySchema>;

/** Scores from which each outcome is the cheapest for one amount; 1.01 = never. approve < challenge < review < block. */
export interface OutcomeThresholds {
  readonly challenge: number;
  readonly review: number;
  readonly block: number;
}
