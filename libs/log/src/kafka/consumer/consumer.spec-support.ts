import { randomUUID } from 'node:crypto';
import { systemClock } from '@veto/domain';
import type { Kafka, Message } from 'kafkajs';
import { kafkaClient } from '../kafka-client';
import { DEAD_LETTER_TOPIC } from './dead-letter';
import { startConsumer, type ConsumerOptions, type RunningConsumer } from './start-consumer';
import type { ConsumerTrouble } from './trouble';

/** One topic with a name of its own, and dead letters of its own, on a broker that several tests share. */
export interface TestTopic {
  readonly kafka: Kafka;
  readonly brokers: readonly string[];
  readonly prefix: string;
  /** Without the prefix. */
  readonly name: string;
  /** As the broker calls it. */
  readonly fullName: string;
  produce(messages: readonly Message[]): Promise<void>;
  /** Offsets that the group would go on from, by partition. */
  committed(groupId: string): Promise<readonly number[]>;
  deadLetterCount(): Promise<number>;
}

export async function createTestTopic(
  brokers: readonly string[],
  options: {
    readonly partitionCount?: number;
    readonly deadLetterConfig?: Readonly<Record<string, string>>;
  } = {},
): Promise<TestTopic> {
  const prefix = `t${randomUUID().slice(0, 8)}.`;
  const name = 'veto.transactions.v1';
  const fullName = prefix + name;
  const kafka = kafkaClient({ brokers, clientId: 'test' });
  const admin = kafka.admin();
  await admin.connect();
  const deadLetterConfig = Object.entries(options.deadLetterConfig ?? {});
  await admin.createTopics({
    waitForLeaders: true,
    topics: [
      { topic: fullName, numPartitions: options.partitionCount ?? 1 },
      {
        topic: prefix + DEAD_LETTER_TOPIC,
        numPartitions: 2,
        configEntries: deadLetterConfig.map(([key, value]) => ({ name: key, value })),
      },
    ],
  });
  await admin.disconnect();
  return {
    kafka,
    brokers,
    prefix,
    name,
    fullName,
    produce: async (messages) => {
      const producer = kafka.producer({ allowAutoTopicCreation: false });
      await producer.connect();
      await producer.send({ topic: fullName, acks: -1, messages: [...messages] });
      await producer.disconnect();
    },
    committed: async (groupId) => {
      await admin.connect();
      const [topic] = await admin.fetchOffsets({ groupId, topics: [fullName] });
      await admin.disconnect();
      return (topic?.partitions ?? [])
        .toSorted((left, right) => left.partition - right.partition)
        .map(({ offset }) => Number(offset));
    },
    deadLetterCount: async () => {
      await admin.connect();
      const ends = await admin.fetchTopicOffsets(prefix + DEAD_LETTER_TOPIC);
      await admin.disconnect();
      return ends.reduce((sum, { high }) => sum + Number(high), 0);
    },
  };
}

export interface TestConsumer extends RunningConsumer {
  readonly troubles: readonly ConsumerTrouble[];
  readonly fatal: readonly Error[];
}

export async function startTestConsumer(
  topic: TestTopic,
  options: Pick<ConsumerOptions, 'handler'> & Partial<ConsumerOptions>,
): Promise<TestConsumer> {
  const troubles: ConsumerTrouble[] = [];
  const fatal: Error[] = [];
  const consumer = await startConsumer({
    brokers: topic.brokers,
    clientId: 'test-consumer',
    groupId: 'test-group',
    topics: [topic.name],
    topicPrefix: topic.prefix,
    clock: systemClock,
    service: 'test',
    build: 'b1',
    onTrouble: (trouble) => troubles.push(trouble),
    onFatal: (error) => fatal.push(error),
    ...options,
  });
  return {
    troubles,
    fatal,
    status: () => consumer.status(),
    lag: () => consumer.lag(),
    closeCircuit: (name, partition) => consumer.closeCircuit(name, partition),
    stop: () => consumer.stop(),
  };
}

/** Waits for a fact. @throws Error with what was seen last, when it does not come true in time */
export async function until(
  isTrue: () => boolean | Promise<boolean>,
  what: () => unknown,
  withinMs = 15_000,
): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await isTrue())) {
    if (performance.now() > end) throw new Error(`not within ${withinMs} ms: ${JSON.stringify(what())}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
