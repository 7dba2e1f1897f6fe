import type { Clock } from '@veto/domain';
import { kafkaClient, type KafkaLogEntry } from '../kafka-client';
import type { KafkaConnection } from '../kafka-connection';
import type { CircuitOptions } from './circuit';
import type { RecordHandler } from './consumed-record';
import { ConsumerSupervisor } from './consumer-supervisor';
import type { GroupTimings } from './group-membership';
import type { PartitionLag } from './partition-lag';
import { requireTopics } from './require-topics';
import type { ConsumerTrouble } from './trouble';

export interface ConsumerOptions extends KafkaConnection {
  /** Whose connections these are, as the broker shows it. */
  readonly clientId: string;
  /** Members of one group share the partitions of its topics. */
  readonly groupId: string;
  readonly topics: readonly string[];
  /** Put before the name of every topic, also that of the dead letters; for tests. */
  readonly topicPrefix?: string;
  readonly handler: RecordHandler;
  readonly clock: Clock;
  /** Named in dead letters: what set a record aside, and in which build. */
  readonly service: string;
  readonly build: string;
  readonly onTrouble?: (trouble: ConsumerTrouble) => void;
  /**
   * The consumer cannot go on by itself; the process should end, and its supervisor start it anew. Called once.
   * What is in hand is not committed.
   */
  readonly onFatal: (error: Error) => void;
  readonly onLog?: (entry: KafkaLogEntry) => void;
  readonly timings?: Partial<ConsumerTimings>;
  readonly circuit?: Partial<CircuitOptions>;
}

export interface ConsumerTimings extends GroupTimings {
  /** How often what is finished is committed. */
  readonly commitIntervalMs: number;
  /** Nothing fetched for this long although nothing is in hand: the connection is made anew. */
  readonly stallMs: number;
  /** No record finished for this long, and none waiting for something: the handler hangs. */
  readonly hangMs: number;
}

export interface ConsumerStatus {
  /** `away` = the broker does not answer, or the group has not taken us in yet. */
  readonly state: 'running' | 'away' | 'stopped' | 'failed';
  readonly assignedPartitionCount: number;
  readonly handledCount: number;
  readonly deadLetterCount: number;
  readonly rebuildCount: number;
  /** What records wait for, for instance `store_unavailable`; null when they do not. */
  readonly waitingFor: string | null;
}

export interface RunningConsumer {
  status(): ConsumerStatus;
  /** Of every partition that has been read here since it was assigned. */
  lag(): readonly PartitionLag[];
  /** Lets a partition go on whose circuit is open; the topic as the broker calls it. */
  closeCircuit(topic: string, partition: number): void;
  /** Waits for the records in hand (5 s at most), commits, leaves the group. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Reads topics as a member of a group and hands their records to a handler, which may throw whatever it likes: see
 * `RecordSafety` for what becomes of a record, and `onFatal` for what ends the consumer. Every record is handled at
 * least once, those of one key in order; offsets are committed only over records that are finished without a gap.
 * A broker that goes away is waited for.
 * @throws VetoError configuration_invalid when the broker answers and a topic is missing, or when it refuses us
 */
export async function startConsumer(options: ConsumerOptions): Promise<RunningConsumer> {
  // What waits behind somebody's open transaction is lag, too.
  const kafka = kafkaClient({ ...options, countsOpenTransactions: true });
  const supervisor = new ConsumerSupervisor(kafka, options);
  await requireTopics(kafka, supervisor.topics);
  await supervisor.start();
  return supervisor;
}
