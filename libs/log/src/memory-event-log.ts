import {
  VetoError,
  type Clock,
  type EventLog,
  type LogBatch,
  type LogCut,
  type LogQuery,
  type LogRecord,
  type StoredLogRecord,
  type Topic,
} from '@veto/domain';
import { cutOf, reachedCut } from './log-cut';
import { LogListeners } from './log-listeners';
import { storedRecord } from './stored-record';
import { RecordArena } from './record-arena';

export interface MemoryLogOptions {
  readonly clock: Clock;
  /** Topics whose records are kept for reading; the others are counted, told to subscribers and forgotten. All when left out. */
  readonly retain?: readonly Topic[];
  /** Records that may wait for the end of the current turn; beyond it `append` rejects. */
  readonly waitingRecordCountMax?: number;
}

interface WaitingAppend {
  readonly records: readonly StoredLogRecord[];
  readonly resolve: (positions: readonly number[]) => void;
}

/** A log that lasts as long as its process: for replays at full speed and for tests. "Durable" means: in it. */
export function createMemoryLog(options: MemoryLogOptions): EventLog {
  return new MemoryEventLog(options);
}

class MemoryEventLog implements EventLog {
  readonly #clock: Clock;
  readonly #retained: ReadonlySet<Topic> | null;
  readonly #waitingRecordCountMax: number;
  readonly #records = new RecordArena();
  readonly #listeners = new LogListeners();
  #waiting: WaitingAppend[] = [];
  #waitingRecordCount = 0;
  #nextPosition = 0;
  #end = -1;
  #closed = false;

  constructor(options: MemoryLogOptions) {
    this.#clock = options.clock;
    this.#retained = options.retain === undefined ? null : new Set(options.retain);
    this.#waitingRecordCountMax = options.waitingRecordCountMax ?? 65_536;
  }

  async append(records: readonly LogRecord[]): Promise<void> {
    await this.#append(records);
  }

  async appendReadable(records: readonly LogRecord[]): Promise<number> {
    return (await this.#append(records)).at(-1) ?? this.#end;
  }

  durability(): 'log' {
    return 'log';
  }

  cut(): LogCut {
    return cutOf(this.#end);
  }

  latest(): Promise<LogCut> {
    return Promise.resolve(this.cut());
  }

  reached(cut: LogCut, timeoutMs: number): Promise<boolean> {
    return reachedCut(this, cut, timeoutMs);
  }

  #append(records: readonly LogRecord[]): Promise<readonly number[]> {
    if (this.#closed)
      return Promise.reject(new VetoError('log_unavailable', 'the log is closed', { retryable: true }));
    if (this.#waitingRecordCount + records.length > this.#waitingRecordCountMax) {
      const message = `${this.#waitingRecordCount} records wait for the log, ${records.length} more are too many`;
      return Promise.reject(new VetoError('log_unavailable', message, { retryable: true }));
    }
    const appendedAtMs = this.#clock.nowMs();
    const stored = records.map((record) => storedRecord(record, this.#nextPosition++, appendedAtMs));
    this.#waitingRecordCount += stored.length;
    if (this.#waiting.length === 0) {
      queueMicrotask(() => {
        this.#commit();
      });
    }
    return new Promise((resolve) => {
      this.#waiting.push({ records: stored, resolve });
    });
  }

  /** Takes everything that waits, tells the listeners, then the callers. */
  #commit(): void {
    const appends = this.#waiting;
    this.#waiting = [];
    this.#waitingRecordCount = 0;
    this.#end = this.#nextPosition - 1;
    const committed = appends.flatMap((append) => append.records);
    for (const record of committed) {
      if (this.#retained === null || this.#retained.has(record.topic)) this.#records.add(record);
    }
    if (committed.length > 0) this.#listeners.tell(committed);
    for (const { records, resolve } of appends) resolve(records.map((record) => record.position));
  }

  read(query: LogQuery): Promise<LogBatch> {
    const end = this.#end;
    const found: StoredLogRecord[] = [];
    for (let i = this.#indexAfter(query.after); i < this.#records.length; i++) {
      if (found.length >= query.recordCountMax) {
        return Promise.resolve({ records: found, to: found.at(-1)?.position ?? query.after });
      }
      if (query.topics === undefined || query.topics.includes(this.#records.topicAt(i)))
        found.push(this.#records.at(i));
    }
    return Promise.resolve({ records: found, to: Math.max(end, query.after) });
  }

  /** Index of the first kept record with a position larger than `after`. */
  #indexAfter(after: number): number {
    let low = 0;
    let high = this.#records.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#records.positionAt(middle) > after) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  end(): number {
    return this.#end;
  }

  subscribe(listener: (records: readonly StoredLogRecord[]) => void): () => void {
    return this.#listeners.add(listener);
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#commit();
    return Promise.resolve();
  }
}
