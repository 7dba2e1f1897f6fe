import { featureSet } from '../feature-set';
import { naiveFeatures } from './naive-features.oracle';
import { vectorOf, type BegunPayment, type EventStream } from './small-store.oracle';

/** A feature on which the two ways disagree: name, fast value, naive value. */
export type Difference = readonly [name: string, fast: unknown, naive: unknown];

/**
 * Every difference, bit for bit, between the fast way and the naive one over all payments of a stream. The fast way
 * runs twice: on the histories as they stood at `begin`, and on those at the end of the stream, as after a crash.
 */
export function differencesFromOracle(
  stream: EventStream,
  begun: readonly BegunPayment[] = stream.begun,
): Difference[] {
  const differences: Difference[] = [];
  for (const payment of begun) {
    const naive = naiveFeatures(payment.transaction, payment.seq, stream.events);
    for (const histories of [payment.histories, stream.histories]) {
      const fast = vectorOf(payment, histories);
      featureSet.definitions.forEach(({ name }, i) => {
        const expected = naive.values.get(name) ?? NaN;
        if (!Object.is(fast.values[i], expected)) differences.push([name, fast.values[i], expected]);
      });
      const [truncatedFast, truncatedNaive] = [fast.truncated.join(), naive.truncated.join()];
      if (truncatedFast !== truncatedNaive) differences.push(['truncated', truncatedFast, truncatedNaive]);
    }
  }
  return differences;
}
