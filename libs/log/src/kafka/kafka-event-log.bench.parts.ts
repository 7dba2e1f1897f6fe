import { startKafka } from '@veto/testing/parts';
import { benchKafkaLog } from './kafka-event-log.bench';

describe('the bench of the log on Kafka', () => {
  it('measures what it says, in the small', async () => {
    const kafka = await startKafka();
    const topicPrefix = `bench${Date.now()}.`;
    const recordCount = Number(process.env['VETO_BENCH_RECORDS'] ?? 2_000);
    try {
      const result = await benchKafkaLog({
        brokers: kafka.brokers,
        topicPrefix,
        recordCount,
        callCount: 32,
        loneCount: 100,
      });
      for (const figure of Object.values(result)) expect(figure).toBeGreaterThan(0);
      process.stdout.write(`${JSON.stringify({ bench: 'kafka-log', recordCount, ...result })}\n`);
    } finally {
      await kafka.stop();
    }
  });
});
