import type { EachBatchPayload, KafkaMessage } from 'kafkajs';
import { undecodableBatch, type UndecodableBatch } from '../codecs/undecodable-batch';
import type { Circuit } from './circuit';
import { HeadTracker } from './head-tracker';
import type { Lease } from './lease';
import type { PartitionProgress } from './partition-lag';
import type { JobOwner, RecordJob } from './record-job';

export interface PartitionBatchOptions {
  readonly payload: EachBatchPayload;
  readonly lease: Lease;
  readonly circuit: Circuit;
  /** What stands before the name of every topic. */
  readonly topicPrefix: string;
  readonly nowMs: number;
  readonly onFinish: () => void;
  readonly onBreakOff: (error: unknown) => void;
}

/** What one fetch brought of one partition, while it is in hand. */
export class PartitionBatch implements JobOwner {
  readonly topic: string;
  readonly partition: number;
  readonly lease: Lease;
  readonly circuit: Circuit;
  readonly #options: PartitionBatchOptions;
  readonly #messages: readonly KafkaMessage[];
  readonly #tracker: HeadTracker;
  #remainingCount: number;
  #onSettled: () => void = () => undefined;
  /** Resolves when every record is finished or dropped. */
  readonly settled: Promise<void>;

  constructor(options: PartitionBatchOptions) {
    const { batch } = options.payload;
    this.#options = options;
    this.topic = batch.topic;
    this.partition = batch.partition;
    this.lease = options.lease;
    this.circuit = options.circuit;
    this.#messages = batch.messages;
    this.#tracker = new HeadTracker(
      batch.messages.map((message) => Number(message.offset)),
      Number(batch.lastOffset()) + 1,
    );
    this.#remainingCount = batch.messages.length;
    this.settled = new Promise((resolve) => (this.#onSettled = resolve));
  }

  /** The records as jobs; those that stand for a batch that cannot be unpacked are apart. */
  jobs(): {
    readonly records: readonly RecordJob[];
    readonly undecodable: readonly { readonly job: RecordJob; readonly batch: UndecodableBatch }[];
  } {
    const records: RecordJob[] = [];
    const undecodable: { readonly job: RecordJob; readonly batch: UndecodableBatch }[] = [];
    this.#messages.forEach((message, index) => {
      const batch = undecodableBatch(message);
      if (batch === null) records.push(this.#job(message, index));
      // The last marker of a batch carries its bytes, and stands for all of them.
      else if (message.value !== null) undecodable.push({ job: this.#job(message, index), batch });
      else this.finish(index);
    });
    return { records, undecodable };
  }

  finish(index: number): void {
    this.#tracker.finish(index);
    this.#options.onFinish();
    this.#leave();
  }

  drop(): void {
    this.#leave();
  }

  breakOff(error: unknown): void {
    this.lease.close();
    this.#options.onBreakOff(error);
  }

  /** What may be committed; null while that is nothing new. */
  nextOffset(): number | null {
    return this.#tracker.nextOffset();
  }

  /** Where the partition stands by this batch. */
  progress(): PartitionProgress {
    const { topic, partition } = this;
    const oldest = this.#messages[this.#tracker.headIndex] ?? this.#messages.at(-1);
    return {
      topic,
      partition,
      highWatermark: Number(this.#options.payload.batch.highWatermark),
      nextOffset: this.nextOffset() ?? Number(this.#messages[0]?.offset ?? 0),
      oldestMs: Number(oldest?.timestamp ?? this.#options.nowMs),
    };
  }

  #leave(): void {
    this.#remainingCount -= 1;
    if (this.#remainingCount === 0) this.#onSettled();
  }

  #job(message: KafkaMessage, index: number): RecordJob {
    return {
      record: {
        topic: this.topic.slice(this.#options.topicPrefix.length),
        partition: this.partition,
        offset: Number(message.offset),
        timestampMs: Number(message.timestamp),
        key: message.key,
        value: message.value,
        headers: message.headers ?? {},
        isStale: this.lease.isStale,
      },
      owner: this,
      index,
      firstSeenMs: this.#options.nowMs,
      attempts: 0,
    };
  }
}
