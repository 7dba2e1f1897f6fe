import type { ConsumerTrouble, KafkaLog, KafkaTrouble, RunningConsumer } from '@veto/log';
import type { RedisStore, ShardEvent, ShardStatus } from '@veto/store';
import { Counter, Gauge, type Registry } from 'prom-client';

const SHARD_STATES: readonly ShardStatus['state'][] = ['serving', 'local', 'recovering'];

/** What is asked at scrape time of an instance on Kafka and Redis. */
export interface ClusterSources {
  readonly log: KafkaLog;
  readonly store: RedisStore;
  /** By what they consume. */
  readonly consumers: () => ReadonlyMap<string, RunningConsumer>;
}

/** Counters for what Kafka, Redis and consumers tell about themselves. */
export interface ClusterMetrics {
  logTrouble(kind: KafkaTrouble['kind']): void;
  shardEvent(type: ShardEvent['type']): void;
  consumerTrouble(consumer: string, trouble: ConsumerTrouble): void;
  watch(sources: ClusterSources): void;
}

export function createClusterMetrics(registry: Registry): ClusterMetrics {
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> =>
    new Counter({ name, help, labelNames, registers });
  const logTroubles = counter('veto_log_troubles_total', 'What the log on Kafka told, by kind', ['kind']);
  const shardEvents = counter('veto_state_events_total', 'What happened to the shared state, by kind', [
    'type',
  ]);
  const deadLetters = counter('veto_dead_letters_total', 'Records that were set aside, by whose fault', [
    'consumer',
    'class',
  ]);
  const rebuilds = counter('veto_consumer_rebuilds_total', 'Times a consumer was made anew', ['consumer']);
  const troubles = counter('veto_consumer_troubles_total', 'What consumers told, by kind', [
    'consumer',
    'kind',
  ]);
  return {
    logTrouble: (kind) => logTroubles.inc({ kind }),
    shardEvent: (type) => shardEvents.inc({ type }),
    consumerTrouble: (consumer, trouble) => {
      troubles.inc({ consumer, kind: trouble.kind });
      if (trouble.kind === 'dead_letter') deadLetters.inc({ consumer, class: trouble.failure.class });
      if (trouble.kind === 'undecodable_batch') deadLetters.inc({ consumer, class: 'bad' });
      if (trouble.kind === 'rebuilt') rebuilds.inc({ consumer });
    },
    watch: (sources) => {
      watchLog(registers, sources);
      watchStore(registers, sources);
      watchConsumers(registers, sources);
    },
  };
}

/** One number of one thing: its labels, then its value. */
type Reading<L extends string> = readonly [labels: Record<L, string>, value: number];

function gauge<L extends string>(
  registers: Registry[],
  of: { readonly name: string; readonly help: string; readonly labelNames: readonly L[] },
  read: () => readonly Reading<L>[],
): void {
  new Gauge({
    ...of,
    registers,
    collect() {
      this.reset();
      for (const [labels, value] of read()) this.set(labels as never, value);
    },
  });
}

function watchLog(registers: Registry[], { log }: ClusterSources): void {
  const one = (name: string, help: string, value: () => number): void =>
    gauge(registers, { name, help, labelNames: [] }, () => [[{}, value()]]);
  one(
    'veto_log_copy_lag_records',
    'Records on Kafka that this instance has not copied',
    () => log.lag().records,
  );
  one('veto_log_copy_lag_seconds', 'How long ago the copy was up to date', () => log.lag().ms / 1_000);
  one('veto_log_spooled_records', 'Records in the local write-ahead file, waiting for Kafka', () =>
    log.spooled(),
  );
  one('veto_log_is_wal', '1 while what is appended goes to the local write-ahead file', () =>
    log.durability() === 'wal' ? 1 : 0,
  );
}

function watchStore(registers: Registry[], { store }: ClusterSources): void {
  const each = (name: string, help: string, value: (status: ShardStatus) => number): void =>
    gauge(registers, { name, help, labelNames: ['shard'] }, () =>
      store.status().map((status) => [{ shard: String(status.shard) }, value(status)]),
    );
  gauge(
    registers,
    { name: 'veto_state_shard', help: '1 for the state a shard is in', labelNames: ['shard', 'state'] },
    () =>
      store
        .status()
        .flatMap((status) =>
          SHARD_STATES.map((state): Reading<'shard' | 'state'> => [
            { shard: String(status.shard), state },
            status.state === state ? 1 : 0,
          ]),
        ),
  );
  each('veto_state_epoch', 'Epoch of the shared state', ({ epoch }) => epoch);
  each('veto_state_seq', 'Highest sequence number seen', ({ seq }) => seq);
  each('veto_state_provisional', '1 while the first decision on the log wins', ({ isProvisional }) =>
    isProvisional ? 1 : 0,
  );
}

function watchConsumers(registers: Registry[], { consumers }: ClusterSources): void {
  const each = (name: string, help: string, value: (consumer: RunningConsumer) => number): void =>
    gauge(registers, { name, help, labelNames: ['consumer'] }, () =>
      [...consumers()].map(([consumer, running]) => [{ consumer }, value(running)]),
    );
  each('veto_consumer_running', '1 while it consumes', (consumer) =>
    consumer.status().state === 'running' ? 1 : 0,
  );
  each(
    'veto_consumer_partitions',
    'Partitions assigned',
    (consumer) => consumer.status().assignedPartitionCount,
  );
  each(
    'veto_consumer_handled',
    'Records handled since the start',
    (consumer) => consumer.status().handledCount,
  );
  const lag = (
    name: string,
    help: string,
    value: (of: ReturnType<RunningConsumer['lag']>[number]) => number,
  ): void =>
    gauge(registers, { name, help, labelNames: ['topic', 'partition'] }, () =>
      [...consumers().values()].flatMap((consumer) =>
        consumer
          .lag()
          .map((of): Reading<'topic' | 'partition'> => [
            { topic: of.topic, partition: String(of.partition) },
            value(of),
          ]),
      ),
    );
  lag('veto_consumer_lag_records', 'Records that are not finished', ({ recordCount }) => recordCount);
  lag('veto_consumer_lag_seconds', 'Age of the oldest of them', ({ seconds }) => seconds);
  lag(
    'veto_consumer_circuit_open',
    '1 while the partition stands still, since too much failed by our fault',
    (of) => (of.pausedBy === 'circuit' ? 1 : 0),
  );
}
