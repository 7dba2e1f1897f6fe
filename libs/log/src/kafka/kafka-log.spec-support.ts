import { randomBytes } from 'node:crypto';
import { systemClock, TOPICS, type EventLog, type LogRecord, type StoredLogRecord } from '@veto/domain';
import { kafkaClient } from './kafka-client';
import { openKafkaLog, type KafkaLog, type KafkaLogOptions } from './kafka-event-log';
import { applyTopics } from './topics/apply-topics';
import { TOPIC_SPECS } from './topics/topic-specs';

const LOG_TOPICS = new Set<string>(Object.values(TOPICS));

const SPECS = TOPIC_SPECS.filter(({ name }) => LOG_TOPICS.has(name));

/** Fresh topics for one test. @returns their prefix */
export async function freshTopics(brokers: readonly string[], partitions = 3): Promise<string> {
  const topicPrefix = `t${randomBytes(6).toString('hex')}.`;
  await makeTopics(brokers, topicPrefix, partitions);
  return topicPrefix;
}

export async function makeTopics(
  brokers: readonly string[],
  topicPrefix: string,
  partitions = 3,
): Promise<void> {
  await applyTopics({
    brokers,
    clientId: 'test',
    topicPrefix,
    partitions,
    replicationFactor: 1,
    specs: SPECS,
  });
}

export async function removeTopics(brokers: readonly string[], topicPrefix: string): Promise<void> {
  const admin = kafkaClient({ brokers, clientId: 'test' }).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: SPECS.map(({ name }) => topicPrefix + name) });
  await admin.disconnect();
}

export function openTestLog(
  options: Pick<KafkaLogOptions, 'brokers' | 'directory' | 'topicPrefix'> & Partial<KafkaLogOptions>,
): Promise<KafkaLog> {
  return openKafkaLog({ clientId: 'test', clock: systemClock, topics: Object.values(TOPICS), ...options });
}

const SETTLED_WITHIN_MS = 60_000;

/** Waits until the write-ahead file is drained and the copy holds everything. */
export async function settled(log: EventLog): Promise<void> {
  await until(() => log.durability() === 'log', 'the write-ahead file is drained');
  const latest = await log.latest();
  if (!(await log.reached(latest, SETTLED_WITHIN_MS)))
    throw new Error(`the copy holds ${JSON.stringify(log.cut())} of ${JSON.stringify(latest)}`);
}

export async function until(isSo: () => boolean, what: string): Promise<void> {
  for (const late = Date.now() + SETTLED_WITHIN_MS; !isSo();) {
    if (Date.now() > late) throw new Error(`not so within ${SETTLED_WITHIN_MS} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export function aDecision(id: string, text = id): LogRecord {
  return {
    topic: TOPICS.decisions,
    key: `ten_test|${id}`,
    value: new TextEncoder().encode(text),
    seq: 1,
    epoch: 1,
  };
}

/** Everything that can be read. */
export async function readAll(log: EventLog): Promise<StoredLogRecord[]> {
  const found: StoredLogRecord[] = [];
  for (let after = -1; after < log.end();) {
    const { records, to } = await log.read({ after, recordCountMax: 5_000 });
    found.push(...records);
    after = to;
  }
  return found;
}

export function textOf({ value }: LogRecord): string {
  return new TextDecoder().decode(value);
}
