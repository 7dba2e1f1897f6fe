import { bundled } from './bundled.mjs';

/** Payments a second that are put on Kafka, beside those that are asked about by HTTP. */
const STREAM_INTERVAL_MS = 1_000;

/**
 * One payment a second onto Kafka, so that the consuming instance has something to do.
 * @param {Record<string, string>} environment how Kafka is reached
 */
export async function producePayments(environment) {
  const { kafkaClient } = await bundled('libs/log/src/kafka/kafka-client.ts');
  const { readKafkaSecurity } = await bundled('libs/log/src/kafka/kafka-security.ts');
  const brokers = (environment['KAFKA_BROKERS'] ?? '').split(',');
  const { security } = readKafkaSecurity(environment);
  const client = kafkaClient({ clientId: 'shop', brokers, ...security });
  const producer = client.producer({ allowAutoTopicCreation: false });
  const topic = `${environment['VETO_TOPIC_PREFIX'] ?? ''}veto.transactions.v1`;
  await producer.connect();
  let count = 0;
  const timer = setInterval(() => {
    count += 1;
    const card = `cfp_stream_${count % 20}`;
    const payment = {
      transaction: {
        id: `kafka_${process.pid}_${count}`,
        occurred_at: new Date().toISOString(),
        amount: 10_00 + ((count * 7919) % 200_00),
        currency: 'EUR',
      },
      merchant: { id: 'mer_stream' },
      card: { fingerprint: card },
    };
    const message = { key: `demo|${card}`, value: JSON.stringify(payment) };
    // While Kafka is stopped there is nothing to put there; the next second tries anew.
    producer.send({ topic, messages: [message] }).catch(() => undefined);
  }, STREAM_INTERVAL_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      await producer.disconnect();
    },
  };
}
