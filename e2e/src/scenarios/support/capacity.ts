import { askUntilAnswered } from './load';
import type { Journal } from './journal';
import type { SentPayment } from './payments';

const RATE_MAX = 2_000;
const SHARE_OF_CAPACITY = 0.6;
const CALLER_COUNT = 48;

/**
 * Measures what the servers can do with as many callers as keep them busy, after a warm-up of the same length, and
 * returns the rate at which scenarios load them: min(2 000, 60 % of it).
 */
export async function measureRate(of: {
  readonly targets: readonly string[];
  readonly payment: (i: number) => SentPayment;
  readonly journal: Journal;
  readonly seconds?: number;
}): Promise<{ readonly capacity: number; readonly rate: number }> {
  const seconds = of.seconds ?? 3;
  await closedLoop(of, seconds);
  const capacity = await closedLoop(of, seconds);
  return { capacity, rate: Math.floor(Math.min(RATE_MAX, SHARE_OF_CAPACITY * capacity)) };
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
