import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Batch, Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { VetoError, type LogCut, type LogRecord, type StoredLogRecord, type Topic } from '@veto/domain';
import { undecodableBatch, type UndecodableBatch } from './codecs/undecodable-batch';
import { partitionName } from './copy/copy-checkpoint';
import { kafkaClient, type KafkaClientOptions } from './kafka-client';
import { kafkaFailure } from './kafka-refusal';
import { LatestCut } from './latest-cut';
import { onceCoordinated } from './once-coordinated';
import { recordOf } from './log-message';

/** A record of the log with its place on the broker; it has no position, for positions are those of a copy. */
export interface ScannedRecord extends LogRecord {
  readonly appendedAtMs: number;
  readonly source: NonNullable<StoredLogRecord['source']>;
}

export interface ScanKafkaOptions extends KafkaClientOptions {
  readonly topics: readonly Topic[];
  readonly topicPrefix?: string;
  /** Where to begin in each partition; at its beginning where left out. */
  readonly from?: LogCut;
  /** Where to end in each partition; what Kafka holds when the scan begins where left out. */
  readonly to?: LogCut;
  /** Given the records of one partition, in its order; the next batch waits for what it returns. */
  readonly onBatch: (records: readonly ScannedRecord[]) => Promise<void> | void;
  /**
   * Told of each batch that nobody can unpack, damaged on the way or on the broker's disk; then its records are left out.
   * Without it the scan ends with log_corrupt there: whoever asks for everything does not get less in silence.
   */
  readonly onUndecodable?: (batch: UndecodableBatch & { readonly partition: string }) => void;
}

/** Without an answer to a fetch for so long, the scan gives up. */
const STALLED_AFTER_MS = 30_000;
const WATCH_EVERY_MS = 1_000;
/** A group is left in good order, so that nothing is left behind; not by a broker that went away. */
const LEAVE_MS = 10_000;
const FETCH_BYTES_OF_PARTITION = 4 * 1024 * 1024;
const FETCH_BYTES = 32 * 1024 * 1024;

/**
 * Reads what Kafka holds of some topics, once, as fast as it comes: for rebuilds, verification and benches. It writes
 * nothing anywhere and leaves no group behind.
 * @returns the cut that was read
 * @throws VetoError log_unavailable (retryable) when Kafka does not answer; configuration_invalid when it refuses us;
 *   log_corrupt where a batch cannot be unpacked
 *   and nobody wants to be told; what `onBatch` or `onUndecodable` throws
 */
export async function scanKafka(options: ScanKafkaOptions): Promise<LogCut> {
  const { topics, topicPrefix = '' } = options;
  const kafka = kafkaClient(options);
  const latest = new LatestCut({ kafka, topics, topicPrefix });
  let to: LogCut;
  try {
    to = options.to ?? (await latest.fetch());
  } catch (error) {
    throw unavailable(error);
  } finally {
    await latest.close();
  }
  let hasBegun = false;
  const onBatch: ScanKafkaOptions['onBatch'] = (records) => {
    hasBegun = true;
    return options.onBatch(records);
  };
  const attempt = (): Promise<void> => new Scan({ ...options, onBatch }, to, consumerOf(kafka)).run();
  await onceCoordinated(attempt, () => hasBegun);
  return to;
}

function consumerOf(kafka: Kafka): Consumer {
  return kafka.consumer({
    groupId: `veto-scan-${randomUUID()}`,
    allowAutoTopicCreation: false,
    sessionTimeout: 30_000,
    maxBytesPerPartition: FETCH_BYTES_OF_PARTITION,
    maxBytes: FETCH_BYTES,
    maxWaitTimeInMs: 200,
    retry: {
      // A broker that never had a group before takes some seconds to make room for its first.
      retries: 12,
      initialRetryTime: 100,
      maxRetryTime: 1_000,
      restartOnFailure: () => Promise.resolve(false),
    },
  });
}

class Scan {
  readonly #options: ScanKafkaOptions;
  readonly #to: LogCut;
  readonly #consumer: Consumer;
  readonly #topicOf: ReadonlyMap<string, Topic>;
  /** Partitions that have something left, and the offset to go on from. */
  readonly #next = new Map<string, number>();
  #lastFetchAtMs = performance.now();
  #finish: () => void = () => undefined;
  #fail: (error: unknown) => void = () => undefined;

  constructor(options: ScanKafkaOptions, to: LogCut, consumer: Consumer) {
    this.#options = options;
    this.#to = to;
    this.#consumer = consumer;
    this.#topicOf = new Map(options.topics.map((topic) => [(options.topicPrefix ?? '') + topic, topic]));
    for (const [partition, end] of Object.entries(to)) {
      const from = options.from?.[partition] ?? 0;
      if (from < end) this.#next.set(partition, from);
    }
  }

  async run(): Promise<void> {
    if (this.#next.size === 0) return;
    const finished = new Promise<void>((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
    });
    const watchdog = setInterval(() => {
      if (performance.now() - this.#lastFetchAtMs > STALLED_AFTER_MS)
        this.#fail(unavailable(`no answer to a fetch for ${STALLED_AFTER_MS} ms`));
    }, WATCH_EVERY_MS);
    const started = this.#start().catch((error: unknown) => this.#fail(unavailable(error)));
    try {
      await finished;
    } finally {
      clearInterval(watchdog);
      // What is still beginning would go on after a leave that came too early.
      const left = started.then(() => this.#consumer.disconnect()).catch(() => undefined);
      await Promise.race([left, pause(LEAVE_MS, undefined, { ref: false })]);
    }
  }

  async #start(): Promise<void> {
    const { CRASH, FETCH, GROUP_JOIN, END_BATCH_PROCESS } = this.#consumer.events;
    this.#consumer.on(CRASH, ({ payload }) => this.#fail(unavailable(payload.error)));
    this.#consumer.on(FETCH, () => (this.#lastFetchAtMs = performance.now()));
    this.#consumer.on(GROUP_JOIN, ({ payload }) => this.#seek(payload.memberAssignment));
    this.#consumer.on(END_BATCH_PROCESS, ({ payload }) => {
      // Batches without anything to read are never handed over.
      const partition = this.#partitionOf(payload.topic, payload.partition);
      if (payload.batchSize === 0 && partition !== null)
        this.#advance(partition, Number(payload.lastOffset) + 1);
    });
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topics: [...this.#topicOf.keys()], fromBeginning: true });
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: (payload) => this.#readBatch(payload),
    });
  }

  #partitionOf(name: string, partition: number): string | null {
    const topic = this.#topicOf.get(name);
    return topic === undefined ? null : partitionName(topic, partition);
  }

  #seek(assignment: Readonly<Record<string, readonly number[]>>): void {
    for (const [name, partitions] of Object.entries(assignment)) {
      for (const partition of partitions) {
        const own = this.#partitionOf(name, partition) ?? '';
        const next = this.#next.get(own);
        if (next === undefined) this.#consumer.pause([{ topic: name, partitions: [partition] }]);
        else this.#consumer.seek({ topic: name, partition, offset: String(next) });
      }
    }
  }

  async #readBatch({ batch, resolveOffset, isRunning, isStale }: EachBatchPayload): Promise<void> {
    const topic = this.#topicOf.get(batch.topic);
    if (topic === undefined || !isRunning() || isStale()) return;
    const partition = partitionName(topic, batch.partition);
    const from = this.#next.get(partition);
    if (from === undefined) return;
    try {
      const records = this.#recordsOf(topic, batch, from);
      if (records.length > 0) await this.#options.onBatch(records);
    } catch (error) {
      // The library must not see it.
      this.#fail(error);
      return;
    }
    resolveOffset(batch.lastOffset());
    this.#advance(partition, Number(batch.lastOffset()) + 1);
    if (!this.#next.has(partition))
      this.#consumer.pause([{ topic: batch.topic, partitions: [batch.partition] }]);
  }

  /** What of a batch lies between the cuts. */
  #recordsOf(topic: Topic, batch: Batch, from: number): readonly ScannedRecord[] {
    const partition = partitionName(topic, batch.partition);
    const end = this.#to[partition] ?? 0;
    const records: ScannedRecord[] = [];
    let lastTold = -1;
    for (const message of batch.messages) {
      const offset = Number(message.offset);
      if (offset < from || offset >= end) continue;
      const undecodable = undecodableBatch(message);
      if (undecodable === null) {
        const record = recordOf(topic, message);
        // Not by a spread, which costs ten times as much: this is done for each record of a rebuild.
        if (record !== null)
          records.push(Object.assign(record, { source: { partition: batch.partition, offset } }));
      } else if (offset > lastTold) {
        // Its other markers say the same.
        lastTold = undecodable.lastOffset;
        this.#tell({ ...undecodable, partition });
      }
    }
    return records;
  }

  #tell(batch: UndecodableBatch & { readonly partition: string }): void {
    const { onUndecodable } = this.#options;
    if (onUndecodable !== undefined) return onUndecodable(batch);
    const { partition, firstOffset, lastOffset, codec, reason } = batch;
    const place = `${partition}, offsets ${firstOffset} to ${lastOffset}`;
    throw new VetoError('log_corrupt', `${place}: the batch cannot be unpacked (${codec}: ${reason})`);
  }

  #advance(partition: string, next: number): void {
    if (!this.#next.has(partition)) return;
    if (next < (this.#to[partition] ?? 0)) this.#next.set(partition, next);
    else this.#next.delete(partition);
    if (this.#next.size === 0) this.#finish();
  }
}

function unavailable(cause: unknown): VetoError {
  return kafkaFailure(cause, 'the scan of the log stopped');
}
