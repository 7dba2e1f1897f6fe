import { startKafka } from '@veto/testing/parts';
import { measureConsumerCost } from './consumer-cost.bench';

/** For real: `BENCH_RECORDS=200000`, of which the first tens of thousands only warm up the compiler. */
const recordCount = Number(process.env['BENCH_RECORDS'] ?? 2_000);

describe('the cost of reading a record', () => {
  it('is measured in all three ways', async () => {
    const kafka = await startKafka();
    try {
      const costs = await measureConsumerCost(kafka.brokers, recordCount);
      expect(costs.map(({ way }) => way)).toEqual(['bare kafkajs', 'eachBatch', 'eachRecord']);
      for (const { recordsPerSecond } of costs) expect(recordsPerSecond).toBeGreaterThan(0);
      process.stdout.write(`${JSON.stringify({ bench: 'consumer', recordCount, costs })}\n`);
    } finally {
      await kafka.stop();
    }
  }, 120_000);
});
