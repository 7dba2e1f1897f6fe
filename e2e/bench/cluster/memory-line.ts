import { median, type Figure } from './figures';
import { bodyOf, Timeline } from './payments';
import { Worker } from './worker';

/** The line without any Kafka or Redis, on histories as full as those of the stream loop: what is left of it at best. */
export async function measureMemoryLine(of: {
  readonly fillingCount: number;
  readonly paymentCount: number;
  readonly rounds: number;
}): Promise<Figure> {
  const { fillingCount, paymentCount, rounds } = of;
  const timeline = new Timeline({ fillingCount, measuredCount: rounds * paymentCount });
  const worker = new Worker('the line in memory', 'memory-line', {});
  const decide = async (count: number): Promise<number> => {
    worker.send(Array.from({ length: count }, () => bodyOf(timeline.next())));
    return Number((await worker.next('done'))['nodeUs']);
  };
  try {
    await worker.next('idle');
    await decide(fillingCount);
    const costs: number[] = [];
    for (let round = 0; round < rounds; round++) costs.push(await decide(paymentCount));
    return {
      name: 'the line alone, log and state in memory',
      value: median(costs),
      unit: 'µs of processor a payment',
      goal: 'none: what the loop cannot go below',
      met: true,
      detail: `body to decision with model and rules, in batches of 32; medians of ${rounds} rounds of ${paymentCount} payments`,
    };
  } finally {
    await worker.stop('stop');
  }
}
