import { setTimeout as delay } from 'node:timers/promises';
import type { EachBatchPayload, Kafka } from 'kafkajs';
import { isBrokerAway, kafkaErrorNames } from '../kafka-error';
import { BatchRunner } from './batch-runner';
import { CIRCUIT_DEFAULTS } from './circuit';
import { Circuits } from './circuits';
import type { ConsumedRecord, RecordHandler, RecordOutcome } from './consumed-record';
import { ConsumerConnection } from './consumer-connection';
import { DEAD_LETTER_TOPIC } from './dead-letter';
import { DeadLetterPublisher } from './dead-letter-publisher';
import { GROUP_TIMINGS } from './group-membership';
import { KeyedRunner } from './keyed-runner';
import { LagBook, type PartitionLag } from './partition-lag';
import { LagRefresh } from './lag-refresh';
import type { Lease } from './lease';
import { PartitionBatch } from './partition-batch';
import type { RecordJob } from './record-job';
import { RecordSafety } from './record-safety';
import { requireTopics } from './require-topics';
import type { ConsumerOptions, ConsumerStatus, ConsumerTimings, RunningConsumer } from './start-consumer';

const TIMINGS: ConsumerTimings = { ...GROUP_TIMINGS, commitIntervalMs: 250, stallMs: 15_000, hangMs: 60_000 };
const REBUILD_WAIT_MIN_MS = 250;
const REBUILD_WAIT_MAX_MS = 5_000;
/** Rebuilds in a row, each with a broker that answered, after which it is for the process's own supervisor. */
const REBUILDS_IN_A_ROW_MAX = 3;

/** How long `stop` waits for the records in hand: a process has ten seconds from being told to end. */
const STOP_WAIT_MS = 5_000;

/** Keeps one connection to the group going, and looks after it: heartbeats, commits, the watchdog, the end. */
export class ConsumerSupervisor implements RunningConsumer {
  /** As the broker calls them, those of the dead letters among them. */
  readonly topics: readonly string[];
  readonly #kafka: Kafka;
  readonly #options: ConsumerOptions;
  readonly #timings: ConsumerTimings;
  readonly #safety: RecordSafety;
  readonly #publisher: DeadLetterPublisher;
  readonly #circuits: Circuits;
  readonly #lagBook = new LagBook();
  readonly #lagRefresh: LagRefresh;
  readonly #add: (jobs: readonly RecordJob[]) => void;
  readonly #consumedTopics: readonly string[];
  #connection: ConsumerConnection | null = null;
  #ticker: NodeJS.Timeout | null = null;
  #stopping: Promise<void> | null = null;
  #isFatal = false;
  #rebuildsInARow = 0;
  #connectedAtMs = 0;
  #lastProgressAtMs = performance.now();
  #assignedPartitionCount = 0;
  #handledCount = 0;
  #deadLetterCount = 0;
  #rebuildCount = 0;

  constructor(kafka: Kafka, options: ConsumerOptions) {
    const prefix = options.topicPrefix ?? '';
    this.#kafka = kafka;
    this.#options = options;
    this.#timings = { ...TIMINGS, ...options.timings };
    this.#consumedTopics = options.topics.map((topic) => prefix + topic);
    this.topics = [...this.#consumedTopics, prefix + DEAD_LETTER_TOPIC];
    this.#lagRefresh = new LagRefresh(kafka, options);
    this.#circuits = new Circuits({ ...CIRCUIT_DEFAULTS, ...options.circuit });
    this.#publisher = new DeadLetterPublisher({ kafka, topic: prefix + DEAD_LETTER_TOPIC, origin: options });
    this.#safety = new RecordSafety({
      handle: handleOf(options.handler),
      publish: async (letter) => {
        await this.#publisher.publish(letter);
        this.#deadLetterCount += 1;
      },
      clock: options.clock,
      onTrouble: (trouble) => options.onTrouble?.(trouble),
    });
    this.#add = runnerOf(options.handler, this.#safety);
  }

  async start(): Promise<void> {
    this.#ticker = setInterval(() => this.#tick(), this.#timings.commitIntervalMs);
    await this.#connect();
  }

  status(): ConsumerStatus {
    const isJoined = this.#connection?.pulse.isJoined === true;
    return {
      state: this.#stopping !== null ? 'stopped' : this.#isFatal ? 'failed' : isJoined ? 'running' : 'away',
      assignedPartitionCount: isJoined ? this.#assignedPartitionCount : 0,
      handledCount: this.#handledCount,
      deadLetterCount: this.#deadLetterCount,
      rebuildCount: this.#rebuildCount,
      waitingFor: this.#safety.waitingFor,
    };
  }

  lag(): readonly PartitionLag[] {
    for (const batch of this.#connection?.batchesInHand ?? []) this.#noteLag(batch);
    return this.#lagBook.lag(
      this.#options.clock.nowMs(),
      (topic, partition) => this.#circuits.of(topic, partition).isBroken,
    );
  }

  closeCircuit(topic: string, partition: number): void {
    this.#circuits.of(topic, partition).close();
    this.#connection?.resume(topic, partition);
  }

  async stop(): Promise<void> {
    this.#stopping ??= this.#stopOnce();
    await this.#stopping;
  }

  async #stopOnce(): Promise<void> {
    // What hangs is not waited for: it is what ended the consumer.
    if (!this.#isFatal) await this.#connection?.close(STOP_WAIT_MS);
    if (this.#ticker !== null) clearInterval(this.#ticker);
    await this.#publisher.close();
    await this.#lagRefresh.close();
  }

  async #connect(): Promise<void> {
    const connection = new ConsumerConnection({
      kafka: this.#kafka,
      groupId: this.#options.groupId,
      topics: this.#consumedTopics,
      timings: this.#timings,
      open: (payload, lease) => this.#open(payload, lease),
      begin: (batch) => this.#begin(batch),
      onAssigned: (partitions) => {
        this.#assignedPartitionCount = [...partitions.values()].reduce((sum, { length }) => sum + length, 0);
        this.#lagBook.assigned(partitions);
      },
      onPassedOver: ({ offset, ...place }) => {
        this.#lagBook.moved({ ...place, nextOffset: offset, oldestMs: this.#options.clock.nowMs() });
      },
      onCommitFailed: (error) => this.#options.onTrouble?.({ kind: 'commit_failed', error }),
      onCrash: (error) => this.#lost(connection, error),
    });
    this.#connection = connection;
    this.#connectedAtMs = performance.now();
    try {
      await connection.start();
    } catch (error) {
      this.#lost(connection, error instanceof Error ? error : new Error(String(error)));
    }
  }

  #open(payload: EachBatchPayload, lease: Lease): PartitionBatch | null {
    const { topic, partition } = payload.batch;
    const circuit = this.#circuits.of(topic, partition);
    const nowMs = this.#options.clock.nowMs();
    if (circuit.isOpen(nowMs)) {
      this.#connection?.pause(topic, partition);
      return null;
    }
    this.#lastProgressAtMs = performance.now();
    return new PartitionBatch({
      payload,
      lease,
      circuit,
      topicPrefix: this.#options.topicPrefix ?? '',
      nowMs,
      onFinish: () => {
        this.#handledCount += 1;
        this.#lastProgressAtMs = performance.now();
      },
      onBreakOff: (error) => {
        this.#connection?.pause(topic, partition);
        this.#options.onTrouble?.({ kind: 'circuit_open', topic, partition, error });
      },
    });
  }

  #begin(batch: PartitionBatch): void {
    const { records, undecodable } = batch.jobs();
    for (const { job, batch: damaged } of undecodable) void this.#safety.setAsideUndecodable(job, damaged);
    this.#add(records);
    void batch.settled.then(() => this.#noteLag(batch));
  }

  #noteLag(batch: PartitionBatch): void {
    this.#lagBook.moved(batch.progress());
  }

  /** Four times a second by default; nothing in it waits. */
  #tick(): void {
    const connection = this.#connection;
    if (connection === null || this.#stopping !== null) return;
    void connection.heartbeat();
    void connection.commit();
    for (const { topic, partition, circuit } of this.#circuits.due(this.#options.clock.nowMs())) {
      if (circuit.probe()) connection.resume(topic, partition);
    }
    this.#lagRefresh.tick(this.#lagBook);
    this.#watch(connection);
  }

  #watch(connection: ConsumerConnection): void {
    const nowMs = performance.now();
    const { stallMs, hangMs } = this.#timings;
    if (connection.batchesInHand.size > 0) {
      const stillMs = nowMs - this.#lastProgressAtMs;
      if (this.#safety.waitingFor !== null) this.#lastProgressAtMs = nowMs;
      else if (stillMs > hangMs) {
        this.#fail(
          new Error(`${this.#options.groupId}: the handler has finished no record for ${hangMs} ms`),
        );
      }
    } else if (connection.pulse.silentMs() > stallMs) {
      this.#lost(connection, null);
    } else if (nowMs - this.#connectedAtMs > 2 * stallMs) {
      this.#rebuildsInARow = 0;
    }
  }

  /** @param error what it crashed with; null when it only fell silent */
  #lost(connection: ConsumerConnection, error: Error | null): void {
    if (this.#connection !== connection || this.#stopping !== null || this.#isFatal) return;
    this.#connection = null;
    connection.abandon();
    if (error !== null && !isBrokerAway(error)) return this.#fail(error);
    void this.#rebuild(error);
  }

  async #rebuild(error: Error | null): Promise<void> {
    const reason = error?.message ?? `nothing fetched for ${this.#timings.stallMs} ms`;
    const answers = await this.#waitForBroker(error !== null);
    if (this.#stopping !== null || this.#isFatal) return;
    // A broker that has only just started says so to everybody; it is no event.
    if (kafkaErrorNames(error).includes('GROUP_LOAD_IN_PROGRESS')) return this.#connect();
    this.#rebuildCount += 1;
    this.#rebuildsInARow = answers.atOnce ? this.#rebuildsInARow + 1 : 0;
    this.#options.onTrouble?.({ kind: 'rebuilt', reason, isBrokerAway: !answers.atOnce });
    if (this.#rebuildsInARow > REBUILDS_IN_A_ROW_MAX) {
      return this.#fail(
        new Error(`${this.#options.groupId}: ${reason}, after ${REBUILDS_IN_A_ROW_MAX} new connections`),
      );
    }
    await this.#connect();
  }

  /** @returns whether the broker answered when it was first asked, with nothing that had said it was away */
  async #waitForBroker(hasCrashed: boolean): Promise<{ readonly atOnce: boolean }> {
    let waitMs = REBUILD_WAIT_MIN_MS;
    let atOnce = !hasCrashed;
    while (this.#stopping === null && !this.#isFatal) {
      if (await this.#answers()) break;
      atOnce = false;
      await delay(waitMs);
      waitMs = Math.min(waitMs * 2, REBUILD_WAIT_MAX_MS);
    }
    return { atOnce };
  }

  async #answers(): Promise<boolean> {
    try {
      return await requireTopics(this.#kafka, this.topics);
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
      return false;
    }
  }

  #fail(error: Error): void {
    if (this.#isFatal) return;
    this.#isFatal = true;
    this.#connection?.abandon();
    this.#options.onFatal(error);
  }
}

function handleOf(
  handler: RecordHandler,
): (records: readonly ConsumedRecord[]) => Promise<readonly RecordOutcome[]> {
  if ('eachBatch' in handler) return handler.eachBatch;
  return async (records) => {
    for (const record of records) await handler.eachRecord(record);
    return [];
  };
}

function runnerOf(handler: RecordHandler, safety: RecordSafety): (jobs: readonly RecordJob[]) => void {
  if ('eachBatch' in handler) {
    const runner = new BatchRunner<RecordJob>({
      batchItemCountMax: handler.batchRecordCountMax ?? 32,
      batchesInFlightMax: handler.batchesInFlightMax ?? 2,
      run: (jobs) => safety.run(jobs),
    });
    return (jobs) => runner.add(jobs);
  }
  const runner = new KeyedRunner<RecordJob>({
    concurrencyMax: handler.concurrencyMax ?? 32,
    keyOf: ({ record: { topic, partition, key } }) =>
      key === null ? null : `${topic}/${partition}/${key.toString('latin1')}`,
    run: (job) => safety.run([job]),
  });
  return (jobs) => runner.add(jobs);
}
