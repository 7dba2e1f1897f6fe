/** Where a cluster is. */
export interface ClusterPlace {
  /** `host:port` of each broker. */
  readonly brokers: readonly string[];
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

export function clusterPlaceOf(
  flags: ClusterFlags,
  environment: NodeJS.ProcessEnv = process.env,
): ClusterPlace {
  return {
    brokers: listOf(flags.brokers ?? environment['KAFKA_BROKERS']),
    redisUrls: listOf(flags.redis ?? environment['REDIS_URL']),
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

/** @throws Error when no Redis is named */
export function requireRedis({ redisUrls }: ClusterPlace, command: string): void {
  if (redisUrls.length === 0)
    throw new Error(`${command}: name each shard's Redis by --redis URL,… or REDIS_URL`);
}

/** As the broker's log shows these connections. */
export const CLIENT_ID = 'veto-replay';
