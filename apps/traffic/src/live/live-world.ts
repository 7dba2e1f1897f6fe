import { World } from '../world/world';

/** Customers for each payment a second, so that nobody pays as often as a script would. */
const CUSTOMERS_PER_RATE = 20_000;
const REGULAR_COUNT = 1_200;
const REGULAR_SHARE = 0.1;
const MERCHANT_COUNT = 300;

/** The people and shops of live traffic: as many customers as the rate asks for, forty days old when it starts. */
export function liveWorldOf(options: {
  readonly seed: number;
  readonly ratePerSecond: number;
  readonly startMs: number;
}): World {
  const { seed, ratePerSecond, startMs } = options;
  const world = new World({
    seed,
    customerCount: Math.round(Math.min(400_000, Math.max(20_000, ratePerSecond * CUSTOMERS_PER_RATE))),
    merchantCount: MERCHANT_COUNT,
    regularCount: REGULAR_COUNT,
    originMs: startMs - 40 * 86_400_000,
  });
  world.regularShare = REGULAR_SHARE;
  return world;
}
