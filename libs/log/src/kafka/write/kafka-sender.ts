import { setTimeout as pause } from 'node:timers/promises';
import {
  CompressionTypes,
  type Kafka,
  type Producer,
  type RecordMetadata,
  type TopicMessages,
} from 'kafkajs';
import { invariant, VetoError } from '@veto/domain';
import { messageOf, type RoutedRecord } from '../log-message';

export interface KafkaSenderOptions {
  readonly kafka: Kafka;
  readonly topicPrefix: string;
  /** How the batches are compressed; not at all unless said. */
  readonly compression?: 'none' | 'gzip' | 'lz4';
  /** After so long a batch counts as lost, and the connection with it; 10 s. */
  readonly deadlineMs?: number;
}

/** One request to the broker holds at most so many records … */
export const BATCH_RECORD_COUNT_MAX = 500;
/** … and so many bytes of keys and values, unless a single record has more. */
export const BATCH_BYTES_MAX = 1024 * 1024;

const LEAVE_MS = 1_000;

const COMPRESSIONS = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  lz4: CompressionTypes.LZ4,
} as const;

/**
 * Sends records to the partitions that they are routed to, acknowledged by all replicas in sync. One call at a time.
 * When a call rejects, what became of its records is not known: whoever repeats it sends the same bytes to the same
 * partitions.
 */
export class KafkaSender {
  readonly #kafka: Kafka;
  readonly #topicPrefix: string;
  readonly #compression: CompressionTypes;
  readonly #deadlineMs: number;
  /** A producer that failed is not used again: a library that lost its way finds it best from the beginning. */
  #producer: Promise<Producer> | null = null;

  constructor(options: KafkaSenderOptions) {
    this.#kafka = options.kafka;
    this.#topicPrefix = options.topicPrefix;
    this.#compression = COMPRESSIONS[options.compression ?? 'none'];
    this.#deadlineMs = options.deadlineMs ?? 10_000;
  }

  /** @returns the offset of each record @throws VetoError log_unavailable (retryable); its `cause` is the library's */
  async send(records: readonly RoutedRecord[]): Promise<readonly number[]> {
    const offsets: number[] = [];
    for (let from = 0; from < records.length;) {
      const to = batchEnd(records, from);
      offsets.push(...(await this.#sendBatch(records.slice(from, to))));
      from = to;
    }
    return offsets;
  }

  async #sendBatch(batch: readonly RoutedRecord[]): Promise<readonly number[]> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer after ${this.#deadlineMs} ms`)), this.#deadlineMs);
    });
    try {
      return offsetsOf(batch, await Promise.race([this.#produce(batch), late]), this.#topicPrefix);
    } catch (error) {
      this.#dropProducer();
      const message = `Kafka did not take ${batch.length} records: ${String(error)}`;
      throw new VetoError('log_unavailable', message, { retryable: true, cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  async #produce(batch: readonly RoutedRecord[]): Promise<readonly RecordMetadata[]> {
    this.#producer ??= this.#connect();
    const producer = await this.#producer;
    return producer.sendBatch({
      acks: -1,
      timeout: this.#deadlineMs,
      compression: this.#compression,
      topicMessages: byTopic(batch, this.#topicPrefix),
    });
  }

  async #connect(): Promise<Producer> {
    const producer = this.#kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition ?? 0,
      // One quick second try, for a connection that had gone stale; what lasts longer is the caller's to decide.
      retry: { retries: 1, initialRetryTime: 20, maxRetryTime: 50 },
    });
    await producer.connect();
    return producer;
  }

  #dropProducer(): void {
    const producer = this.#producer;
    this.#producer = null;
    // It failed already; that it cannot take leave in good order adds nothing.
    producer?.then((failed) => failed.disconnect()).catch(() => undefined);
  }

  /** Takes leave, for a second at most: a broker that does not answer need not be waited for. */
  async close(): Promise<void> {
    const producer = this.#producer;
    this.#producer = null;
    if (producer === null) return;
    const left = producer.then((connected) => connected.disconnect()).catch(() => undefined);
    await Promise.race([left, pause(LEAVE_MS, undefined, { ref: false })]);
  }
}

/** Index after the last record that fits into one request with the one at `from`. */
export function batchEnd(records: readonly RoutedRecord[], from: number): number {
  let byteCount = 0;
  for (let i = from; i < records.length; i++) {
    byteCount += byteLengthOf(records[i]!);
    if (i > from && (byteCount > BATCH_BYTES_MAX || i - from >= BATCH_RECORD_COUNT_MAX)) return i;
  }
  return records.length;
}

export function byteLengthOf({ record }: RoutedRecord): number {
  return record.key.length + record.value.length + (record.applied?.length ?? 0);
}

function byTopic(batch: readonly RoutedRecord[], prefix: string): TopicMessages[] {
  const topics = new Map<string, TopicMessages>();
  for (const routed of batch) {
    const { topic } = routed.record;
    const found = topics.get(topic);
    if (found === undefined) topics.set(topic, { topic: prefix + topic, messages: [messageOf(routed)] });
    else found.messages.push(messageOf(routed));
  }
  return [...topics.values()];
}

/** The broker tells where each partition's share begins; within it the records keep their order. */
function offsetsOf(
  batch: readonly RoutedRecord[],
  acknowledged: readonly RecordMetadata[],
  prefix: string,
): readonly number[] {
  const next = new Map<string, number>();
  for (const { topicName, partition, baseOffset } of acknowledged)
    next.set(`${topicName}/${partition}`, Number(baseOffset));
  return batch.map(({ record, partition }) => {
    const name = `${prefix}${record.topic}/${partition}`;
    const offset = next.get(name);
    invariant(offset !== undefined && offset >= 0, `${name}: acknowledged without an offset`);
    next.set(name, offset + 1);
    return offset;
  });
}
