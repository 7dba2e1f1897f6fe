import type { LogCut, Topic } from '@veto/domain';
import { kafkaClient, type KafkaClientOptions } from './kafka-client';
import { kafkaFailure } from './kafka-refusal';
import { LatestCut } from './latest-cut';

/**
 * How much Kafka holds of some topics at this moment, asked once.
 * @throws VetoError log_unavailable (retryable) when Kafka does not answer, or does not know a topic;
 *   configuration_invalid when it refuses us
 */
export async function fetchKafkaCut(
  options: KafkaClientOptions & { readonly topics: readonly Topic[]; readonly topicPrefix?: string },
): Promise<LogCut> {
  const { topics, topicPrefix = '' } = options;
  const latest = new LatestCut({ kafka: kafkaClient(options), topics, topicPrefix });
  try {
    return await latest.fetch();
  } catch (error) {
    throw kafkaFailure(error, 'Kafka does not say how much the log holds');
  } finally {
    await latest.close();
  }
}
