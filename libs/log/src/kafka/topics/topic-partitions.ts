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
    const message = `Kafka has no topic ${missing.join(', ')}: run "npm run replay -- topics" first, or let this user see them`;
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
