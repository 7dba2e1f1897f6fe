import type { Consumer, ConsumerCrashEvent, EachBatchPayload, Kafka } from 'kafkajs';
import { GroupPulse, groupConsumer, PARTITIONS_AT_ONCE_MAX, type GroupTimings } from './group-membership';
import { Lease } from './lease';
import { commitRequest, OffsetBook, type PartitionOffset } from './offset-book';
import type { PartitionBatch } from './partition-batch';

export interface ConsumerConnectionOptions {
  readonly kafka: Kafka;
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly timings: GroupTimings;
  /** Takes a batch in hand, or null when the partition is not to be read now. */
  readonly open: (payload: EachBatchPayload, lease: Lease) => PartitionBatch | null;
  /** Sets the batch's records going. */
  readonly begin: (batch: PartitionBatch) => void;
  readonly onAssigned: (partitions: ReadonlyMap<string, readonly number[]>) => void;
  /** A batch held nothing for us: the marks of transactions, or records of one that was aborted. */
  readonly onPassedOver: (place: PassedOver) => void;
  readonly onCommitFailed: (error: unknown) => void;
  /** It is over with this connection. */
  readonly onCrash: (error: Error) => void;
}

/** Where a partition goes on behind a batch that held nothing for us. */
export interface PassedOver extends PartitionOffset {
  readonly highWatermark: number;
}

const DISCONNECT_MS_MAX = 3_000;

/** One member of the group from its joining to its end. When it ends badly another takes its place; see `startConsumer`. */
export class ConsumerConnection {
  readonly pulse: GroupPulse;
  readonly #options: ConsumerConnectionOptions;
  readonly #consumer: Consumer;
  readonly #inHand = new Set<PartitionBatch>();
  readonly #offsets = new OffsetBook();
  #calls = new Set<Promise<void>>();
  /** From the latest batch; all of one connection's batches share what is behind it. */
  #lastPayload: EachBatchPayload | null = null;
  #committing: Promise<void> | null = null;
  #lossError: Error | null = null;
  #state: 'open' | 'closing' | 'over' = 'open';

  constructor(options: ConsumerConnectionOptions) {
    this.#options = options;
    this.#consumer = groupConsumer(options.kafka, options.groupId, options.timings);
    this.pulse = new GroupPulse(options.timings);
    this.pulse.follow(this.#consumer);
    const { events } = this.#consumer;
    this.#consumer.on(events.GROUP_JOIN, ({ payload }) => this.#assigned(payload.memberAssignment));
    this.#consumer.on(events.REBALANCING, () => this.#offsets.clear());
    this.#consumer.on(events.END_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize === 0) this.#passedOver(payload);
    });
    this.#consumer.on(events.CRASH, (crash) => this.#crashed(crash));
  }

  /** Resolves when the first attempt to join the group is over; a failure of it is a crash like any other. */
  async start(): Promise<void> {
    await this.#consumer.connect();
    if (this.#state !== 'open') return;
    await this.#consumer.subscribe({ topics: [...this.#options.topics], fromBeginning: true });
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: PARTITIONS_AT_ONCE_MAX,
      eachBatch: (payload) => this.#tracked(this.#take(payload)),
    });
    // It was let go of while it was still joining, and has joined only now.
    if (this.#hasEnded()) await this.#disconnect();
  }

  #hasEnded(): boolean {
    return this.#state === 'over';
  }

  get batchesInHand(): ReadonlySet<PartitionBatch> {
    return this.#inHand;
  }

  pause(topic: string, partition: number): void {
    this.#consumer.pause([{ topic, partitions: [partition] }]);
  }

  resume(topic: string, partition: number): void {
    this.#consumer.resume([{ topic, partitions: [partition] }]);
  }

  /** Tells the group that we live, while records are in hand and kafkajs does not do it. */
  async heartbeat(): Promise<void> {
    if (this.#inHand.size === 0 || this.#lastPayload === null || this.#lossError !== null) return;
    try {
      await this.#lastPayload.heartbeat();
    } catch (error) {
      // The group is sharing out anew, or has forgotten us: what is begun is finished and committed, then we join again.
      this.#lossError = error instanceof Error ? error : new Error(String(error));
      for (const batch of this.#inHand) batch.lease.close();
    }
  }

  /** Commits what is finished by now. */
  async commit(): Promise<void> {
    for (const batch of this.#inHand) this.#note(batch);
    this.#committing ??= this.#commitOnce().finally(() => (this.#committing = null));
    await this.#committing;
  }

  /** Begins nothing more, waits for what is begun but not longer than that, commits, and leaves the group. */
  async close(waitMs: number): Promise<void> {
    this.#state = 'closing';
    for (const batch of this.#inHand) batch.lease.close();
    await within(Promise.allSettled(this.#calls), waitMs);
    // Another in case that one was under way, which did not have the last of it.
    await within(
      this.commit().then(() => this.commit()),
      waitMs,
    );
    for (const batch of this.#inHand) batch.lease.lose();
    this.#state = 'over';
    await this.#disconnect();
  }

  /** Lets go of everything at once: what is in hand will be read again. */
  abandon(): void {
    this.#state = 'over';
    for (const batch of this.#inHand) batch.lease.lose();
    void this.#disconnect();
  }

  async #tracked(call: Promise<void>): Promise<void> {
    this.#calls.add(call);
    try {
      await call;
    } finally {
      this.#calls.delete(call);
    }
  }

  async #take(payload: EachBatchPayload): Promise<void> {
    if (this.#state !== 'open' || !payload.isRunning() || payload.isStale()) return;
    this.#lastPayload = payload;
    const lease = new Lease(() => this.pulse.isAlive());
    const batch = this.#options.open(payload, lease);
    if (batch === null) return;
    this.#inHand.add(batch);
    if (this.#lossError !== null) lease.close();
    this.#options.begin(batch);
    await batch.settled;
    this.#note(batch);
    this.#inHand.delete(batch);
    await this.#leave(batch, payload);
  }

  async #leave(batch: PartitionBatch, payload: EachBatchPayload): Promise<void> {
    if (this.#lossError !== null) {
      const error = this.#lossError;
      // The group takes commits of its members until it has shared out anew.
      if (!batch.lease.isStale()) await this.commit();
      if (this.#inHand.size === 0) this.#lossError = null;
      throw error;
    }
    const next = batch.nextOffset();
    if (next !== null && !batch.lease.isLost) payload.resolveOffset(String(next - 1));
  }

  #note(batch: PartitionBatch): void {
    const offset = batch.nextOffset();
    if (offset === null || batch.lease.isLost) return;
    this.#offsets.note({ topic: batch.topic, partition: batch.partition, offset });
  }

  #passedOver(of: {
    readonly topic: string;
    readonly partition: number;
    readonly lastOffset: string;
    readonly highWatermark: string;
  }): void {
    const { topic, partition } = of;
    const offset = Number(of.lastOffset) + 1;
    this.#offsets.note({ topic, partition, offset });
    this.#options.onPassedOver({ topic, partition, offset, highWatermark: Number(of.highWatermark) });
  }

  async #commitOnce(): Promise<void> {
    const offsets: readonly PartitionOffset[] = this.#offsets.uncommitted();
    if (offsets.length === 0 || this.#lastPayload === null || this.#state === 'over') return;
    try {
      // Not `consumer.commitOffsets`: it would try again after a rebalance, in the name of the new generation.
      await this.#lastPayload.commitOffsetsIfNecessary(commitRequest(offsets));
      this.#offsets.committed(offsets);
    } catch (error) {
      this.#options.onCommitFailed(error);
    }
  }

  #assigned(assignment: Readonly<Record<string, number[]>>): void {
    // Whatever is still in hand belongs to the time before: it is read again from the committed offset.
    for (const batch of this.#inHand) batch.lease.lose();
    this.#lossError = null;
    this.#offsets.clear();
    this.#options.onAssigned(new Map(Object.entries(assignment)));
  }

  #crashed({ payload }: ConsumerCrashEvent): void {
    if (this.#state === 'open') this.#options.onCrash(payload.error);
  }

  /** A broker that has stopped answering is not waited for. */
  async #disconnect(): Promise<void> {
    await within(this.#consumer.disconnect(), DISCONNECT_MS_MAX);
  }
}

/** Resolves when `work` is over, well or not, or the time is. */
async function within(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work.catch(() => undefined), tooLong]);
  clearTimeout(timer);
}
