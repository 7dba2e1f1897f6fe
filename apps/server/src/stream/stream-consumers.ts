import { createStreamDoor, type Line } from '@veto/decision';
import { TOPICS } from '@veto/domain';
import { startConsumer, type ConsumerOptions, type RecordHandler, type RunningConsumer } from '@veto/log';
import type { Cluster } from '../cluster/open-cluster';
import type { Telemetry } from '../telemetry/telemetry';
import { labelRecords } from './label-records';
import { transactionBatches } from './transaction-batches';

/** A consumer that holds partitions is taken to be stuck when nothing moved for so long although something waits, in s. */
const STUCK_S = 10;

export interface StreamConsumersParts {
  readonly cluster: Cluster;
  readonly line: Line;
  readonly telemetry: Telemetry;
  readonly version: string;
  /** A consumer cannot go on by itself: the process ends, and its supervisor starts it anew. */
  readonly onFatal: (error: Error) => void;
}

/** What this instance consumes. */
export class StreamConsumers {
  readonly #running: ReadonlyMap<string, RunningConsumer>;
  /** By consumer: records handled, and when that number last grew. */
  readonly #progress = new Map<string, { handledCount: number; atMs: number }>();

  private constructor(running: ReadonlyMap<string, RunningConsumer>) {
    this.#running = running;
  }

  /** @throws VetoError configuration_invalid when a topic is missing */
  static async start(parts: StreamConsumersParts): Promise<StreamConsumers> {
    const { line, telemetry, cluster } = parts;
    const { streamTenant } = cluster.configuration;
    const handlers: Record<string, RecordHandler> = {
      [TOPICS.transactions]: transactionBatches({
        line,
        door: createStreamDoor(line),
        telemetry,
        streamTenant,
      }),
      [TOPICS.labels]: labelRecords({ line, telemetry, streamTenant }),
    };
    const running = new Map<string, RunningConsumer>();
    try {
      for (const [topic, handler] of Object.entries(handlers))
        running.set(topic, await startConsumer(optionsOf(parts, { topic, handler })));
    } catch (error) {
      await stopAll(running);
      throw error;
    }
    return new StreamConsumers(running);
  }

  get running(): ReadonlyMap<string, RunningConsumer> {
    return this.#running;
  }

  /** Why this instance does not consume as it should, in words; null when it does. A broker that is away is not its fault. */
  trouble(nowMs: number): string | null {
    for (const [topic, consumer] of this.#running) {
      const { state, handledCount, waitingFor } = consumer.status();
      if (state === 'failed' || state === 'stopped') return `the consumer of ${topic} has ${state}`;
      const before = this.#progress.get(topic);
      if (before?.handledCount !== handledCount) this.#progress.set(topic, { handledCount, atMs: nowMs });
      const isWaiting = consumer
        .lag()
        .some(({ seconds, pausedBy }) => seconds > STUCK_S && pausedBy === null);
      const stoodMs = nowMs - (this.#progress.get(topic)?.atMs ?? nowMs);
      if (isWaiting && stoodMs > STUCK_S * 1_000)
        return `the consumer of ${topic} finished nothing for ${STUCK_S} s${waitingFor === null ? '' : `: ${waitingFor}`}`;
    }
    return null;
  }

  /** Waits for what is in hand, commits, leaves the groups. */
  stop(): Promise<void> {
    return stopAll(this.#running);
  }
}

async function stopAll(running: ReadonlyMap<string, RunningConsumer>): Promise<void> {
  await Promise.all([...running.values()].map((consumer) => consumer.stop()));
}

function optionsOf(
  { cluster, line, version, onFatal }: StreamConsumersParts,
  of: { readonly topic: string; readonly handler: RecordHandler },
): ConsumerOptions {
  const { configuration, instance, events } = cluster;
  return {
    ...configuration.kafka,
    clientId: instance,
    // One group for all instances of an installation; several installations may share a Kafka.
    groupId: `${configuration.topicPrefix}veto-stream-${of.topic}`,
    topics: [of.topic],
    topicPrefix: configuration.topicPrefix,
    handler: of.handler,
    clock: line.clock,
    service: 'veto-server',
    build: version,
    onTrouble: events.ofConsumer(of.topic),
    onLog: events.ofKafkajs,
    onFatal,
  };
}
