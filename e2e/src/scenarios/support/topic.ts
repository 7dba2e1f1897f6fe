import { Kafka, logLevel, type Message, type Producer } from 'kafkajs';

/** A record as it lies on a topic. */
export interface TopicRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: NonNullable<Message['headers']>;
}

/** A client without a voice: what goes wrong is seen by what is asserted. */
export function kafkaOf(brokers: readonly string[]): Kafka {
  return new Kafka({ clientId: 'scenario', brokers: [...brokers], logLevel: logLevel.NOTHING });
}

/** A producer for as long as `use` runs. */
export async function withProducer<T>(
  brokers: readonly string[],
  use: (producer: Producer) => Promise<T>,
): Promise<T> {
  const producer = kafkaOf(brokers).producer({ allowAutoTopicCreation: false });
  await producer.connect();
  try {
    return await use(producer);
  } finally {
    await producer.disconnect();
  }
}

/** The offset after the last record of each partition, and of the first. */
export async function offsetsOf(
  brokers: readonly string[],
  topic: string,
): Promise<readonly { readonly partition: number; readonly low: number; readonly high: number }[]> {
  const admin = kafkaOf(brokers).admin();
  await admin.connect();
  try {
    const offsets = await admin.fetchTopicOffsets(topic);
    return offsets.map(({ partition, low, high }) => ({ partition, low: Number(low), high: Number(high) }));
  } finally {
    await admin.disconnect();
  }
}

/**
 * Every record that is on a topic when this is called; the reader is a plain kafkajs consumer in a group of its own.
 * @param take called for each, in order of its partition
 */
export async function readTopic(
  brokers: readonly string[],
  topic: string,
  take: (record: TopicRecord) => void,
): Promise<number> {
  const missing = new Map(
    (await offsetsOf(brokers, topic))
      .filter(({ low, high }) => high > low)
      .map(({ partition, high }) => [partition, high]),
  );
  if (missing.size === 0) return 0;
  const groupId = `scenario-${Math.random().toString(36).slice(2)}`;
  const consumer = kafkaOf(brokers).consumer({ groupId, maxWaitTimeInMs: 200 });
  let count = 0;
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  try {
    await new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
      const eachBatch = async ({
        batch,
      }: {
        batch: {
          partition: number;
          messages: readonly {
            offset: string;
            key: Buffer | null;
            value: Buffer | null;
            headers?: NonNullable<Message['headers']>;
          }[];
        };
      }): Promise<void> => {
        const end = missing.get(batch.partition) ?? 0;
        for (const { offset, key, value, headers = {} } of batch.messages) {
          if (Number(offset) >= end) break;
          count++;
          take({ partition: batch.partition, offset: Number(offset), key, value, headers });
        }
        if (Number(batch.messages.at(-1)?.offset ?? -1) >= end - 1) missing.delete(batch.partition);
        if (missing.size === 0) resolve();
        return Promise.resolve();
      };
      consumer.run({ autoCommit: false, eachBatch }).catch(reject);
    });
  } finally {
    await consumer.disconnect();
  }
  return count;
}

/** How far a group has committed, summed over the partitions of a topic. */
export async function committedBy(
  brokers: readonly string[],
  groupId: string,
  topic: string,
): Promise<readonly { readonly partition: number; readonly offset: number }[]> {
  const admin = kafkaOf(brokers).admin();
  await admin.connect();
  try {
    const [of] = await admin.fetchOffsets({ groupId, topics: [topic] });
    return (of?.partitions ?? []).map(({ partition, offset }) => ({ partition, offset: Number(offset) }));
  } finally {
    await admin.disconnect();
  }
}
