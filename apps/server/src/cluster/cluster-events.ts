import type { ConsumerTrouble, KafkaLogEntry, KafkaTrouble } from '@veto/log';
import type { Ignored, ShardEvent } from '@veto/store';
import type { Telemetry } from '../telemetry/telemetry';
import { createClusterMetrics, type ClusterMetrics } from './cluster-metrics';

/** What the log says when it is well again; everything else is a warning. */
const GOOD_NEWS: readonly string[] = ['drained', 'copy_resumed', 'waiting_over', 'circuit_closed'];
/** Someone has to look: records may be lost, or stand still by our fault. */
const BAD_NEWS: readonly string[] = ['drain_refused', 'batch_skipped', 'log_went_back', 'circuit_open'];

const SAID: Readonly<Record<KafkaTrouble['kind'] | ConsumerTrouble['kind'], string>> = {
  spooling: 'Kafka takes no records: they go to the local write-ahead file',
  drained: 'Kafka has everything that was in the write-ahead file',
  drain_refused: 'Kafka refuses what is in the write-ahead file, and everything later waits behind it',
  copy_behind: 'the copy of the log cannot be continued; it is tried again',
  copy_resumed: 'the copy of the log goes on',
  record_skipped: 'a record was passed over that nobody of ours can have written',
  batch_skipped: 'a batch on Kafka cannot be unpacked: its records were passed over',
  log_went_back: 'Kafka holds less than was copied from it: records were lost, or a topic was made anew',
  waiting: 'a consumer waits for something that does not answer',
  waiting_over: 'a consumer goes on',
  dead_letter: 'a record was set aside',
  undecodable_batch: 'a batch that nobody can read was set aside',
  circuit_open: 'a partition stands still: too much of it fails by a mistake of ours',
  circuit_closed: 'a partition goes on',
  commit_failed: 'offsets could not be committed; they are tried again',
  rebuilt: 'a consumer was made anew',
};

/** Tells the operator, in lines and counters, what Kafka, Redis and the consumers tell. */
export class ClusterEvents {
  readonly metrics: ClusterMetrics;
  readonly #telemetry: Telemetry;

  constructor(telemetry: Telemetry) {
    this.#telemetry = telemetry;
    this.metrics = createClusterMetrics(telemetry.metrics.registry);
  }

  readonly ofLog = (trouble: KafkaTrouble): void => {
    this.metrics.logTrouble(trouble.kind);
    const { kind, ...fields } = trouble;
    this.#say(kind, fields);
  };

  readonly ofStore = (event: ShardEvent): void => {
    this.metrics.shardEvent(event.type);
    if (event.type === 'state_changed') {
      const { state, ...fields } = event.status;
      const isWell = state === 'serving' || fields.why === 'first';
      const say = isWell ? 'told' : 'warned';
      this.#telemetry[say](`the shared state is ${state}`, fields);
      return;
    }
    const { type, ...fields } = event;
    const say = type === 'recovery_failed' || type === 'old_histories_left' ? 'warned' : 'told';
    this.#telemetry[say](`shared state: ${type.replaceAll('_', ' ')}`, fields);
  };

  /** @param consumer what it consumes */
  ofConsumer(consumer: string): (trouble: ConsumerTrouble) => void {
    return (trouble) => {
      this.metrics.consumerTrouble(consumer, trouble);
      const { kind, ...fields } = trouble;
      const { error, ...rest } = { error: undefined, ...fields } as { error?: unknown };
      this.#say(kind, {
        consumer,
        ...rest,
        ...(error instanceof Error && { error: `${error.name}: ${codeOf(error)}` }),
      });
    };
  }

  readonly ofIgnored = ({ what, why }: Ignored): void => {
    this.#telemetry.warned('not used, and made anew from the log', { what, why });
  };

  readonly ofKafkajs = ({ namespace, message, detail }: KafkaLogEntry): void => {
    this.#telemetry.murmured(message, { kafkajs: namespace, ...detail });
  };

  #say(kind: keyof typeof SAID, fields: Readonly<Record<string, unknown>>): void {
    const say = GOOD_NEWS.includes(kind) ? 'told' : BAD_NEWS.includes(kind) ? 'failed' : 'warned';
    this.#telemetry[say](SAID[kind], fields);
  }
}

/** An error's message may quote a record; its code does not. */
function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : 'no code';
}
