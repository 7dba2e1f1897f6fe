import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Kafka } from 'kafkajs';
import {
  invariant,
  VetoError,
  type Clock,
  type EventLog,
  type LogBatch,
  type LogCut,
  type LogQuery,
  type LogRecord,
  type StoredLogRecord,
  type Topic,
} from '@veto/domain';
import { partitionName } from './copy/copy-checkpoint';
import { CopyFeed } from './copy/copy-feed';
import { LogCopy } from './copy/log-copy';
import { kafkaClient } from './kafka-client';
import { kafkaFailure, refusalOf } from './kafka-refusal';
import { COPIED_TOPICS, type KafkaLogOptions } from './kafka-log-options';
import { LatestCut } from './latest-cut';
import { partitionOfKey } from './partition-of-key';
import { recallPartitions, rememberCluster } from './topics/known-cluster';
import { fetchTopicPartitions, type TopicPartitions } from './topics/topic-partitions';
import { KafkaSender } from './write/kafka-sender';
import { KafkaWriter } from './write/kafka-writer';
import { Spool } from './write/spool';

export { COPIED_TOPICS, type KafkaLogOptions } from './kafka-log-options';

/** The log on Kafka, as one instance sees it: written to Kafka, read from a local copy that follows it. */
export interface KafkaLog extends EventLog {
  /** Of this instance, for as long as its directory lives. */
  readonly instanceId: string;
  /** How far the copy is behind what Kafka last said it holds: records, and ms since the last copied one was appended. */
  lag(): { readonly records: number; readonly ms: number };
  /** Records that are in the write-ahead file only. */
  spooled(): number;
}

const READABLE_WITHIN_MS = 10_000;

/**
 * Opens the log on Kafka. Where Kafka is away and this instance has been here before, it opens all the same, and records
 * go to the write-ahead file. It resolves before the copy has caught up: `reached(await latest(), …)` waits for that.
 * @throws VetoError configuration_invalid when a topic is missing, Kafka refuses the login, its certificate is not
 *   trusted, or the directory is of another cluster; log_unavailable when Kafka does not answer and the directory is new; log_locked | log_corrupt
 */
export async function openKafkaLog(options: KafkaLogOptions): Promise<KafkaLog> {
  const { directory, topics = COPIED_TOPICS, topicPrefix = '' } = options;
  await mkdir(directory, { recursive: true });
  const kafka = kafkaClient(options);
  const partitions = await partitionsOf(kafka, { directory, topics, topicPrefix });
  const instanceId = await instanceIdOf(directory);
  const copy = await LogCopy.open({
    directory: join(directory, 'copy'),
    clock: options.clock,
    ...(options.segmentBytesMax === undefined ? {} : { segmentBytesMax: options.segmentBytesMax }),
  });
  try {
    const spool = await Spool.open({
      directory: join(directory, 'spool'),
      clock: options.clock,
      bytesMax: options.spoolBytesMax ?? 8 * 1024 ** 3,
      ...(options.openSpoolWriter === undefined ? {} : { openWriter: options.openSpoolWriter }),
    });
    return new KafkaEventLog(options, { kafka, partitions, instanceId, copy, spool });
  } catch (error) {
    await copy.close();
    throw error;
  }
}

async function partitionsOf(
  kafka: Kafka,
  place: { readonly directory: string; readonly topics: readonly Topic[]; readonly topicPrefix: string },
): Promise<TopicPartitions> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const partitions = await fetchTopicPartitions(admin, place.topics, place.topicPrefix);
    const { clusterId } = await admin.describeCluster();
    await rememberCluster(place.directory, { clusterId, partitions });
    return partitions;
  } catch (error) {
    if (error instanceof VetoError) throw error;
    // Whoever is refused is not waited for, however well this instance knows the cluster.
    const known = refusalOf(error) === null ? await recallPartitions(place.directory, place.topics) : null;
    if (known !== null) return known;
    throw kafkaFailure(error, 'Kafka does not answer, and this instance was never here before');
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

/** Made at the first start, and kept with the copy. */
async function instanceIdOf(directory: string): Promise<string> {
  const path = join(directory, 'instance-id');
  const known = await readFile(path, 'utf8').catch(() => '');
  if (known !== '') return known;
  const id = randomUUID();
  await writeFile(path, id, { flush: true });
  return id;
}

interface KafkaLogParts {
  readonly kafka: Kafka;
  readonly partitions: TopicPartitions;
  readonly instanceId: string;
  readonly copy: LogCopy;
  readonly spool: Spool;
}

class KafkaEventLog implements KafkaLog {
  readonly instanceId: string;
  readonly #clock: Clock;
  readonly #topics: readonly Topic[];
  readonly #partitions: TopicPartitions;
  readonly #copy: LogCopy;
  readonly #spool: Spool;
  readonly #feed: CopyFeed;
  readonly #writer: KafkaWriter;
  readonly #latest: LatestCut;
  #closing: Promise<void> | null = null;

  constructor(options: KafkaLogOptions, parts: KafkaLogParts) {
    const { topics = COPIED_TOPICS, topicPrefix = '', clock, onTrouble = () => undefined } = options;
    const { kafka, copy, spool } = parts;
    this.instanceId = parts.instanceId;
    this.#clock = clock;
    this.#topics = topics;
    this.#partitions = parts.partitions;
    this.#copy = copy;
    this.#spool = spool;
    this.#latest = new LatestCut({ kafka, topics, topicPrefix });
    this.#writer = new KafkaWriter({
      sender: new KafkaSender({
        kafka,
        topicPrefix,
        compression: options.compression ?? 'none',
        deadlineMs: options.deadlineMs ?? 10_000,
      }),
      spool,
      partitionOf: (record) => this.#partitionOf(record),
      slowAfterMs: options.slowAfterMs ?? 300,
      batchIntervalMs: options.batchIntervalMs ?? 2,
      waitingRecordCountMax: options.waitingRecordCountMax ?? 65_536,
      waitingBytesMax: options.waitingBytesMax ?? 64 * 1024 * 1024,
      onTrouble,
    });
    this.#feed = new CopyFeed({
      kafka,
      groupPrefix: `veto-copy-${parts.instanceId}`,
      topics,
      topicPrefix,
      copy,
      clock,
      latest: this.#latest,
      onTrouble,
    });
  }

  async append(records: readonly LogRecord[]): Promise<void> {
    await this.#append(records);
  }

  #append(records: readonly LogRecord[]): Promise<readonly number[] | null> {
    if (this.#closing !== null)
      return Promise.reject(new VetoError('log_unavailable', 'the log is closed', { retryable: true }));
    const appendedAtMs = this.#clock.nowMs();
    return this.#writer.append(
      records.map((record) => ({
        record: { ...record, appendedAtMs },
        partition: this.#partitionOf(record),
      })),
    );
  }

  #partitionOf({ topic, key }: LogRecord): number {
    const count = this.#partitions.get(topic);
    invariant(count !== undefined, `log record ${key}: topic ${topic} is not one of this log's`);
    return count === 1 ? 0 : partitionOfKey(key, count);
  }

  async appendReadable(records: readonly LogRecord[]): Promise<number | null> {
    const last = records.at(-1);
    if (last === undefined) return this.#barrier();
    const partitions = records.map((record) => partitionName(record.topic, this.#partitionOf(record)));
    const watch = this.#copy.watch(new Set(partitions.slice(-1)));
    try {
      const offsets = await this.#append(records);
      if (offsets === null) return null;
      const wanted: Record<string, number> = {};
      partitions.forEach((partition, i) => (wanted[partition] = offsets[i]! + 1));
      const [position, isReached] = await Promise.all([
        watch.positionOf(partitions.at(-1)!, offsets.at(-1)!, READABLE_WITHIN_MS),
        this.#copy.reached(wanted, READABLE_WITHIN_MS),
      ]);
      if (position !== null && isReached) return position;
      const message = `log record ${last.key}: appended, but not readable here within ${READABLE_WITHIN_MS} ms`;
      throw new VetoError('log_unavailable', message, { retryable: true });
    } finally {
      watch.stop();
    }
  }

  async #barrier(): Promise<number | null> {
    if ((await this.#append([])) === null) return null;
    if (await this.#copy.reached(await this.latest(), READABLE_WITHIN_MS)) return this.end();
    const message = `the copy is behind the log by ${this.lag().records} records`;
    throw new VetoError('log_unavailable', message, { retryable: true });
  }

  durability(): 'log' | 'wal' {
    return this.#spool.isEmpty ? 'log' : 'wal';
  }

  cut(): LogCut {
    return this.#copy.cut;
  }

  latest(): Promise<LogCut> {
    return this.#latest.fetch();
  }

  reached(cut: LogCut, timeoutMs: number): Promise<boolean> {
    return this.#copy.reached(cut, timeoutMs);
  }

  read(query: LogQuery): Promise<LogBatch> {
    return this.#copy.log.read({ ...query, topics: query.topics ?? this.#topics });
  }

  end(): number {
    return this.#copy.log.end();
  }

  subscribe(listener: (records: readonly StoredLogRecord[]) => void): () => void {
    return this.#copy.listeners.add(listener);
  }

  lag(): { readonly records: number; readonly ms: number } {
    return this.#feed.lag();
  }

  spooled(): number {
    return this.#spool.recordCount;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#writer.close();
    await this.#feed.close();
    await this.#latest.close();
    await this.#copy.close();
  }
}
