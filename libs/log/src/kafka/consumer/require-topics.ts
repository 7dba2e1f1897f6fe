import { VetoError } from '@veto/domain';
import type { Kafka } from 'kafkajs';
import { isBrokerAway } from '../kafka-error';
import { kafkaFailure, refusalOf } from '../kafka-refusal';

/**
 * @returns false when no broker answers, so that nobody can tell
 * @throws VetoError configuration_invalid when a broker answers and does not have them all, or refuses us
 */
export async function requireTopics(kafka: Kafka, topics: readonly string[]): Promise<boolean> {
  const admin = kafka.admin({ retry: { retries: 1 } });
  try {
    await admin.connect();
    const known = new Set(await admin.listTopics());
    const missing = topics.filter((topic) => !known.has(topic));
    if (missing.length === 0) return true;
    throw new VetoError(
      'configuration_invalid',
      `Kafka has no topic ${missing.join(', ')}; create the topics with the command \`replay topics\`, or let this user see them`,
    );
  } catch (error) {
    if (refusalOf(error) !== null) throw kafkaFailure(error, 'topics cannot be listed');
    if (!isBrokerAway(error)) throw error;
    return false;
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}
