import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Admin } from 'kafkajs';
import { VetoError, type Topic } from '@veto/domain';

/** How many partitions each topic has. */
export type TopicPartitions = ReadonlyMap<Topic, number>;

/**
 * Asks Kafka how many partitions the topics have.
 * @throws VetoError configuration_invalid naming the topics that are missing and the command that makes them
 */
export async function fetchTopicPartitions(
  admin: Admin,
  topics: readonly Topic[],
  topicPrefix: string,
): Promise<TopicPartitions> {
  const existing = new Set(await admin.listTopics());
  const missing = topics.map((topic) => topicPrefix + topic).filter((name) => !existing.has(name));
  if (missing.length > 0) {
    const message = `Kafka has no topic ${missing.join(', ')}: run "npm run replay -- topics" first`;
    throw new VetoError('configuration_invalid', message);
  }
  const names = topics.map((topic) => topicPrefix + topic);
  const { topics: metadata } = await admin.fetchTopicMetadata({ topics: names });
  return new Map(
    topics.map((topic) => {
      const found = metadata.find(({ name }) => name === topicPrefix + topic);
      return [topic, found?.partitions.length ?? 0];
    }),
  );
}

const FILE = 'topics.json';

/** Keeps what Kafka said, so that an instance can start while Kafka is away. */
export async function rememberTopicPartitions(directory: string, partitions: TopicPartitions): Promise<void> {
  const path = join(directory, FILE);
  await writeFile(`${path}.tmp`, JSON.stringify(Object.fromEntries(partitions)));
  await rename(`${path}.tmp`, path);
}

/** What Kafka said when it was last asked; null when some topic was never asked for. */
export async function recallTopicPartitions(
  directory: string,
  topics: readonly Topic[],
): Promise<TopicPartitions | null> {
  const text = await readFile(join(directory, FILE), 'utf8').catch(() => null);
  if (text === null) return null;
  const known = new Map(Object.entries(JSON.parse(text) as Record<string, number>));
  const counts = topics.map((topic) => [topic, known.get(topic)] as const);
  return counts.every((entry): entry is readonly [Topic, number] => entry[1] !== undefined)
    ? new Map(counts)
    : null;
}
