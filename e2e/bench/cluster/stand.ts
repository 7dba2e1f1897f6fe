import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startKafka, startRedis, type KafkaPart, type RedisPart } from '@veto/testing/parts';
import { Kafka, logLevel } from 'kafkajs';

/** Topics of the installation that has its state in Redis, and of the one that has it in the process. */
export const PREFIXES = { redis: 'r.', process: 'p.' } as const;
/** Before the topic that payments come by, of which everybody reads the same messages. */
export const INBOUND_PREFIX = 'in.';
export const INBOUND_TOPIC = `${INBOUND_PREFIX}veto.transactions.v1`;
/** What the bare loop writes to; as `veto.decisions.v1`. */
export const BARE_TOPIC = 'bare.veto.decisions.v1';
/** What the plain door writes to. */
export const PLAIN_TOPIC = 'plain.veto.decisions.v1';
export const PARTITION_COUNT = 12;

/** What the bench runs on: its own Kafka and its own Redis. */
export interface Stand {
  readonly kafka: KafkaPart;
  readonly brokers: string;
  readonly redis: RedisPart;
  readonly directory: string;
  /** Runs the built command line. @returns what it printed @throws Error when it fails */
  replay(args: readonly string[], redisUrl?: string): Promise<string>;
  stop(): Promise<void>;
}

export async function openStand(): Promise<Stand> {
  const directory = await mkdtemp(join(tmpdir(), 'veto-bench-'));
  const kafka = await startKafka({ own: true, longRunning: true, heapMb: 512 });
  const redis = await startRedis({ own: true });
  const brokers = kafka.brokers.join(',');
  const replay: Stand['replay'] = async (args, redisUrl) => {
    const command = ['--max-old-space-size=8192', 'dist/apps/replay/main.mjs', ...args, '--brokers', brokers];
    if (redisUrl !== undefined) command.push('--redis', redisUrl);
    const { stdout } = await promisify(execFile)(process.execPath, command);
    return stdout;
  };
  for (const prefix of [...Object.values(PREFIXES), INBOUND_PREFIX, 'bare.', 'plain.'])
    await replay([
      'topics',
      ...['--topic-prefix', prefix, '--partitions', String(PARTITION_COUNT), '--replication', '1'],
    ]);
  return {
    kafka,
    brokers,
    redis,
    directory,
    replay,
    stop: async () => {
      await Promise.all([kafka.stop(), redis.stop()]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Lays messages down for the loops to find. */
export async function produce(
  { kafka }: Stand,
  messages: readonly { readonly key: string; readonly value: string }[],
): Promise<void> {
  const client = new Kafka({
    clientId: 'bench',
    brokers: [...kafka.brokers],
    logLevel: logLevel.NOTHING,
  });
  const producer = client.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  for (let from = 0; from < messages.length; from += 1_000)
    await producer.send({ topic: INBOUND_TOPIC, acks: -1, messages: messages.slice(from, from + 1_000) });
  await producer.disconnect();
}
