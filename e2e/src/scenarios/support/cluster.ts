import { setTimeout as wait } from 'node:timers/promises';
import { createClient } from 'redis';
import {
  startKafka,
  startRedis,
  startToxicProxy,
  type KafkaOptions,
  type KafkaPart,
  type RedisOptions,
  type RedisPart,
  type ToxicProxy,
} from '@veto/testing/parts';
import { Instance, type InstanceOptions } from './instance';
import { runReplay } from './replay-cli';

export interface ClusterOptions {
  readonly instances: readonly InstanceOptions[];
  readonly kafka?: KafkaOptions;
  readonly redis?: RedisOptions;
  /** One that was started before, in place of a new one; it ends with the cluster. */
  readonly startedRedis?: RedisPart;
  /** Instances are told of a proxy before Redis. */
  readonly redisBehindProxy?: boolean;
  /** Partitions of the large topics; 4. */
  readonly partitions?: number;
}

/** A real Kafka, a real Redis and some servers, for one scenario. */
export class Cluster {
  constructor(
    readonly kafka: KafkaPart,
    readonly redis: RedisPart,
    /** Before Redis, when asked for. */
    readonly redisProxy: ToxicProxy | null,
    readonly instances: readonly Instance[],
  ) {}

  get brokers(): readonly string[] {
    return this.kafka.brokers;
  }

  instance(name: string): Instance {
    const found = this.instances.find((instance) => instance.name === name);
    if (!found) throw new Error(`no instance ${name}`);
    return found;
  }

  /** One command to Redis itself, past the proxy. */
  async redisCommand(...words: readonly string[]): Promise<unknown> {
    const client = createClient({ url: this.redis.url });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await client.sendCommand([...words]);
    } finally {
      client.destroy();
    }
  }

  async end(): Promise<void> {
    await Promise.all(this.instances.map(async (instance) => instance.end()));
    await this.redisProxy?.stop();
    await this.redis.stop();
    await this.kafka.stop();
  }
}

/** Starts the parts, makes the topics by the command, and waits until every instance is ready. */
export async function startCluster(options: ClusterOptions, directory: string): Promise<Cluster> {
  const [kafka, redis] = await Promise.all([
    startKafka({ own: true, ...options.kafka }),
    options.startedRedis ?? startRedis({ own: true, ...options.redis }),
  ]);
  const proxy = options.redisBehindProxy ? await startToxicProxy({ to: redis.port }) : null;
  const shared = {
    KAFKA_BROKERS: kafka.brokers.join(','),
    REDIS_URL: proxy ? `redis://${proxy.address}` : redis.url,
  };
  const instances = await Promise.all(
    options.instances.map(async (each) => Instance.prepare(each, { shared, directory })),
  );
  const cluster = new Cluster(kafka, redis, proxy, instances);
  try {
    await makeTopics(kafka, options.partitions ?? 4);
    await Promise.all(instances.map(async (instance) => instance.start()));
    return cluster;
  } catch (error) {
    await cluster.end();
    throw error;
  }
}

async function makeTopics(kafka: KafkaPart, partitions: number): Promise<void> {
  const replicas = String(Math.min(3, kafka.brokers.length));
  const ran = await runReplay([
    ...['topics', '--brokers', kafka.brokers.join(',')],
    ...['--partitions', String(partitions), '--replication', replicas],
  ]);
  if (ran.code !== 0) throw new Error(`replay topics ended with ${ran.code}:\n${ran.stdout}${ran.stderr}`);
}

/** Asks again and again until it is so. @returns how long it took, in ms */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  withinMs: number,
  everyMs = 20,
): Promise<number> {
  const startedAtMs = performance.now();
  while (!(await isSo())) {
    if (performance.now() - startedAtMs > withinMs) throw new Error(`${what}: not within ${withinMs} ms`);
    await wait(everyMs);
  }
  return performance.now() - startedAtMs;
}
