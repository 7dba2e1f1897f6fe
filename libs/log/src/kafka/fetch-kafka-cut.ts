import type { LogCut, Topic } from '@veto/domain';
import { kafkaClient, type KafkaClientOptions } from './kafka-client';
import { LatestCut } from './latest-cut';

/**
 * How much Kafka holds of some topics at this moment, asked once.
 * @throws VetoError log_unavailable (retryable) when Kafka does not answer, or does not know a topic
 */
export async function fetchKafkaCut(
  options: KafkaClientOptions & { readonly topics: readonly Topic[]; readonly topicPrefix?: string },
): Promise<LogCut> {
  const { topics, topicPrefix = '' } = options;
  const latest = new LatestCut({ kafka: kafkaClient(options), topics, topicPrefix });
  try {
    return await latest.fetch();
  } finally {
    await latest.close();
  }
}
