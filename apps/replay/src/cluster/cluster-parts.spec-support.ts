import { startKafka, startRedis, type KafkaPart, type RedisPart } from '@veto/testing/parts';
import { makeTopics } from './a-cluster.spec-support';
import { buildCli } from './built-cli.spec-support';
import type { ClusterPlace } from './cluster-place';

/** What the commands are tried on: a Kafka, and a Redis for each of two shards. */
export interface ClusterParts {
  readonly redis: readonly RedisPart[];
  /** Topics of its own; what Redis holds stays. */
  aPlace(): Promise<ClusterPlace>;
  /** Both servers of Redis lose everything. */
  emptyRedis(): Promise<void>;
  stop(): Promise<void>;
}

/** As long as the parts may take to start, beside the building of the command line. */
export const PARTS_START_MS = 90_000;

/** Starts the parts while the command line is built. @param name begins the names of the topics */
export async function startClusterParts(name: string): Promise<ClusterParts> {
  const [kafka, ...redis] = await started();
  let placeCount = 0;
  return {
    redis,
    async aPlace() {
      const redisUrls = redis.map(({ url }) => url);
      const topicPrefix = `${name}-${process.pid}-${placeCount++}.`;
      const place = { brokers: kafka.brokers, redisUrls, topicPrefix };
      await makeTopics(place);
      return place;
    },
    async emptyRedis() {
      for (const part of redis) await part.restart({ empty: true });
    },
    async stop() {
      await Promise.all([kafka, ...redis].map((part) => part.stop()));
    },
  };
}

async function started(): Promise<[KafkaPart, RedisPart, RedisPart]> {
  const [kafka, one, other] = await Promise.all([
    startKafka(),
    startRedis({ own: true }),
    startRedis({ own: true }),
    buildCli(),
  ]);
  return [kafka, one, other];
}

/** The place as it is named on the command line. */
export function flagsOf({ brokers, redisUrls, topicPrefix }: ClusterPlace): string[] {
  return ['--brokers', brokers.join(), '--redis', redisUrls.join(), '--topic-prefix', topicPrefix];
}
