import type { Consumer, Kafka } from 'kafkajs';

export interface GroupTimings {
  /** After this long without a heartbeat the group gives our partitions to others. */
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  /** How long the group waits for its members to come back when it shares partitions out anew. */
  readonly rebalanceTimeoutMs: number;
  /** How long a broker holds a fetch back when there is nothing to read. */
  readonly fetchWaitMs: number;
}

export const GROUP_TIMINGS: GroupTimings = {
  sessionTimeoutMs: 10_000,
  heartbeatIntervalMs: 2_000,
  rebalanceTimeoutMs: 15_000,
  fetchWaitMs: 250,
};

/** Partitions fetched from one broker whose records may be in hand at once: all of them. */
export const PARTITIONS_AT_ONCE_MAX = 256;

/** A member of a group that is never restarted behind our back. */
export function groupConsumer(kafka: Kafka, groupId: string, timings: GroupTimings): Consumer {
  return kafka.consumer({
    groupId,
    allowAutoTopicCreation: false,
    sessionTimeout: timings.sessionTimeoutMs,
    heartbeatInterval: timings.heartbeatIntervalMs,
    rebalanceTimeout: timings.rebalanceTimeoutMs,
    maxWaitTimeInMs: timings.fetchWaitMs,
    minBytes: 1,
    maxBytesPerPartition: 1024 * 1024,
    maxBytes: 8 * 1024 * 1024,
    readUncommitted: false,
    retry: {
      initialRetryTime: 100,
      multiplier: 2,
      factor: 0.2,
      maxRetryTime: 1_000,
      retries: 5,
      restartOnFailure: () => Promise.resolve(false),
    },
  });
}

/** When the group last heard of us, and when we last got an answer to a fetch. All times of a clock that only goes forward. */
export class GroupPulse {
  readonly #timings: GroupTimings;
  #lastContactMs = -Infinity;
  #lastFetchMs: number;
  #joiningSinceMs: number | null;

  constructor(timings: GroupTimings) {
    this.#timings = timings;
    this.#lastFetchMs = performance.now();
    this.#joiningSinceMs = performance.now();
  }

  follow(consumer: Consumer): void {
    const { events } = consumer;
    consumer.on(events.HEARTBEAT, () => (this.#lastContactMs = performance.now()));
    consumer.on(events.REBALANCING, () => (this.#joiningSinceMs ??= performance.now()));
    consumer.on(events.GROUP_JOIN, () => this.#joined());
    consumer.on(events.FETCH, () => this.moved());
    consumer.on(events.START_BATCH_PROCESS, () => this.moved());
    consumer.on(events.END_BATCH_PROCESS, () => this.moved());
  }

  /** Something came or went. */
  moved(): void {
    this.#lastFetchMs = performance.now();
  }

  get isJoined(): boolean {
    return this.#joiningSinceMs === null;
  }

  /** Whether the group still counts on us, as far as we can know without asking. */
  isAlive(): boolean {
    return performance.now() - this.#lastContactMs < this.#timings.sessionTimeoutMs;
  }

  /** How long nothing has come although nothing was in hand; 0 while we wait for the others to join. */
  silentMs(): number {
    const nowMs = performance.now();
    if (this.#joiningSinceMs === null) return nowMs - this.#lastFetchMs;
    return Math.max(0, nowMs - this.#joiningSinceMs - 2 * this.#timings.rebalanceTimeoutMs);
  }

  #joined(): void {
    this.#joiningSinceMs = null;
    this.#lastContactMs = performance.now();
    this.moved();
  }
}
