import { randomUUID } from 'node:crypto';
import { systemClock } from '@veto/domain';
import { CompressionTypes, Partitioners, type Admin, type Kafka, type Message } from 'kafkajs';
import { kafkaClient } from '../kafka-client';
import { DEAD_LETTER_TOPIC } from './dead-letter';
import { startConsumer, type ConsumerOptions, type RunningConsumer } from './start-consumer';
import type { ConsumerTrouble } from './trouble';

/** One topic with a name of its own, and dead letters of its own, on a broker that several tests share. */
export interface TestTopic {
  readonly kafka: Kafka;
  readonly brokers: readonly string[];
  readonly prefix: string;
  readonly groupId: string;
  /** Without the prefix. */
  readonly name: string;
  /** As the broker calls it. */
  readonly fullName: string;
  produce(messages: readonly Message[], compression?: CompressionTypes): Promise<void>;
  /** Offsets that the group would go on from, by partition. */
  committed(): Promise<readonly number[]>;
  /** Offsets behind the last record, by partition. */
  ends(): Promise<readonly number[]>;
  deadLetterCount(): Promise<number>;
  deleteDeadLetterTopic(): Promise<void>;
  createDeadLetterTopic(): Promise<void>;
}

export async function createTestTopic(
  brokers: readonly string[],
  options: {
    readonly partitionCount?: number;
    readonly config?: Readonly<Record<string, string>>;
    readonly deadLetterConfig?: Readonly<Record<string, string>>;
  } = {},
): Promise<TestTopic> {
  const prefix = `t${randomUUID().slice(0, 8)}.`;
  const name = 'veto.transactions.v1';
  const fullName = prefix + name;
  const groupId = `${prefix}group`;
  const kafka = kafkaClient({ brokers, clientId: 'test' });
  const asAdmin = async <T>(ask: (admin: Admin) => Promise<T>): Promise<T> => {
    const admin = kafka.admin();
    await admin.connect();
    try {
      return await ask(admin);
    } finally {
      await admin.disconnect();
    }
  };
  const deadLetters = {
    topic: prefix + DEAD_LETTER_TOPIC,
    numPartitions: 2,
    configEntries: entriesOf(options.deadLetterConfig),
  };
  const numPartitions = options.partitionCount ?? 1;
  const topics = [{ topic: fullName, numPartitions, configEntries: entriesOf(options.config) }, deadLetters];
  await asAdmin((admin) => admin.createTopics({ waitForLeaders: true, topics }));
  return {
    kafka,
    brokers,
    prefix,
    groupId,
    name,
    fullName,
    produce: async (messages, compression = CompressionTypes.None) => {
      const producer = kafka.producer({
        allowAutoTopicCreation: false,
        createPartitioner: Partitioners.DefaultPartitioner,
      });
      await producer.connect();
      await producer.send({ topic: fullName, acks: -1, messages: [...messages], compression });
      await producer.disconnect();
    },
    committed: async () => {
      const [topic] = await asAdmin((admin) => admin.fetchOffsets({ groupId, topics: [fullName] }));
      return (topic?.partitions ?? [])
        .toSorted((left, right) => left.partition - right.partition)
        .map(({ offset }) => Number(offset));
    },
    ends: async () => {
      const ends = await asAdmin((admin) => admin.fetchTopicOffsets(fullName));
      return ends.toSorted((left, right) => left.partition - right.partition).map(({ high }) => Number(high));
    },
    deadLetterCount: async () => {
      const ends = await asAdmin((admin) => admin.fetchTopicOffsets(deadLetters.topic));
      return ends.reduce((sum, { high }) => sum + Number(high), 0);
    },
    deleteDeadLetterTopic: () => asAdmin((admin) => admin.deleteTopics({ topics: [deadLetters.topic] })),
    createDeadLetterTopic: async () => {
      await asAdmin((admin) => admin.createTopics({ topics: [deadLetters] }));
    },
  };
}

function entriesOf(config: Readonly<Record<string, string>> = {}): { name: string; value: string }[] {
  return Object.entries(config).map(([name, value]) => ({ name, value }));
}

export interface TestConsumer extends RunningConsumer {
  readonly troubles: readonly ConsumerTrouble[];
  readonly fatal: readonly Error[];
}

const started: RunningConsumer[] = [];

/** After each test: what a failed one left running would take part in the next one's group. */
export async function stopTestConsumers(): Promise<void> {
  await Promise.all(started.splice(0).map((consumer) => consumer.stop()));
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
    groupId: topic.groupId,
    topics: [topic.name],
    topicPrefix: topic.prefix,
    clock: systemClock,
    service: 'test',
    build: 'b1',
    onTrouble: (trouble) => troubles.push(trouble),
    onFatal: (error) => fatal.push(error),
    ...options,
  });
  started.push(consumer);
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
