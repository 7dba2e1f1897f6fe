import type { Admin, Kafka } from 'kafkajs';
import type { LagBook } from './partition-lag';

const REFRESH_MS = 5_000;

/**
 * Asks the broker now and then where the topics end: a partition that stands still, for whatever reason, is not fetched
 * from, and would otherwise look as if nothing had come in since.
 */
export class LagRefresh {
  readonly #kafka: Kafka;
  #admin: Admin | null = null;
  #lastAtMs = performance.now();
  #running: Promise<void> | null = null;

  constructor(kafka: Kafka) {
    this.#kafka = kafka;
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
        for (const { partition, high } of ends) book.reached(topic, partition, Number(high));
      }
    } catch {
      await this.#disconnect();
    }
  }

  async #disconnect(): Promise<void> {
    const admin = this.#admin;
    this.#admin = null;
    await admin?.disconnect().catch(() => undefined);
  }
}
