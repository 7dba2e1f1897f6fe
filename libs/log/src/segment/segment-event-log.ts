import { mkdir } from 'node:fs/promises';
import {
  VetoError,
  type Clock,
  type EventLog,
  type LogBatch,
  type LogCut,
  type LogQuery,
  type LogRecord,
  type StoredLogRecord,
} from '@veto/domain';
import { cutOf, reachedCut } from '../log-cut';
import { LogListeners } from '../log-listeners';
import { AppendGroup, storedRecords, type GroupedAppend } from './append-group';
import { frameBytes } from './frame';
import { lockDirectory } from './lock-file';
import { readSegments } from './read-segments';
import { SegmentAppender } from './segment-appender';
import { loadSegments, type TornTail } from './segment-directory';
import { openFileWriter, type OpenSegmentWriter } from './segment-writer';

export interface SegmentLogOptions {
  /** Made when it is not there. One process at a time. */
  readonly directory: string;
  readonly clock: Clock;
  /** A new file is begun when the last would grow beyond this; 128 MiB. */
  readonly segmentBytesMax?: number;
  /** Records that may wait for a group commit; 65 536. */
  readonly waitingRecordCountMax?: number;
  /** Bytes that may wait for a group commit; 64 MiB. */
  readonly waitingBytesMax?: number;
  /** True when the records bring `appendedAtMs` with them, the time at which they were appended elsewhere, and keep it. */
  readonly isDated?: boolean;
  /** Told at open of the bytes that a crash tore, and where they are kept. */
  readonly onTornTail?: (torn: TornTail) => void;
}

/** How long records that nobody waits for may be held back for company, in ms. */
const RELAXED_HOLD_MS = 5;

/**
 * Opens the log that lies in a directory as segment files, or begins one.
 * @throws VetoError log_locked | log_corrupt
 */
export function openSegmentLog(options: SegmentLogOptions): Promise<EventLog> {
  return openSegmentLogWith(options, openFileWriter);
}

/** As `openSegmentLog`, over a writer of the caller's: how the tests see a disk fail. */
export async function openSegmentLogWith(
  options: SegmentLogOptions,
  openWriter: OpenSegmentWriter,
): Promise<EventLog> {
  await mkdir(options.directory, { recursive: true });
  const unlock = await lockDirectory(options.directory);
  try {
    const segments = await loadSegments(options.directory, options.onTornTail ?? (() => undefined));
    const segmentBytesMax = options.segmentBytesMax ?? 128 * 1024 * 1024;
    const appender = await SegmentAppender.open({
      directory: options.directory,
      segments,
      segmentBytesMax,
      openWriter,
    });
    return new SegmentEventLog(options, appender, unlock);
  } catch (error) {
    await unlock();
    throw error;
  }
}

class SegmentEventLog implements EventLog {
  readonly #clock: Clock;
  readonly #appender: SegmentAppender;
  readonly #unlock: () => Promise<void>;
  readonly #waitingRecordCountMax: number;
  readonly #waitingBytesMax: number;
  readonly #isDated: boolean;
  readonly #listeners = new LogListeners();
  /** Two groups take turns: one is filled while the other is written. */
  #waiting = new AppendGroup();
  #spare = new AppendGroup();
  #inFlight: AppendGroup | null = null;
  #commitScheduled: NodeJS.Immediate | null = null;
  #relaxedTimer: NodeJS.Timeout | null = null;
  #nextPosition: number;
  #end: number;
  /** Why nothing can be appended at this moment, if so. */
  #unavailable: VetoError | null = null;
  #closing: Promise<void> | null = null;
  #whenIdle: (() => void) | null = null;

  constructor(options: SegmentLogOptions, appender: SegmentAppender, unlock: () => Promise<void>) {
    this.#clock = options.clock;
    this.#appender = appender;
    this.#unlock = unlock;
    this.#waitingRecordCountMax = options.waitingRecordCountMax ?? 65_536;
    this.#waitingBytesMax = options.waitingBytesMax ?? 64 * 1024 * 1024;
    this.#isDated = options.isDated ?? false;
    this.#nextPosition = appender.nextPosition;
    this.#end = this.#nextPosition - 1;
  }

  async append(records: readonly LogRecord[], options: { readonly relaxed?: boolean } = {}): Promise<void> {
    await this.#append(records, options);
  }

  async appendReadable(records: readonly LogRecord[]): Promise<number> {
    return (await this.#append(records, {})).at(-1) ?? this.#end;
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

  #append(
    records: readonly LogRecord[],
    options: { readonly relaxed?: boolean },
  ): Promise<readonly number[]> {
    if (this.#closing !== null) return Promise.reject(unavailable('the log is closed'));
    if (this.#unavailable !== null) return Promise.reject(this.#unavailable);
    if (records.length === 0 && this.#waiting.isEmpty && this.#inFlight === null) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      let byteCount = 0;
      for (const record of records) byteCount += frameBytes(record);
      const recordCountWaiting = this.#waiting.recordCount + (this.#inFlight?.recordCount ?? 0);
      const bytesWaiting = this.#waiting.byteLength + (this.#inFlight?.byteLength ?? 0);
      if (
        recordCountWaiting + records.length > this.#waitingRecordCountMax ||
        bytesWaiting + byteCount > this.#waitingBytesMax
      ) {
        reject(
          unavailable(
            `${recordCountWaiting} records (${bytesWaiting} bytes) wait for the log, ${records.length} more (${byteCount}) are too many`,
          ),
        );
        return;
      }
      const firstPosition = this.#nextPosition;
      this.#waiting.add(
        {
          records,
          firstPosition,
          appendedAtMs: this.#clock.nowMs(),
          isDated: this.#isDated,
          resolve,
          reject,
        },
        byteCount,
      );
      this.#nextPosition += records.length;
      this.#scheduleCommit(options.relaxed === true);
    });
  }

  /** A commit begins when the current turn of the event loop has ended, so that all its appends share it. */
  #scheduleCommit(relaxed: boolean): void {
    if (this.#inFlight !== null || this.#commitScheduled !== null) return;
    if (relaxed) {
      this.#relaxedTimer ??= setTimeout(() => {
        this.#relaxedTimer = null;
        this.#scheduleCommit(false);
      }, RELAXED_HOLD_MS);
      return;
    }
    if (this.#relaxedTimer !== null) clearTimeout(this.#relaxedTimer);
    this.#relaxedTimer = null;
    this.#commitScheduled = setImmediate(() => {
      this.#commitScheduled = null;
      void this.#commitWaiting();
    });
  }

  /** Commits group after group until nothing waits. */
  async #commitWaiting(): Promise<void> {
    while (!this.#waiting.isEmpty) {
      const group = this.#waiting;
      this.#waiting = this.#spare;
      this.#spare = group;
      this.#inFlight = group;
      let settledCount = 0;
      try {
        await this.#appender.write(group, (appendCount) => {
          this.#settle(group.appends.slice(settledCount, appendCount));
          settledCount = appendCount;
        });
      } catch (error) {
        await this.#fail(group.appends.slice(settledCount), error);
      }
      group.clear();
      this.#inFlight = null;
    }
    this.#whenIdle?.();
  }

  /** These are durable: tells the listeners, then the callers. */
  #settle(appends: readonly GroupedAppend[]): void {
    for (const { records } of appends) this.#end += records.length;
    if (!this.#listeners.isEmpty) {
      const records = storedRecords(appends);
      if (records.length > 0) this.#listeners.tell(records);
    }
    for (const { records, firstPosition, resolve } of appends)
      resolve(records.map((_, i) => firstPosition + i));
  }

  /**
   * Nothing of a write that failed is acknowledged, nor of what waited behind it: its positions follow those of the
   * failed ones. The file is cut back to what is durable; where that cannot be, the log stays unavailable until reopened.
   */
  async #fail(appends: readonly GroupedAppend[], cause: unknown): Promise<void> {
    const message = `writing after position ${this.#end} failed: ${String(cause)}`;
    this.#unavailable = new VetoError('log_unavailable', message, { retryable: true, cause });
    const rejected = [...appends, ...this.#waiting.appends];
    this.#waiting.clear();
    this.#nextPosition = this.#end + 1;
    for (const { reject } of rejected) reject(this.#unavailable);
    if (await this.#appender.cutBack()) this.#unavailable = null;
  }

  read(query: LogQuery): Promise<LogBatch> {
    return readSegments(this.#appender.segments, this.#end, query);
  }

  end(): number {
    return this.#end;
  }

  subscribe(listener: (records: readonly StoredLogRecord[]) => void): () => void {
    return this.#listeners.add(listener);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#scheduleCommit(false);
    if (this.#inFlight !== null || this.#commitScheduled !== null) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
    }
    await this.#appender.close();
    await this.#unlock();
  }
}

function unavailable(message: string): VetoError {
  return new VetoError('log_unavailable', message, { retryable: true });
}
