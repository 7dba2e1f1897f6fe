import { invariant, type EventLog, type StoredLogRecord, type Topic } from '@veto/domain';

/** A reader who was slower than the log: what was buffered for it was dropped, and it goes on reading from the log. */
export interface TailGap {
  /** Last position that the reader was given. */
  readonly from: number;
  /** Last position on the log when the buffer was dropped. */
  readonly to: number;
}

export interface TailOptions {
  readonly log: EventLog;
  /** Last position already seen; −1 = from the beginning. */
  readonly after: number;
  readonly topics: readonly Topic[];
  /** Records in one batch, at most. */
  readonly batchCountMax: number;
  /** Records that are kept for a reader that is behind the live log; beyond it they are read from the log again. */
  readonly bufferCountMax: number;
  readonly signal: AbortSignal;
  /**
   * Called with one batch after the other, never two at once; a rejection ends the tail.
   * @param to position up to which the log has now been passed on: the cursor to resume from. A batch may be empty
   *   when only other topics moved on
   */
  readonly onBatch: (records: readonly StoredLogRecord[], to: number) => Promise<void> | void;
  /** Told when a slow reader fell back from the live stream to the log. Nothing is lost by it. */
  readonly onGap?: (gap: TailGap) => void;
}

/**
 * Follows the log: first what is on it (backfill), then, without gap or repetition (cutover), what comes (live).
 * Each record once, in order, with memory bounded by `bufferCountMax` however slow the reader is.
 * @returns when `signal` is aborted
 * @throws what `onBatch` or the log throws
 */
export async function tail(options: TailOptions): Promise<void> {
  invariant(options.batchCountMax > 0, `tail: batchCountMax ${options.batchCountMax} is not positive`);
  const feed = new LiveFeed(options);
  try {
    while (!options.signal.aborted) {
      if (feed.isLive) await feed.deliver();
      else await feed.backfill();
    }
  } finally {
    feed.stop();
  }
}

/** What one tail knows: how far the reader is, and, when it has caught up, what waits for it. */
class LiveFeed {
  readonly #options: TailOptions;
  readonly #topics: ReadonlySet<Topic>;
  readonly #unsubscribe: () => void;
  readonly #onAbort = (): void => {
    this.#wake?.();
  };
  /** Last position passed on to the reader. */
  #cursor: number;
  /** Last position that the log told of. */
  #heardTo: number;
  /** Records after the cursor, when live; null while the reader catches up from the log. */
  #buffer: StoredLogRecord[] | null = null;
  #wake: (() => void) | null = null;

  constructor(options: TailOptions) {
    this.#options = options;
    this.#topics = new Set(options.topics);
    this.#cursor = options.after;
    this.#heardTo = options.log.end();
    this.#unsubscribe = options.log.subscribe((records) => {
      this.#hear(records);
    });
    options.signal.addEventListener('abort', this.#onAbort);
  }

  get isLive(): boolean {
    return this.#buffer !== null;
  }

  #hear(records: readonly StoredLogRecord[]): void {
    this.#heardTo = records.at(-1)?.position ?? this.#heardTo;
    if (this.#buffer !== null) {
      for (const record of records) {
        if (record.position > this.#cursor && this.#topics.has(record.topic)) this.#buffer.push(record);
      }
      if (this.#buffer.length > this.#options.bufferCountMax) {
        this.#buffer = null;
        this.#options.onGap?.({ from: this.#cursor, to: this.#heardTo });
      }
    }
    this.#wake?.();
  }

  /** Passes on one batch from the log; goes live when there is nothing left on it. */
  async backfill(): Promise<void> {
    const { log, topics, batchCountMax, onBatch } = this.#options;
    const { records, to } = await log.read({ after: this.#cursor, recordCountMax: batchCountMax, topics });
    if (this.#options.signal.aborted) return;
    const moved = to > this.#cursor;
    this.#cursor = Math.max(to, this.#cursor);
    if (moved) await onBatch(records, this.#cursor);
    // Nothing can be appended between this comparison and the assignment: from here on the listener fills the buffer.
    if (this.#cursor >= Math.max(this.#heardTo, log.end())) this.#buffer = [];
  }

  /** Passes on one batch from the buffer, or waits until there is something. */
  async deliver(): Promise<void> {
    const buffer = this.#buffer ?? [];
    if (buffer.length === 0 && this.#heardTo <= this.#cursor) {
      await this.#nextWake();
      return;
    }
    const batch = buffer.splice(0, this.#options.batchCountMax);
    // With the buffer empty, everything that the log told of has been looked at, whatever its topic.
    this.#cursor = buffer.length === 0 ? this.#heardTo : (batch.at(-1)?.position ?? this.#cursor);
    await this.#options.onBatch(batch, this.#cursor);
  }

  #nextWake(): Promise<void> {
    if (this.#options.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = null;
        resolve();
      };
    });
  }

  stop(): void {
    this.#unsubscribe();
    this.#options.signal.removeEventListener('abort', this.#onAbort);
  }
}
