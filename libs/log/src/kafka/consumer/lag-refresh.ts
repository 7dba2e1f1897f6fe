import type { Clock } from '@veto/domain';
import type { Admin, Kafka } from 'kafkajs';
import type { LagBook } from './partition-lag';

const REFRESH_MS = 5_000;

/** Offsets of one partition, as the broker says. */
interface TopicEnd {
  readonly partition: number;
  readonly low: string;
  readonly high: string;
}

/**
 * Asks the broker now and then where the topics end: a partition that stands still, for whatever reason, is not fetched
 * from, and would otherwise look as if nothing had come in since.
 */
export class LagRefresh {
  readonly #kafka: Kafka;
  readonly #groupId: string;
  readonly #clock: Clock;
  #admin: Admin | null = null;
  #lastAtMs = performance.now();
  #running: Promise<void> | null = null;

  constructor(kafka: Kafka, options: { readonly groupId: string; readonly clock: Clock }) {
    this.#kafka = kafka;
    this.#groupId = options.groupId;
    this.#clock = options.clock;
  }

  tick(book: LagBook): void {
    const nowMs = performance.now();
    if (this.#running !== null || nowMs - this.#lastAtMs < REFRESH_MS) return;
    this.#lastAtMs = nowMs;
    this.#running = this.#refresh(book).finally(() => (this.#running = null));
  }

  async close(): Promise<void> {
    await this.#running;
    await this.#disconnect();
  }

  /** A broker that does not answer is noticed by others; the figures then stay as they are. */
  async #refresh(book: LagBook): Promise<void> {
    try {
      if (this.#admin === null) {
        this.#admin = this.#kafka.admin({ retry: { retries: 0 } });
        await this.#admin.connect();
      }
      for (const topic of book.topics()) {
        const ends = await this.#admin.fetchTopicOffsets(topic);
        const nowMs = this.#clock.nowMs();
        if (ends.some(({ partition }) => book.isUnread(topic, partition)))
          await this.#noteUnread(this.#admin, book, { topic, ends, nowMs });
        for (const { partition, high } of ends) book.reached(topic, partition, Number(high), nowMs);
      }
    } catch {
      await this.#disconnect();
    }
  }

  /**
   * A partition from which nothing has come since it is ours, for instance because somebody left a transaction open on
   * it: it stands where the group committed, else at its beginning.
   */
  async #noteUnread(
    admin: Admin,
    book: LagBook,
    of: { readonly topic: string; readonly ends: readonly TopicEnd[]; readonly nowMs: number },
  ): Promise<void> {
    const { topic, nowMs } = of;
    const [committed] = await admin.fetchOffsets({ groupId: this.#groupId, topics: [topic] });
    for (const { partition, low, high } of of.ends) {
      // A batch may have come meanwhile, and knows better.
      if (!book.isUnread(topic, partition)) continue;
      const offset = Number(committed?.partitions.find((each) => each.partition === partition)?.offset ?? -1);
      const nextOffset = Math.max(offset, Number(low));
      book.moved({ topic, partition, nextOffset, highWatermark: Number(high), oldestMs: nowMs });
    }
  }

  async #disconnect(): Promise<void> {
    const admin = this.#admin;
    this.#admin = null;
    await admin?.disconnect().catch(() => undefined);
  }
}
