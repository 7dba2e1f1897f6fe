import { setTimeout as pause } from 'node:timers/promises';
import type { Admin, Kafka } from 'kafkajs';
import { VetoError, type LogCut, type Topic } from '@veto/domain';
import { partitionName } from './copy/copy-checkpoint';
import { isPassing } from './kafka-error';

export interface LatestCutOptions {
  readonly kafka: Kafka;
  readonly topics: readonly Topic[];
  readonly topicPrefix: string;
}

const ANSWER_WITHIN_MS = 10_000;
/** Just after a broker's start a partition may have no leader for a moment. */
const LED_WITHIN_MS = 5_000;
const ASK_AGAIN_MS = 100;
const LEAVE_MS = 1_000;

/** Asks Kafka how much its topics hold. */
export class LatestCut {
  readonly #options: LatestCutOptions;
  /** One connection for all questions; after a failure the next question makes a new one. */
  #admin: Promise<Admin> | null = null;

  constructor(options: LatestCutOptions) {
    this.#options = options;
  }

  /** @throws VetoError log_unavailable (retryable) when Kafka does not answer within 10 s */
  async fetch(): Promise<LogCut> {
    const timer = new AbortController();
    try {
      const late = pause(ANSWER_WITHIN_MS, null, { signal: timer.signal }).catch(() => null);
      const cut = await Promise.race([this.#askLeaders(timer.signal), late]);
      if (cut !== null) return cut;
      if (this.#admin !== null) this.#drop(this.#admin);
      throw new Error(`no answer within ${ANSWER_WITHIN_MS} ms`);
    } catch (error) {
      const message = `Kafka does not say how much the log holds: ${String(error)}`;
      throw new VetoError('log_unavailable', message, { retryable: true, cause: error });
    } finally {
      timer.abort();
    }
  }

  /** Asks until every partition has a leader who answers, not for long; a connection that has gone stale is made anew once. */
  async #askLeaders(signal: AbortSignal): Promise<LogCut> {
    const late = performance.now() + LED_WITHIN_MS;
    for (let mayBeStale = this.#admin !== null; ; mayBeStale = false) {
      const admin = (this.#admin ??= this.#connect());
      try {
        return await this.#ask(await admin);
      } catch (error) {
        this.#drop(admin);
        if (!(mayBeStale || isPassing(error)) || performance.now() > late || signal.aborted) throw error;
      }
      await pause(ASK_AGAIN_MS);
    }
  }

  async #ask(admin: Admin): Promise<LogCut> {
    const { topics, topicPrefix } = this.#options;
    const cut: Record<string, number> = {};
    const answers = await Promise.allSettled(
      topics.map(async (topic) => {
        for (const { partition, high } of await admin.fetchTopicOffsets(topicPrefix + topic))
          cut[partitionName(topic, partition)] = Number(high);
      }),
    );
    // All are over before one is complained of: what is still under way would connect anew behind a disconnect, for ever.
    for (const answer of answers) if (answer.status === 'rejected') throw answer.reason;
    return cut;
  }

  async #connect(): Promise<Admin> {
    const admin = this.#options.kafka.admin();
    await admin.connect();
    return admin;
  }

  /** Others may ask at the same time, and may have a new connection already: that one stays. */
  #drop(failed: Promise<Admin>): void {
    if (this.#admin === failed) this.#admin = null;
    // It failed already; that it cannot take leave in good order adds nothing.
    failed.then((admin) => admin.disconnect()).catch(() => undefined);
  }

  async close(): Promise<void> {
    const admin = this.#admin;
    this.#admin = null;
    if (admin === null) return;
    const left = admin.then((connected) => connected.disconnect()).catch(() => undefined);
    await Promise.race([left, pause(LEAVE_MS, undefined, { ref: false })]);
  }
}
