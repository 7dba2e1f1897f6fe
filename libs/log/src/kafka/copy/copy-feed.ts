import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Batch, Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import type { Clock, Topic } from '@veto/domain';
import { undecodableBatch, type UndecodableBatch } from '../codecs/undecodable-batch';
import type { LatestCut } from '../latest-cut';
import type { KafkaTrouble } from '../kafka-trouble';
import { recordOf } from '../log-message';
import { partitionName } from './copy-checkpoint';
import { flawOf } from './flaw-of';
import type { CopiedRecord, LogCopy } from './log-copy';

export interface CopyFeedOptions {
  readonly kafka: Kafka;
  /** Begins the name of each consumer's group. */
  readonly groupPrefix: string;
  readonly topics: readonly Topic[];
  readonly topicPrefix: string;
  readonly copy: LogCopy;
  readonly latest: Pick<LatestCut, 'fetch'>;
  readonly clock: Clock;
  readonly onTrouble: (trouble: KafkaTrouble) => void;
}

/** Without an answer to a fetch for so long, the consumer is made anew. */
const STALLED_AFTER_MS = 15_000;
const WATCH_EVERY_MS = 1_000;
const RETRY_MS_MIN = 100;
const RETRY_MS_MAX = 1_000;
const FETCH_WAIT_MS = 500;
/** A fetch that is under way is waited for, and the group told; a broker that does not answer is not. */
const LEAVE_MS = 4_000;
const ASK_AGAIN_MS = 2_000;
/**
 * A fetch that brought little is not followed by the next at once, unless somebody waits for what it would bring: each
 * costs the same, however little it brings, and that is a millisecond of CPU where there are many partitions.
 */
const GATHER_MS = 40;
const LITTLE_COUNT = 100;
/** More than there are: what one fetch brought of all partitions is one write to the disk. */
const PARTITIONS_AT_ONCE = 128;

/** Where one partition is read from, and how far it is. */
interface PartitionProgress {
  /** Offset after the last record that the broker holds, as it said with the last batch. */
  high: number;
  /** When the last copied record was appended, ms since epoch. */
  lastAppendedAtMs: number;
}

/**
 * Feeds the copy from Kafka, for as long as it is open: a consumer in a group of its own, which commits nothing, for the
 * copy itself says where to go on. A consumer that fails or stalls is replaced.
 */
export class CopyFeed {
  readonly #options: CopyFeedOptions;
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  readonly #progress = new Map<string, PartitionProgress>();
  #isBehind = false;

  constructor(options: CopyFeedOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  /** How far the copy is behind what the broker last said it holds. */
  lag(): { readonly records: number; readonly ms: number } {
    let records = 0;
    let oldestMs = Infinity;
    for (const [partition, { high, lastAppendedAtMs }] of this.#progress) {
      const missing = Math.max(0, high - this.#options.copy.nextOffset(partition));
      records += missing;
      if (missing > 0) oldestMs = Math.min(oldestMs, lastAppendedAtMs);
    }
    return { records, ms: records === 0 ? 0 : Math.max(0, this.#options.clock.nowMs() - oldestMs) };
  }

  async #run(): Promise<void> {
    let retryMs = RETRY_MS_MIN;
    while (!this.#isClosing) {
      const session = new FeedSession(this.#options, this.#progress, () => {
        retryMs = RETRY_MS_MIN;
        if (this.#isBehind) this.#options.onTrouble({ kind: 'copy_resumed' });
        this.#isBehind = false;
      });
      const reason = await session.run(this.#closing.signal);
      if (this.#isClosing) return;
      if (!this.#isBehind) this.#options.onTrouble({ kind: 'copy_behind', detail: reason });
      this.#isBehind = true;
      this.#options.copy.forgetUnwritten();
      await pause(retryMs, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      retryMs = Math.min(retryMs * 2, RETRY_MS_MAX);
    }
  }

  get #isClosing(): boolean {
    return this.#closing.signal.aborted;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }
}

/** The life of one consumer. */
class FeedSession {
  readonly #options: CopyFeedOptions;
  readonly #progress: Map<string, PartitionProgress>;
  readonly #onFetch: () => void;
  readonly #topicOf: ReadonlyMap<string, Topic>;
  readonly #consumer: Consumer;
  #end: (reason: string) => void = () => undefined;
  #lastFetchAtMs = performance.now();
  #isOver = false;

  constructor(options: CopyFeedOptions, progress: Map<string, PartitionProgress>, onFetch: () => void) {
    this.#options = options;
    this.#progress = progress;
    this.#onFetch = onFetch;
    this.#topicOf = new Map(options.topics.map((topic) => [options.topicPrefix + topic, topic]));
    this.#consumer = options.kafka.consumer({
      // A name of its own each time: a group that lost its member to a crash would hold up the next for its session.
      groupId: `${options.groupPrefix}-${randomUUID().slice(0, 8)}`,
      allowAutoTopicCreation: false,
      sessionTimeout: 10_000,
      heartbeatInterval: 2_000,
      rebalanceTimeout: 15_000,
      maxWaitTimeInMs: FETCH_WAIT_MS,
      metadataMaxAge: 30_000,
      // What lasts longer than two tries ends the session, and the next begins with a fresh consumer.
      retry: {
        retries: 1,
        initialRetryTime: 100,
        maxRetryTime: 500,
        restartOnFailure: () => Promise.resolve(false),
      },
    });
  }

  /** @returns why it ended */
  async run(signal: AbortSignal): Promise<string> {
    const ended = new Promise<string>((resolve) => {
      this.#end = resolve;
    });
    const onAbort = (): void => this.#end('closed');
    signal.addEventListener('abort', onAbort);
    const watchdog = setInterval(() => {
      if (performance.now() - this.#lastFetchAtMs > STALLED_AFTER_MS)
        this.#end(`no answer to a fetch for ${STALLED_AFTER_MS} ms`);
    }, WATCH_EVERY_MS);
    const started = this.#start().catch((error: unknown) => this.#end(String(error)));
    try {
      return await ended;
    } finally {
      this.#isOver = true;
      clearInterval(watchdog);
      signal.removeEventListener('abort', onAbort);
      await this.#leave(started);
    }
  }

  async #start(): Promise<void> {
    const { CRASH, FETCH, GROUP_JOIN, END_BATCH_PROCESS } = this.#consumer.events;
    this.#consumer.on(CRASH, ({ payload }) => this.#end(String(payload.error)));
    this.#consumer.on(FETCH, () => {
      this.#lastFetchAtMs = performance.now();
      this.#onFetch();
    });
    this.#consumer.on(GROUP_JOIN, ({ payload }) => this.#seek(payload.memberAssignment));
    this.#consumer.on(END_BATCH_PROCESS, ({ payload }) => this.#passOver(payload));
    await this.#consumer.connect();
    await this.#compare();
    if (this.#isOver) return;
    await this.#consumer.subscribe({ topics: [...this.#topicOf.keys()], fromBeginning: true });
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
      eachBatch: (payload) => this.#copyBatch(payload),
    });
  }

  /**
   * A broker that holds less than was copied from it would have the consumer begin anew, and what comes next in the
   * places of what it lost would be taken for known. A new leader may say so for a moment: it is asked twice.
   */
  async #compare(): Promise<void> {
    const { copy, onTrouble } = this.#options;
    if ((await this.#partitionsGoneBack()).length === 0) return;
    await pause(ASK_AGAIN_MS);
    for (const [partition, held] of await this.#partitionsGoneBack()) {
      onTrouble({ kind: 'log_went_back', partition, copied: copy.nextOffset(partition), held });
      copy.goBack(partition, held);
    }
  }

  async #partitionsGoneBack(): Promise<readonly (readonly [string, number])[]> {
    const { copy, latest } = this.#options;
    return Object.entries(await latest.fetch()).filter(
      ([partition, held]) => held < copy.nextOffset(partition),
    );
  }

  /** Before the first fetch after each joining: everything from where the copy ends. */
  #seek(assignment: Readonly<Record<string, readonly number[]>>): void {
    for (const [name, partitions] of Object.entries(assignment)) {
      const topic = this.#topicOf.get(name);
      if (topic === undefined) continue;
      for (const partition of partitions) {
        const offset = this.#options.copy.nextOffset(partitionName(topic, partition));
        this.#consumer.seek({ topic: name, partition, offset: String(offset) });
      }
    }
  }

  async #copyBatch({ batch, resolveOffset, isRunning, isStale }: EachBatchPayload): Promise<void> {
    const topic = this.#topicOf.get(batch.topic);
    if (topic === undefined || !isRunning() || isStale()) return;
    const partition = partitionName(topic, batch.partition);
    const records = this.#recordsOf(topic, batch);
    try {
      await this.#options.copy.take(partition, records, Number(batch.lastOffset()) + 1);
    } catch (error) {
      // The library must not see it: the session ends, and the next begins where the copy ends.
      this.#end(String(error));
      return;
    }
    resolveOffset(batch.lastOffset());
    this.#note(partition, Number(batch.highWatermark), records.at(-1)?.record.appendedAtMs);
    if (batch.messages.length < LITTLE_COUNT)
      await this.#options.copy.gather(this.#lastFetchAtMs + GATHER_MS - performance.now());
  }

  /** What of a batch belongs into the copy; what does not is told. */
  #recordsOf(topic: Topic, batch: Batch): readonly CopiedRecord[] {
    const { onTrouble } = this.#options;
    const partition = partitionName(topic, batch.partition);
    const records: CopiedRecord[] = [];
    for (const message of batch.messages) {
      const undecodable = undecodableBatch(message);
      if (undecodable !== null) {
        // Of its markers one is told, the last, which every reader of the batch sees.
        if (message.value !== null) onTrouble(skipped(partition, undecodable));
        continue;
      }
      const record = recordOf(topic, message);
      if (record === null) continue;
      const offset = Number(message.offset);
      const flaw = flawOf(record);
      if (flaw === null) records.push({ offset, record });
      else onTrouble({ kind: 'record_skipped', partition, offset, detail: flaw });
    }
    return records;
  }

  #note(partition: string, high: number, lastAppendedAtMs: number | undefined): void {
    const known = this.#progress.get(partition);
    this.#progress.set(partition, {
      high,
      lastAppendedAtMs: lastAppendedAtMs ?? known?.lastAppendedAtMs ?? this.#options.clock.nowMs(),
    });
  }

  /** Batches that hold nothing to read, of transactions that ended or were undone, are never handed over. */
  #passOver(batch: {
    readonly topic: string;
    readonly partition: number;
    readonly batchSize: number;
    readonly lastOffset: string;
  }): void {
    const topic = this.#topicOf.get(batch.topic);
    if (topic === undefined || batch.batchSize > 0) return;
    // Without records nothing is written, and nothing can fail.
    void this.#options.copy.take(partitionName(topic, batch.partition), [], Number(batch.lastOffset) + 1);
  }

  /** What is still beginning would go on after a leave that came too early. */
  async #leave(started: Promise<void>): Promise<void> {
    const left = started.then(() => this.#consumer.disconnect()).catch(() => undefined);
    await Promise.race([left, pause(LEAVE_MS, undefined, { ref: false })]);
  }
}

function skipped(
  partition: string,
  { firstOffset, lastOffset, codec, reason }: UndecodableBatch,
): KafkaTrouble {
  return { kind: 'batch_skipped', partition, firstOffset, lastOffset, detail: `${codec}: ${reason}` };
}
