import { randomUUID } from 'node:crypto';
import { systemClock } from '@veto/domain';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { kafkaClient } from '../kafka-client';
import { DEAD_LETTER_TOPIC } from './dead-letter';
import { startConsumer } from './start-consumer';
import type { RecordHandler } from './consumed-record';
import { GROUP_TIMINGS } from './group-membership';

/** What reading a record costs this process, besides what the handler does with it. */
export interface ConsumerCost {
  readonly way: 'bare kafkajs' | 'eachBatch' | 'eachRecord';
  readonly recordsPerSecond: number;
  /** CPU of this process, µs per record. */
  readonly cpuMicros: number;
}

/** Reads the same topic by bare kafkajs (`eachBatch`, one commit for each), and by both kinds of handler, none of which does anything. */
export async function measureConsumerCost(
  brokers: readonly string[],
  recordCount: number,
): Promise<readonly ConsumerCost[]> {
  const prefix = `b${randomUUID().slice(0, 8)}.`;
  const topic = `${prefix}veto.transactions.v1`;
  await fill({ brokers, topic, deadLetters: prefix + DEAD_LETTER_TOPIC, recordCount });
  const costs: ConsumerCost[] = [];
  for (const way of ['bare kafkajs', 'eachBatch', 'eachRecord'] as const) {
    const read = (onRecords: (count: number) => void) =>
      way === 'bare kafkajs'
        ? readBare(brokers, topic, onRecords)
        : readOurs(brokers, prefix, way, onRecords);
    costs.push({ way, ...(await timed(read, recordCount)) });
  }
  return costs;
}

type Stop = () => Promise<void>;

/** From the first record to the last, so that joining the group does not count. */
async function timed(
  read: (onRecords: (count: number) => void) => Promise<Stop>,
  recordCount: number,
): Promise<Omit<ConsumerCost, 'way'>> {
  let seen = 0;
  let startMs = 0;
  let cpu = process.cpuUsage();
  let onEnd: (cost: Omit<ConsumerCost, 'way'>) => void = () => undefined;
  const end = new Promise<Omit<ConsumerCost, 'way'>>((resolve) => (onEnd = resolve));
  const stop = await read((count) => {
    if (seen === 0) {
      startMs = performance.now();
      cpu = process.cpuUsage();
    }
    seen += count;
    if (seen < recordCount) return;
    const { user, system } = process.cpuUsage(cpu);
    const seconds = (performance.now() - startMs) / 1000;
    onEnd({ recordsPerSecond: Math.round(seen / seconds), cpuMicros: (user + system) / seen });
  });
  const cost = await end;
  await stop();
  return cost;
}

async function readBare(
  brokers: readonly string[],
  topic: string,
  onRecords: (count: number) => void,
): Promise<Stop> {
  // The library as it is: `kafkaClient` has it read records by our own code.
  const client = new Kafka({ brokers: [...brokers], clientId: 'bench', logLevel: logLevel.NOTHING });
  // Nobody watches over it here, so it is left to restart itself: a fresh broker refuses its first group for some seconds.
  const consumer = client.consumer({
    groupId: randomUUID(),
    maxWaitTimeInMs: GROUP_TIMINGS.fetchWaitMs,
    maxBytes: 8 * 1024 * 1024,
    retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 30 },
  });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    partitionsConsumedConcurrently: 4,
    eachBatch: async ({ batch, commitOffsetsIfNecessary }) => {
      await commitOffsetsIfNecessary({
        topics: [
          {
            topic,
            partitions: [{ partition: batch.partition, offset: String(Number(batch.lastOffset()) + 1) }],
          },
        ],
      });
      onRecords(batch.messages.length);
    },
  });
  return () => consumer.disconnect();
}

async function readOurs(
  brokers: readonly string[],
  topicPrefix: string,
  way: 'eachBatch' | 'eachRecord',
  onRecords: (count: number) => void,
): Promise<Stop> {
  const handler: RecordHandler =
    way === 'eachBatch'
      ? {
          eachBatch: (records) => {
            onRecords(records.length);
            return Promise.resolve([]);
          },
        }
      : {
          eachRecord: () => {
            onRecords(1);
            return Promise.resolve();
          },
        };
  const consumer = await startConsumer({
    brokers,
    clientId: 'bench',
    groupId: randomUUID(),
    topics: ['veto.transactions.v1'],
    topicPrefix,
    handler,
    clock: systemClock,
    service: 'bench',
    build: 'bench',
    onFatal: (error) => {
      throw error;
    },
  });
  return () => consumer.stop();
}

async function fill(plan: {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly deadLetters: string;
  readonly recordCount: number;
}): Promise<void> {
  const kafka = kafkaClient({ brokers: plan.brokers, clientId: 'bench' });
  const admin = kafka.admin();
  await admin.connect();
  const topics = [plan.topic, plan.deadLetters].map((topic) => ({ topic, numPartitions: 4 }));
  await admin.createTopics({ waitForLeaders: true, topics });
  await admin.disconnect();
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const value = 'x'.repeat(500);
  for (let from = 0; from < plan.recordCount; from += 2_000) {
    const count = Math.min(2_000, plan.recordCount - from);
    const messages = Array.from({ length: count }, (_, index) => ({
      key: `ten|card_${from + index}`,
      value,
    }));
    await producer.send({ topic: plan.topic, acks: -1, messages });
  }
  await producer.disconnect();
}
