import { randomUUID } from 'node:crypto';
import type { Batch, Consumer, Kafka } from 'kafkajs';
import { kafkaErrorNames } from '../kafka-error';
import { onceCoordinated } from '../once-coordinated';
import { GROUP_TIMINGS, groupConsumer } from './group-membership';

/** Partition → offset of the first record that is not read. */
type Ends = ReadonlyMap<number, number>;

/**
 * Reads one topic from its first record to where it ends now, in batches, for a person who waits: it takes a second.
 * The group that it needs for that is its own and is gone afterwards.
 * @throws the broker's error when it does not answer
 */
export async function readToEnd(kafka: Kafka, topic: string, onBatch: (batch: Batch) => void): Promise<void> {
  const groupId = `veto-read-${randomUUID()}`;
  const admin = kafka.admin();
  await admin.connect();
  try {
    const offsets = await admin.fetchTopicOffsets(topic);
    const ends = new Map(
      offsets
        .filter(({ low, high }) => Number(high) > Number(low))
        .map(({ partition, high }) => [partition, Number(high)]),
    );
    if (ends.size === 0) return;
    let hasBegun = false;
    const take = (batch: Batch): void => {
      hasBegun = true;
      onBatch(batch);
    };
    await onceCoordinated(
      () => read(groupConsumer(kafka, groupId, GROUP_TIMINGS), topic, ends, take),
      () => hasBegun,
    );
    await admin.deleteGroups([groupId]).catch((error: unknown) => {
      // It never committed anything, and is forgotten by itself as soon as it is empty.
      if (!kafkaErrorNames(error).includes('KafkaJSDeleteGroupsError')) throw error;
    });
  } finally {
    await admin.disconnect();
  }
}

async function read(
  consumer: Consumer,
  topic: string,
  ends: Ends,
  onBatch: (batch: Batch) => void,
): Promise<void> {
  const left = new Map(ends);
  let onEnd: () => void = () => undefined;
  let onError: (error: Error) => void = () => undefined;
  const end = new Promise<void>((resolve, reject) => {
    onEnd = resolve;
    onError = reject;
  });
  const passed = (partition: number, nextOffset: number): void => {
    if (nextOffset >= (left.get(partition) ?? Infinity)) left.delete(partition);
    if (left.size === 0) onEnd();
  };
  consumer.on(consumer.events.CRASH, ({ payload }) => onError(payload.error));
  // Also tells of batches that hold nothing for a reader, such as the marks of transactions.
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) =>
    passed(payload.partition, Number(payload.lastOffset) + 1),
  );
  await consumer.connect();
  try {
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        if (left.has(batch.partition)) onBatch(batch);
        return Promise.resolve();
      },
    });
    await end;
  } finally {
    await consumer.disconnect();
  }
}
