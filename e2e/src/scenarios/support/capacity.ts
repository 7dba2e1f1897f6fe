import { askUntilAnswered } from './load';
import type { Journal } from './journal';
import { paymentMaker, type SentPayment } from './payments';
import type { Run } from './scenario';

const RATE_MAX = 2_000;
const SHARE_OF_CAPACITY = 0.6;
const CALLER_COUNT = 48;

/**
 * Measures what the servers can do with as many callers as keep them busy, after a warm-up of the same length, and says
 * it. R is min(2 000, 60 % of it).
 * @param options.shareOfRate of R; less than all where the scenario takes one of the cores for something else
 * @returns payments a second, with which they are to be loaded
 */
export async function measureLoad(
  run: Run,
  targets: readonly string[],
  options: { readonly shareOfRate?: number; readonly seconds?: number } = {},
): Promise<number> {
  const { shareOfRate = 1, seconds = 3 } = options;
  const of = { targets, payment: paymentMaker('warm', run.random), journal: run.journal };
  await closedLoop(of, seconds);
  const capacity = await closedLoop(of, seconds);
  const rate = Math.floor(Math.min(RATE_MAX, SHARE_OF_CAPACITY * capacity));
  const load = Math.floor(shareOfRate * rate);
  run.say(`capacity ${Math.round(capacity)}/s, R = ${rate}/s, load ${load}/s`);
  return load;
}

let next = 0;

/** @returns answers a second */
async function closedLoop(
  of: {
    readonly targets: readonly string[];
    readonly payment: (i: number) => SentPayment;
    readonly journal: Journal;
  },
  seconds: number,
): Promise<number> {
  const endAtMs = performance.now() + seconds * 1_000;
  let answeredCount = 0;
  const caller = async (): Promise<void> => {
    while (performance.now() < endAtMs) {
      const firstTarget = next++;
      const payment = await askUntilAnswered(of.payment(firstTarget), { ...of, firstTarget });
      if (payment.status !== 200)
        throw new Error(
          `${payment.id}: ${payment.status ?? 'no answer'} ${payment.earlier.join()} ${payment.text}`,
        );
      answeredCount++;
    }
  };
  await Promise.all(Array.from({ length: CALLER_COUNT }, caller));
  return answeredCount / seconds;
}
