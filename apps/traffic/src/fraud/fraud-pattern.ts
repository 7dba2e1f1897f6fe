import type { PaymentDraft, Pattern } from '../payment';
import type { Random } from '../random';
import type { World } from '../world/world';

/** One way in which fraud happens. */
export interface FraudPattern {
  readonly name: Pattern;
  /** Share of all fraudulent payments over a long time; all shares sum to 1. */
  readonly share: number;
  /** Payments of one attack, on average: decides how often it has to happen for its share. */
  readonly paymentCountMean: number;
  /**
   * One attack that begins at `startMs`: its payments, not necessarily in order.
   * Empty when the world has no victim for it yet.
   */
  plan(world: World, random: Random, startMs: number): readonly PaymentDraft[];
}
