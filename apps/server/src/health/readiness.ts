import type { Clock } from '@veto/domain';
import type { Cluster } from '../cluster/open-cluster';
import type { StreamConsumers } from '../stream/stream-consumers';

const LOOK_EVERY_MS = 250;
/** Kafka was asked so often at the start and did not answer: what this instance has is what it begins with. */
const ATTEMPT_COUNT_MAX = 20;
const REACHED_WITHIN_MS = 5_000;

/** Why this instance should not be sent anything yet, or now. */
export class Readiness {
  readonly #cluster: Cluster | null;
  readonly #consumers: () => StreamConsumers | null;
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  #hasCaughtUp: boolean;
  readonly #catchingUp: Promise<void>;

  constructor(parts: {
    readonly cluster: Cluster | null;
    readonly consumers: () => StreamConsumers | null;
    readonly clock: Clock;
  }) {
    this.#cluster = parts.cluster;
    this.#consumers = parts.consumers;
    this.#clock = parts.clock;
    this.#hasCaughtUp = parts.cluster === null;
    this.#catchingUp = this.#catchUp();
  }

  /** In words, for whoever looks; null when it is ready. */
  trouble(): string | null {
    if (!this.#hasCaughtUp)
      return `the copy of the log is ${this.#cluster?.log.lag().records ?? 0} records behind what it was at the start`;
    return this.#consumers()?.trouble(this.#clock.nowMs()) ?? null;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#catchingUp;
  }

  /** Once everything that was on the log at the start is here. With Kafka away, an instance that was here before serves from what it has. */
  async #catchUp(): Promise<void> {
    const log = this.#cluster?.log;
    if (log === undefined) return;
    let failedCount = 0;
    while (!this.#stop.signal.aborted && failedCount < ATTEMPT_COUNT_MAX) {
      try {
        const latest = await log.latest();
        while (!this.#stop.signal.aborted) {
          if (!(await log.reached(latest, REACHED_WITHIN_MS))) continue;
          this.#hasCaughtUp = true;
          return;
        }
      } catch {
        // Counted, and told of by the log's own troubles.
        failedCount += 1;
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      }
    }
    this.#hasCaughtUp = true;
  }
}
