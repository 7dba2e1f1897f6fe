/**
 * The whole stream loop as a program of its own, for `npm run bench -- cluster`: an instance with everything but the
 * HTTP port. It is told by messages how many payments to take, and answers what they cost this process. The plan is its
 * first argument, as JSON.
 */
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { createStreamDoor, historyEventOf, type StreamDoor } from '@veto/decision';
import { TOPICS } from '@veto/domain';
import { HISTORY_CODEC_VERSION } from '@veto/features';
import {
  COPIED_TOPICS,
  openKafkaLog,
  startConsumer,
  type RecordHandler,
  type RunningConsumer,
} from '@veto/log';
import { openEmbeddedStore } from '@veto/store';
import { BackgroundWork } from '../background-work';
import { readCommand, type Configuration } from '../configuration';
import { openState, type OpenedState } from '../open-state';
import { createRuntime, type Runtime } from '../runtime';
import { transactionBatches } from '../stream/transaction-batches';

interface Plan {
  /** Where the state is: in Redis, or in this process. The log is on Kafka either way. */
  readonly state: 'redis' | 'process';
  readonly brokers: string;
  readonly redisUrl: string;
  readonly topicPrefix: string;
  /** Before the topic that payments come by. */
  readonly inboundPrefix: string;
  readonly dataDirectory: string;
}

interface Run {
  readonly count: number;
  /** Where to write a processor profile of this run. */
  readonly profile?: string;
}

process.env['ORT_DISABLE_TELEMETRY'] ??= '1';
const READ_WITHIN_MS = 120_000;
const plan = JSON.parse(process.argv[2] ?? '') as Plan;

const tell = (message: unknown): void => void process.send?.(message);

function configurationOf(): Configuration {
  const command = readCommand([], {
    KAFKA_BROKERS: plan.brokers,
    REDIS_URL: plan.redisUrl,
    ROLES: 'stream',
    VETO_DATA_DIR: plan.dataDirectory,
    VETO_TOPIC_PREFIX: plan.topicPrefix,
    // On a machine where Kafka, Redis and the load share two cores a short budget would bench the ladder's first rung.
    VETO_STATE_BUDGET_MS: '1000',
    VETO_LOG_LEVEL: 'warn',
  });
  if (command.kind !== 'serve') throw new Error('a configuration that does not serve');
  return command.configuration;
}

/** The store of an embedded server over the log of a cluster. */
const openInProcess: typeof openState = async ({ data, clock }): Promise<OpenedState> => {
  const log = await openKafkaLog({
    brokers: plan.brokers.split(','),
    clientId: 'bench',
    directory: data.log,
    clock,
    topicPrefix: plan.topicPrefix,
    // What is begun is journaled, since nobody else holds it.
    topics: [...COPIED_TOPICS, TOPICS.transactions],
  });
  const store = await openEmbeddedStore({
    directory: data.store,
    log,
    clock,
    historyEventOf,
    historyVersion: HISTORY_CODEC_VERSION,
  });
  return { log, store, logId: 'bench', isShared: true, cluster: null };
};

/** Counts what was not decided in full, so that a figure is never one of something less. */
class WatchedDoor implements StreamDoor {
  readonly #door: StreamDoor;
  lessCount = 0;
  onFirst: () => void = () => undefined;

  constructor(door: StreamDoor) {
    this.#door = door;
  }

  async decide(arrivals: Parameters<StreamDoor['decide']>[0]): ReturnType<StreamDoor['decide']> {
    this.onFirst();
    this.onFirst = () => undefined;
    const streamed = await this.#door.decide(arrivals);
    for (const one of streamed) {
      const isWhole =
        one.status === 'decided' && one.record.decision.degraded.length === 0 && one.durability === 'log';
      if (!isWhole) this.lessCount++;
    }
    return streamed;
  }
}

function consume(runtime: Runtime, handler: RecordHandler): Promise<RunningConsumer> {
  return startConsumer({
    brokers: plan.brokers.split(','),
    clientId: `bench-${plan.state}`,
    groupId: `${plan.inboundPrefix}bench-${plan.state}`,
    topics: [TOPICS.transactions],
    topicPrefix: plan.inboundPrefix,
    handler,
    clock: runtime.clock,
    service: 'bench',
    build: 'bench',
    onTrouble: (trouble) => runtime.telemetry.warned('consumer', { ...trouble }),
    onFatal: (error) => {
      throw error;
    },
  });
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await pause(2);
}

/** From the first record to the moment when all are decided, committed, on the log, copied back and folded. */
async function run(runtime: Runtime, door: WatchedDoor, { count, profile }: Run): Promise<void> {
  const { line, telemetry, log, feed } = runtime;
  const session = new Session();
  session.connect();
  let cpu = process.cpuUsage();
  let startedMs = 0;
  door.lessCount = 0;
  if (profile !== undefined) await session.post('Profiler.enable');
  door.onFirst = () => {
    tell({ event: 'first' });
    if (profile !== undefined) void session.post('Profiler.start');
    startedMs = performance.now();
    cpu = process.cpuUsage();
  };
  const consumer = await consume(runtime, transactionBatches({ line, door, telemetry, streamTenant: null }));
  await until(() => consumer.status().handledCount >= count);
  const decidedMs = performance.now() - startedMs;
  await until(() => log.durability() === 'log');
  // The copy may be far behind what the loop wrote.
  const isRead =
    (await log.reached(await log.latest(), READ_WITHIN_MS)) &&
    (await feed.reached(log.end(), READ_WITHIN_MS));
  if (!isRead) throw new Error(`what was decided could not be read within ${READ_WITHIN_MS} ms`);
  const readMs = performance.now() - startedMs;
  const { user, system } = process.cpuUsage(cpu);
  tell({ event: 'done', cpuUs: user + system, decidedMs, readMs, lessCount: door.lessCount });
  if (profile !== undefined)
    writeFileSync(profile, JSON.stringify((await session.post('Profiler.stop')).profile));
  session.disconnect();
  await consumer.stop();
  tell({ event: 'idle' });
}

const runtime = await createRuntime({
  configuration: configurationOf(),
  sink: process.stderr,
  openState: plan.state === 'redis' ? openState : openInProcess,
});
const background = new BackgroundWork(runtime);
const door = new WatchedDoor(createStreamDoor(runtime.line));
// The first epoch opens, or the last is found.
await until(() => runtime.cluster?.store.status().every(({ state }) => state === 'serving') ?? true);
process.on('message', (message: Run | 'stop') => {
  if (message !== 'stop') return void run(runtime, door, message);
  void background
    .stop()
    .then(() => runtime.close())
    .then(() => process.exit(0));
});
tell({ event: 'idle' });
