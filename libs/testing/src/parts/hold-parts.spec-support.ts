import { setTimeout as wait } from 'node:timers/promises';
import { startKafka, startRedis } from './index';

/** Starts a Kafka and a Redis, says where they are, and holds them for ever; or forgets them. */
const kafka = await startKafka({ own: true });
const redis = await startRedis({ own: true });
process.stdout.write(
  `${JSON.stringify({ pids: [kafka.pidOf(), redis.pid], directories: [kafka.directoryOf(), redis.directory] })}\n`,
);
if (!process.argv.includes('--forget')) await wait(2 ** 30);
