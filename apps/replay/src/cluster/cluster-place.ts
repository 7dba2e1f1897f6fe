import { readKafkaSecurity, type KafkaConnection } from '@veto/log';
import { checkRedisAccess, completeRedisUrls } from '@veto/store';

/** Where a cluster is, and how it lets us in. */
export interface ClusterPlace extends KafkaConnection {
  /** One Redis for each shard, in their order. */
  readonly redisUrls: readonly string[];
  readonly topicPrefix: string;
}

/** What names a cluster on the command line; the environment says what is left out. */
export interface ClusterFlags {
  readonly brokers?: string | undefined;
  readonly redis?: string | undefined;
  readonly 'topic-prefix'?: string | undefined;
}

/** @throws Error naming every variable that is wrong, each on a line, and no secret */
export function clusterPlaceOf(
  flags: ClusterFlags,
  environment: NodeJS.ProcessEnv = process.env,
): ClusterPlace {
  const brokers = listOf(flags.brokers ?? environment['KAFKA_BROKERS']);
  // Who works on files is not held up by what the shell says of a cluster.
  const { security, problems: ofKafka } = readKafkaSecurity(brokers.length > 0 ? environment : {});
  const { urls, problems: ofRedis } = completeRedisUrls(
    listOf(flags.redis ?? environment['REDIS_URL']),
    environment,
  );
  if (ofKafka.length + ofRedis.length > 0) throw new Error([...ofKafka, ...ofRedis].join('\n'));
  return {
    brokers,
    ...security,
    redisUrls: urls,
    topicPrefix: flags['topic-prefix'] ?? environment['VETO_TOPIC_PREFIX'] ?? '',
  };
}

function listOf(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

/** @throws Error when no broker is named */
export function requireBrokers({ brokers }: ClusterPlace, command: string): void {
  if (brokers.length === 0)
    throw new Error(`${command}: name the brokers by --brokers HOST:PORT,… or KAFKA_BROKERS`);
}

/** @throws Error when no Redis is named; VetoError configuration_invalid when one does not let us in */
export async function requireRedis({ redisUrls }: ClusterPlace, command: string): Promise<void> {
  if (redisUrls.length === 0)
    throw new Error(`${command}: name each shard's Redis by --redis URL,… or REDIS_URL`);
  await checkRedisAccess(redisUrls);
}

/** What every client of Kafka is given. */
export function kafkaOf({ brokers, ssl = null, sasl = null }: ClusterPlace): KafkaConnection & {
  readonly clientId: string;
} {
  return { brokers, ssl, sasl, clientId: CLIENT_ID };
}

/** As the broker's log shows these connections. */
export const CLIENT_ID = 'veto-replay';
