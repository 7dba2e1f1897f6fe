import { setTimeout as pause } from 'node:timers/promises';
import { VetoError } from '@veto/domain';
import type { KafkaTrouble } from '../kafka-trouble';
import type { RoutedRecord } from '../log-message';
import { BATCH_RECORD_COUNT_MAX, type KafkaSender } from './kafka-sender';
import type { WriteAheadFile } from './spool';

export interface SpoolDrainOptions {
  readonly sender: Pick<KafkaSender, 'send'>;
  readonly spool: WriteAheadFile;
  readonly partitionOf: (record: RoutedRecord['record']) => number;
  readonly onTrouble: (trouble: KafkaTrouble) => void;
}

/** A request that was too slow for those who waited, and may yet arrive. */
export interface SlowRequest {
  /** How many records it has; they are the first in the spool. */
  readonly recordCount: number;
  readonly isTaken: Promise<boolean>;
}

const RETRY_MS_MIN = 100;
const RETRY_MS_MAX = 1_000;

/** Passes on what lies in the spool, oldest first, until there is nothing left; tries again for ever. */
export class SpoolDrain {
  readonly #options: SpoolDrainOptions;
  #running: Promise<void> | null = null;
  readonly #closing = new AbortController();
  readonly #closed = new Promise<null>((resolve) => {
    this.#closing.signal.addEventListener('abort', () => resolve(null));
  });
  /** True once it was told that Kafka refuses the oldest batch. */
  #isRefusalTold = false;
  /** While the last records are on their way: settled when they are there, or are not. New records had better wait for that. */
  #lastBatch: Promise<void> | null = null;

  constructor(options: SpoolDrainOptions) {
    this.#options = options;
  }

  /** Starts, unless it runs. */
  begin(slow: SlowRequest | null): void {
    this.#running ??= this.#run(slow).finally(() => {
      this.#running = null;
      // Something may have been kept while the end was being tidied up.
      if (!this.#options.spool.isEmpty && !this.#closing.signal.aborted) this.begin(null);
    });
  }

  /** Waits for the end, if it is near. @returns whether the spool is empty */
  async ends(timeoutMs: number): Promise<boolean> {
    if (this.#lastBatch !== null) {
      const timer = new AbortController();
      const late = pause(timeoutMs, undefined, { signal: timer.signal }).catch(() => undefined);
      await Promise.race([this.#lastBatch, late]);
      timer.abort();
    }
    return this.#options.spool.isEmpty;
  }

  async #run(slow: SlowRequest | null): Promise<void> {
    const { spool, onTrouble } = this.#options;
    let recordCount = 0;
    if (slow !== null && (await Promise.race([slow.isTaken, this.#closed])) === true) {
      await spool.drained(slow.recordCount);
      recordCount += slow.recordCount;
    }
    let retryMs = RETRY_MS_MIN;
    let isAnswering = slow !== null && recordCount > 0;
    while (!spool.isEmpty && !this.#closing.signal.aborted) {
      const isLast = isAnswering && spool.recordCount <= BATCH_RECORD_COUNT_MAX;
      const passed = this.#passOn(isLast);
      if (isLast) this.#lastBatch = passed.then(() => undefined);
      const count = await passed;
      this.#lastBatch = null;
      isAnswering = count !== null;
      recordCount += count ?? 0;
      retryMs = isAnswering ? RETRY_MS_MIN : Math.min(retryMs * 2, RETRY_MS_MAX);
      if (!isAnswering) await this.#pause(retryMs);
    }
    if (!spool.isEmpty) return;
    onTrouble({ kind: 'drained', recordCount });
    // On a full disk there is no room for a new folder: the old one, which has nothing left, is gone on with.
    await spool.retire().catch(() => undefined);
  }

  /** Sends the next records. @returns how many; null when Kafka did not take them */
  async #passOn(isLast: boolean): Promise<number | null> {
    const { spool, sender, partitionOf, onTrouble } = this.#options;
    // New records wait in the writer's queue now, so that those still on their way to the disk are the very last.
    if (isLast) await spool.settled();
    const records = await spool.next(BATCH_RECORD_COUNT_MAX);
    try {
      const routed = records.map((record) => ({ record, partition: partitionOf(record) }));
      if ((await Promise.race([sender.send(routed), this.#closed])) === null) return null;
    } catch (error) {
      if (isRefusedForGood(error) && !this.#isRefusalTold) {
        this.#isRefusalTold = true;
        onTrouble({ kind: 'drain_refused', detail: String(error) });
      }
      return null;
    }
    this.#isRefusalTold = false;
    await spool.drained(records.length);
    return records.length;
  }

  async #pause(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.#closing.signal }).catch(() => undefined);
  }

  /** Stops, without waiting for the request that is under way: its records are sent again after the next start. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }
}

/** Kafka answered, and will answer the same to the same records: too large a batch, a missing right. */
function isRefusedForGood(error: unknown): boolean {
  const cause = error instanceof VetoError ? error.cause : null;
  return cause instanceof Error && cause.name === 'KafkaJSProtocolError';
}
