import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VetoError, type ModelScorer } from '@veto/domain';
import { applyTopics } from '@veto/log';
import {
  startKafka,
  startRedis,
  type KafkaOptions,
  type KafkaPart,
  type RedisOptions,
  type RedisPart,
} from '@veto/testing/parts';
import { aServer, until, type TestServer } from './a-server.spec-support';
import type { ClusterConfiguration, Configuration } from './configuration';
import type { Role } from './variables';

export interface InstanceOptions {
  readonly roles?: readonly Role[];
  readonly scorer?: ModelScorer | null;
  readonly cluster?: Partial<ClusterConfiguration>;
  readonly configuration?: Partial<Configuration>;
  /** An earlier instance's folder. */
  readonly dataDirectory?: string;
}

/** Real Kafka and real Redis, and as many instances of the server as a test wants. */
export class TestCluster {
  readonly kafka: KafkaPart;
  readonly redis: RedisPart;
  topicPrefix = '';
  readonly #servers: TestServer[] = [];
  readonly #directories: string[] = [];

  private constructor(kafka: KafkaPart, redis: RedisPart) {
    this.kafka = kafka;
    this.redis = redis;
  }

  static async start(
    of: { readonly kafka?: KafkaOptions; readonly redis?: RedisOptions } = {},
  ): Promise<TestCluster> {
    const [kafka, redis] = await Promise.all([startKafka(of.kafka), startRedis({ own: true, ...of.redis })]);
    return new TestCluster(kafka, redis);
  }

  /** Topics of its own, and a Redis with nothing in it: what came before is another installation's. */
  async begin(): Promise<void> {
    await this.redis.restart({ empty: true });
    this.topicPrefix = `t${randomBytes(5).toString('hex')}.`;
    // A broker that a test has just let go on may still be electing leaders.
    await until(async () => {
      try {
        await this.#applyTopics();
        return true;
      } catch (error) {
        if (error instanceof VetoError && error.retryable) return false;
        throw error;
      }
    }, 20_000);
  }

  async #applyTopics(): Promise<void> {
    await applyTopics({
      brokers: this.kafka.brokers,
      clientId: 'test',
      topicPrefix: this.topicPrefix,
      partitions: 3,
      replicationFactor: 1,
    });
  }

  /** An instance that is ready. */
  async instance(options: InstanceOptions = {}): Promise<TestServer> {
    const dataDirectory = options.dataDirectory ?? (await mkdtemp(join(tmpdir(), 'veto-instance-')));
    this.#directories.push(dataDirectory);
    const server = await aServer({
      dataDirectory,
      scorer: options.scorer ?? null,
      configuration: {
        roles: options.roles ?? ['score', 'desk'],
        cluster: {
          kafka: { brokers: this.kafka.brokers },
          redisUrls: [this.redis.url],
          instance: null,
          streamTenant: null,
          stateBudgetMs: 1_000,
          topicPrefix: this.topicPrefix,
          compression: 'none',
          spoolBytesMax: 64 * 1024 * 1024,
          ...options.cluster,
        },
        ...options.configuration,
      },
    });
    this.#servers.push(server);
    await until(() => server.isReady(), 20_000);
    return server;
  }

  /** Stops the instances, and removes what they wrote. */
  async end(): Promise<void> {
    await Promise.all(this.#servers.splice(0).map((server) => server.close()));
    for (const directory of this.#directories.splice(0))
      await rm(directory, { recursive: true, force: true });
  }

  async stop(): Promise<void> {
    await this.end();
    await Promise.all([this.kafka.stop(), this.redis.stop()]);
  }
}
