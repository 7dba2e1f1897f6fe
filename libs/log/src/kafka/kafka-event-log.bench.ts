import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { systemClock, TOPICS, type LogRecord } from '@veto/domain';
import { openKafkaLog } from './kafka-event-log';
import { partitionOfKey } from './partition-of-key';
import { scanKafka } from './scan-kafka';
import { applyTopics } from './topics/apply-topics';
import { TOPIC_SPECS } from './topics/topic-specs';

export interface KafkaLogBenchOptions {
  readonly brokers: readonly string[];
  readonly topicPrefix: string;
  readonly recordCount: number;
  /** Records in one call of `append`, as the stream door makes them; two calls are under way at a time. */
  readonly callCount: number;
  readonly loneCount: number;
}

export interface KafkaLogBenchResult {
  /** Records a second on the log, and what each costs this process, µs of CPU; the copy is fed at the same time. */
  readonly recordsPerSecond: number;
  readonly cpuUsPerRecord: number;
  /** The same records by bare sends of the library, in batches of 500, one at a time, not copied. */
  readonly bareRecordsPerSecond: number;
  readonly bareCpuUsPerRecord: number;
  /** Records a second until the copy had caught up, too. */
  readonly readableRecordsPerSecond: number;
  /** ms until a lone record is acknowledged, and until it can be read here. */
  readonly loneMsP50: number;
  readonly loneMsP99: number;
  readonly readableMsP50: number;
  readonly readableMsP99: number;
  readonly bareLoneMsP50: number;
  readonly bareLoneMsP99: number;
  /** Records a second read by a scan, with their applied events, and µs of CPU of each. */
  readonly scannedPerSecond: number;
  readonly scanCpuUsPerRecord: number;
}

const VALUE_BYTES = 2_000;
const APPLIED_BYTES = 250;
const PARTITIONS = 12;

function recordsOf(count: number): LogRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    topic: TOPICS.decisions,
    key: `ten_bench|ord_${i}`,
    value: new Uint8Array(VALUE_BYTES).fill(32 + (i % 90)),
    seq: i,
    epoch: 1,
    applied: new Uint8Array(APPLIED_BYTES).fill(i % 250),
  }));
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** @returns seconds that the work took, and µs of this process's CPU */
async function measured(
  work: () => Promise<void>,
): Promise<{ readonly seconds: number; readonly cpuUs: number }> {
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { seconds: (performance.now() - startedAt) / 1_000, cpuUs: user + system };
}

async function lone(count: number, work: (i: number) => Promise<unknown>): Promise<number[]> {
  const ms: number[] = [];
  for (let i = 0; i < count; i++) ms.push(1_000 * (await measured(async () => void (await work(i)))).seconds);
  return ms;
}

async function twoAtATime(calls: readonly (() => Promise<unknown>)[]): Promise<void> {
  let underWay: Promise<unknown> = Promise.resolve();
  for (const call of calls) {
    const next = call();
    await underWay;
    underWay = next;
  }
  await underWay;
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}

/** The library as it is: `kafkaClient` has it write and read records by our own code. */
function bareClient(brokers: readonly string[]): Kafka {
  return new Kafka({ brokers: [...brokers], clientId: 'bench', logLevel: logLevel.NOTHING });
}

async function benchBare(options: KafkaLogBenchOptions, records: readonly LogRecord[]) {
  const topic = `${options.topicPrefix}bare.${TOPICS.decisions}`;
  const producer = bareClient(options.brokers).producer({ allowAutoTopicCreation: false });
  await producer.connect();
  const messages = records.map(({ key, value, applied }) => ({
    key,
    value: Buffer.from(value),
    partition: partitionOfKey(key, PARTITIONS),
    headers: { applied: Buffer.from(applied ?? []) },
  }));
  const batches = chunks(messages, 500);
  await producer.send({ topic, acks: -1, messages: batches[0]! });
  const bulk = await measured(async () => {
    for (const batch of batches) await producer.send({ topic, acks: -1, messages: batch });
  });
  const loneMs = await lone(options.loneCount, (i) =>
    producer.send({ topic, acks: -1, messages: [messages[i % messages.length]!] }),
  );
  await producer.disconnect();
  return { bulk, loneMs };
}

async function makeTopics({ brokers, topicPrefix }: KafkaLogBenchOptions): Promise<void> {
  const specs = TOPIC_SPECS.filter(({ name }) => name === TOPICS.decisions);
  const common = { brokers, clientId: 'bench', partitions: PARTITIONS, replicationFactor: 1, specs };
  await applyTopics({ ...common, topicPrefix });
  await applyTopics({ ...common, topicPrefix: `${topicPrefix}bare.` });
}

/** The log against the bare library, in one run, on one broker. */
export async function benchKafkaLog(options: KafkaLogBenchOptions): Promise<KafkaLogBenchResult> {
  const { brokers, topicPrefix, recordCount, callCount, loneCount } = options;
  const directory = await mkdtemp(join(tmpdir(), 'veto-bench-'));
  const records = recordsOf(recordCount);
  const topics = [TOPICS.decisions];
  try {
    await makeTopics(options);
    const bare = await benchBare(options, records);
    const clientId = 'bench';
    const log = await openKafkaLog({ brokers, clientId, directory, clock: systemClock, topics, topicPrefix });
    await log.appendReadable(records.slice(0, 500));
    const calls = chunks(records, callCount).map((call) => () => log.append(call));
    let appendedS = 0;
    const bulk = await measured(async () => {
      appendedS = (await measured(() => twoAtATime(calls))).seconds;
      await log.appendReadable([]);
    });
    const loneMs = await lone(loneCount, (i) => log.append([records[i % records.length]!]));
    const readableMs = await lone(loneCount, (i) => log.appendReadable([records[i % records.length]!]));
    await log.close();
    let scannedCount = 0;
    const scan = await measured(async () => {
      await scanKafka({
        brokers,
        clientId,
        topics,
        topicPrefix,
        onBatch: (batch) => {
          scannedCount += batch.length;
        },
      });
    });
    return {
      recordsPerSecond: recordCount / appendedS,
      cpuUsPerRecord: bulk.cpuUs / recordCount,
      bareRecordsPerSecond: recordCount / bare.bulk.seconds,
      bareCpuUsPerRecord: bare.bulk.cpuUs / recordCount,
      readableRecordsPerSecond: recordCount / bulk.seconds,
      loneMsP50: percentile(loneMs, 0.5),
      loneMsP99: percentile(loneMs, 0.99),
      readableMsP50: percentile(readableMs, 0.5),
      readableMsP99: percentile(readableMs, 0.99),
      bareLoneMsP50: percentile(bare.loneMs, 0.5),
      bareLoneMsP99: percentile(bare.loneMs, 0.99),
      scannedPerSecond: scannedCount / scan.seconds,
      scanCpuUsPerRecord: scan.cpuUs / scannedCount,
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
