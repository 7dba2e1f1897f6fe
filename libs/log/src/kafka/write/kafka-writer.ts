import { setTimeout as pause } from 'node:timers/promises';
import { VetoError } from '@veto/domain';
import type { KafkaTrouble } from '../kafka-trouble';
import type { RoutedRecord } from '../log-message';
import { BATCH_BYTES_MAX, BATCH_RECORD_COUNT_MAX, byteLengthOf, type KafkaSender } from './kafka-sender';
import type { WriteAheadFile } from './spool';
import { SpoolDrain } from './spool-drain';

export interface KafkaWriterOptions {
  readonly sender: Pick<KafkaSender, 'send' | 'close'>;
  readonly spool: WriteAheadFile;
  readonly partitionOf: (record: RoutedRecord['record']) => number;
  /** When Kafka has not acknowledged after so long, records are kept in the write-ahead file instead. */
  readonly slowAfterMs: number;
  /** Batches of several callers begin at least so long after one another, unless one is full. */
  readonly batchIntervalMs: number;
  readonly waitingRecordCountMax: number;
  readonly waitingBytesMax: number;
  readonly onTrouble: (trouble: KafkaTrouble) => void;
}

/** One call of `append`. */
interface WaitingAppend {
  readonly records: readonly RoutedRecord[];
  readonly byteCount: number;
  readonly resolve: (offsets: readonly number[] | null) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The one way onto Kafka: everything goes through one queue and one request at a time, so that order is order. When
 * Kafka is slow or gone, the queue is emptied into the spool, and so is everything later until the spool is drained.
 */
export class KafkaWriter {
  readonly #options: KafkaWriterOptions;
  readonly #drain: SpoolDrain;
  #queue: WaitingAppend[] = [];
  #waitingRecordCount = 0;
  #waitingByteCount = 0;
  #running: Promise<void> | null = null;
  #lastBatchAtMs = -Infinity;
  /** Calls that shared the last batch: a caller who is alone does not wait for company. */
  #lastBatchCallCount = 0;
  #closed = false;

  constructor(options: KafkaWriterOptions) {
    this.#options = options;
    this.#drain = new SpoolDrain(options);
    if (!options.spool.isEmpty) this.#drain.begin(null);
  }

  /** @returns the offset of each record; null when they are in the write-ahead file only @throws VetoError log_unavailable */
  append(records: readonly RoutedRecord[]): Promise<readonly number[] | null> {
    if (this.#closed) return Promise.reject(unavailable('the log is closed'));
    const byteCount = records.reduce((sum, record) => sum + byteLengthOf(record), 0);
    const { waitingRecordCountMax, waitingBytesMax } = this.#options;
    if (
      this.#waitingRecordCount + records.length > waitingRecordCountMax ||
      this.#waitingByteCount + byteCount > waitingBytesMax
    ) {
      const waiting = `${this.#waitingRecordCount} records (${this.#waitingByteCount} bytes) wait for the log`;
      return Promise.reject(unavailable(`${waiting}, ${records.length} more (${byteCount}) are too many`));
    }
    this.#waitingRecordCount += records.length;
    this.#waitingByteCount += byteCount;
    return new Promise<readonly number[] | null>((resolve, reject) => {
      this.#queue.push({ records, byteCount, resolve, reject });
      this.#running ??= this.#run();
    }).finally(() => {
      this.#waitingRecordCount -= records.length;
      this.#waitingByteCount -= byteCount;
    });
  }

  /** Empties the queue: what came in the same turn is taken together. */
  async #run(): Promise<void> {
    await Promise.resolve();
    while (this.#queue.length > 0) {
      if (this.#options.spool.isEmpty || (await this.#drain.ends(this.#options.slowAfterMs))) {
        await this.#keepInterval();
        await this.#send(this.#take());
      } else {
        // Each call hears for itself what became of it.
        void this.#keep(this.#queue.splice(0));
      }
    }
    this.#running = null;
  }

  async #keepInterval(): Promise<void> {
    const waitMs = this.#lastBatchAtMs + this.#options.batchIntervalMs - performance.now();
    const isFull = this.#waitingRecordCount >= BATCH_RECORD_COUNT_MAX;
    if (waitMs > 0 && !isFull && this.#lastBatchCallCount > 1) await pause(waitMs);
    this.#lastBatchAtMs = performance.now();
  }

  /** Calls that fit into one request; at least one. */
  #take(): readonly WaitingAppend[] {
    let recordCount = 0;
    let byteCount = 0;
    let count = 0;
    for (const append of this.#queue) {
      recordCount += append.records.length;
      byteCount += append.byteCount;
      if (count > 0 && (recordCount > BATCH_RECORD_COUNT_MAX || byteCount > BATCH_BYTES_MAX)) break;
      count += 1;
    }
    this.#lastBatchCallCount = count;
    return this.#queue.splice(0, count);
  }

  /** Sends, and turns to the spool when there is no answer in time. */
  async #send(appends: readonly WaitingAppend[]): Promise<void> {
    const { sender, slowAfterMs, onTrouble } = this.#options;
    const sent = sender.send(appends.flatMap(({ records }) => records)).then(
      (offsets) => ({ offsets }),
      (error: unknown) => ({ error }),
    );
    const outcome = await within(sent, slowAfterMs);
    if (outcome !== null && 'offsets' in outcome) {
      settle(appends, outcome.offsets);
      return;
    }
    const detail = outcome === null ? `no answer after ${slowAfterMs} ms` : String(outcome.error);
    onTrouble({ kind: 'spooling', detail });
    const isKept = this.#keep(appends, sent);
    this.#drain.begin(
      outcome === null ? { recordCount: countOf(appends), isTaken: isTaken(sent, isKept) } : null,
    );
  }

  /**
   * Keeps the records of these calls on disk. Where the disk fails too, a request that is still on its way may yet
   * save them.
   * @returns whether all of them were kept
   */
  #keep(appends: readonly WaitingAppend[], sent: Promise<SendOutcome> | null = null): Promise<boolean> {
    let from = 0;
    const kept = appends.map((append) => {
      const offsetsFrom = from;
      from += append.records.length;
      return this.#options.spool.append(append.records.map(({ record }) => record)).then(
        () => {
          append.resolve(null);
          return true;
        },
        async (error: unknown) => {
          const outcome = await sent;
          if (outcome !== null && 'offsets' in outcome)
            append.resolve(outcome.offsets.slice(offsetsFrom, offsetsFrom + append.records.length));
          else append.reject(error);
          return false;
        },
      );
    });
    return Promise.all(kept).then((all) => all.every(Boolean));
  }

  /** Sends or keeps what waits; what is in the spool stays there for the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
    await this.#options.spool.settled();
    await this.#drain.close();
    await this.#options.sender.close();
    await this.#options.spool.close();
  }
}

type SendOutcome = { readonly offsets: readonly number[] } | { readonly error: unknown };

/** Whether a request that was too slow did arrive in the end, so that what was kept of it need not be sent again. */
async function isTaken(sent: Promise<SendOutcome>, isKept: Promise<boolean>): Promise<boolean> {
  return 'offsets' in (await sent) && (await isKept);
}

function countOf(appends: readonly WaitingAppend[]): number {
  return appends.reduce((sum, { records }) => sum + records.length, 0);
}

function settle(appends: readonly WaitingAppend[], offsets: readonly number[]): void {
  let from = 0;
  for (const { records, resolve } of appends) {
    resolve(offsets.slice(from, from + records.length));
    from += records.length;
  }
}

/** What the promise resolves with, or null after `ms`. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ms);
  });
  const first = await Promise.race([promise, late]);
  clearTimeout(timer);
  return first;
}

function unavailable(message: string): VetoError {
  return new VetoError('log_unavailable', message, { retryable: true });
}
