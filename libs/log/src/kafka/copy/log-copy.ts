import {
  cutIncludes,
  VetoError,
  type Clock,
  type EventLog,
  type LogCut,
  type StoredLogRecord,
} from '@veto/domain';
import { LogListeners } from '../../log-listeners';
import { CHECKPOINT_TOPIC } from '../../segment/frame';
import { openSegmentLogWith } from '../../segment/segment-event-log';
import { openFileWriter, type OpenSegmentWriter } from '../../segment/segment-writer';
import type { DatedLogRecord } from '../../stored-record';
import { decodeCheckpoint, encodeCheckpoint } from './copy-checkpoint';

export interface LogCopyOptions {
  readonly directory: string;
  readonly clock: Clock;
  readonly segmentBytesMax?: number;
  readonly openWriter?: OpenSegmentWriter;
}

/** A record of the broker's log, and where it lies there. */
export interface CopiedRecord {
  readonly offset: number;
  readonly record: DatedLogRecord;
}

/** A checkpoint of all partitions is written at least so often, so that the next start finds one near the end. */
const FULL_EVERY_APPENDS = 256;
const FULL_EVERY_RECORDS = 8_192;

/**
 * The local copy of the log: segment files that hold the records of every partition in the order in which they came,
 * and between them how much of each partition that is. Both are one append, so that a crash neither loses nor repeats.
 */
export class LogCopy {
  readonly log: EventLog;
  readonly listeners = new LogListeners();
  /** Offset of the next record of each partition, of what is durable here … */
  #cut: LogCut;
  /** … and of what is on its way to the disk. */
  readonly #next: Map<string, number>;
  #appendsSinceFull = Infinity;
  #recordsSinceFull = 0;
  readonly #waiting = new Set<() => void>();
  readonly #watches = new Set<PositionWatch>();
  /** Who waits for company, until somebody is in a hurry. */
  readonly #gathering = new Set<() => void>();

  /** @throws VetoError log_locked | log_corrupt */
  static async open(options: LogCopyOptions): Promise<LogCopy> {
    const { openWriter = openFileWriter, ...rest } = options;
    const log = await openSegmentLogWith(
      // The consumer hands over what one fetch brought, and waits: these bounds are above any fetch.
      { ...rest, isDated: true, waitingRecordCountMax: 4_000_000, waitingBytesMax: 256 * 1024 * 1024 },
      openWriter,
    );
    try {
      return new LogCopy(log, await lastCut(log));
    } catch (error) {
      await log.close();
      throw error;
    }
  }

  private constructor(log: EventLog, cut: LogCut) {
    this.log = log;
    this.#cut = cut;
    this.#next = new Map(Object.entries(cut));
    log.subscribe((records) => {
      this.#hear(records);
    });
  }

  /** Everything before this can be read here. */
  get cut(): LogCut {
    return this.#cut;
  }

  /** Offset of the next record of a partition that the copy takes. */
  nextOffset(partition: string): number {
    return this.#next.get(partition) ?? 0;
  }

  /**
   * Takes records of one partition, in order; those that it has are left out.
   * @param to offset after what was looked at, which may hold no records
   * @returns when they can be read
   */
  async take(partition: string, records: readonly CopiedRecord[], to: number): Promise<void> {
    const from = this.nextOffset(partition);
    const fresh = records.filter(({ offset }) => offset >= from);
    if (to <= from) return;
    this.#next.set(partition, to);
    if (fresh.length === 0) {
      // Not worth a write: after a crash it is looked at again.
      this.#advance({ [partition]: to });
      return;
    }
    const checkpoint = this.#checkpoint(partition, fresh.length);
    const appended = this.log.appendReadable([checkpoint, ...fresh.map(({ record }) => record)]);
    const last = await appended;
    if (last === null || this.#watches.size === 0) return;
    const first = last - fresh.length + 1;
    for (const watch of this.#watches)
      fresh.forEach(({ offset }, i) => watch.found(partition, offset, first + i));
  }

  /** A durable part came: the checkpoint before its records says how far the copy is with them. */
  #hear(records: readonly StoredLogRecord[]): void {
    const readable: StoredLogRecord[] = [];
    let grown: LogCut = {};
    for (const record of records) {
      if (record.topic === CHECKPOINT_TOPIC) grown = { ...grown, ...decodeCheckpoint(record.value).next };
      else readable.push(record);
    }
    this.#advance(grown, readable);
  }

  #advance(grown: LogCut, readable: readonly StoredLogRecord[] = []): void {
    this.#cut = { ...this.#cut, ...grown };
    if (readable.length > 0) this.listeners.tell(readable);
    for (const look of this.#waiting) look();
  }

  #checkpoint(partition: string, recordCount: number): DatedLogRecord {
    this.#appendsSinceFull += 1;
    this.#recordsSinceFull += recordCount;
    const isFull =
      this.#appendsSinceFull >= FULL_EVERY_APPENDS || this.#recordsSinceFull >= FULL_EVERY_RECORDS;
    if (!isFull) return encodeCheckpoint(new Map([[partition, this.nextOffset(partition)]]), false);
    this.#appendsSinceFull = 0;
    this.#recordsSinceFull = 0;
    return encodeCheckpoint(this.#next, true);
  }

  /** After a failed write: what is on its way is forgotten, and is to be brought again. */
  forgetUnwritten(): void {
    this.#next.clear();
    for (const [partition, offset] of Object.entries(this.#cut)) this.#next.set(partition, offset);
    this.#appendsSinceFull = Infinity;
  }

  /** The broker holds less of a partition than was copied: goes on from what it holds. */
  goBack(partition: string, to: number): void {
    this.#next.set(partition, to);
    this.#cut = { ...this.#cut, [partition]: to };
    this.#appendsSinceFull = Infinity;
  }

  /** Resolves with true when everything before `cut` can be read here, with false after `timeoutMs`. */
  reached(cut: LogCut, timeoutMs: number): Promise<boolean> {
    if (cutIncludes(this.#cut, cut)) return Promise.resolve(true);
    this.#hurry();
    return new Promise((resolve) => {
      const settle = (isReached: boolean): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(isReached);
      };
      const look = (): void => {
        if (cutIncludes(this.#cut, cut)) settle(true);
      };
      const timer = setTimeout(() => settle(false), timeoutMs);
      this.#waiting.add(look);
    });
  }

  /** Begins to note at which positions the records of some partitions come to lie. */
  watch(partitions: ReadonlySet<string>): PositionWatch {
    const watch = new PositionWatch(partitions, () => this.#watches.delete(watch));
    this.#watches.add(watch);
    this.#hurry();
    return watch;
  }

  #hurry(): void {
    for (const hurry of this.#gathering) hurry();
  }

  /** Resolves after `ms`, or as soon as somebody waits for a record to be readable. */
  async gather(ms: number): Promise<void> {
    if (ms <= 0 || this.#watches.size > 0 || this.#waiting.size > 0) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#gathering.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#gathering.add(done);
    });
  }

  close(): Promise<void> {
    return this.log.close();
  }
}

/** Where records come to lie, noted from before they are sent: the copy may have them before they are acknowledged. */
export class PositionWatch {
  readonly #partitions: ReadonlySet<string>;
  readonly #stop: () => void;
  readonly #positions = new Map<string, number>();
  #wanted: { readonly place: string; readonly resolve: (position: number) => void } | null = null;

  constructor(partitions: ReadonlySet<string>, stop: () => void) {
    this.#partitions = partitions;
    this.#stop = stop;
  }

  found(partition: string, offset: number, position: number): void {
    if (!this.#partitions.has(partition)) return;
    const place = `${partition}@${offset}`;
    if (this.#wanted?.place === place) this.#wanted.resolve(position);
    else if (this.#wanted === null) this.#positions.set(place, position);
  }

  /** Position of the record at an offset; null when it is not there after `timeoutMs`. */
  async positionOf(partition: string, offset: number, timeoutMs: number): Promise<number | null> {
    const place = `${partition}@${offset}`;
    const known = this.#positions.get(place);
    if (known !== undefined) return known;
    this.#positions.clear();
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(null), timeoutMs);
      const found = (position: number): void => {
        clearTimeout(timer);
        resolve(position);
      };
      this.#wanted = { place, resolve: found };
    });
  }

  stop(): void {
    this.#stop();
  }
}

/** How much of the log a copy holds: its last checkpoint of all partitions, and those of single ones after it. */
async function lastCut(log: EventLog): Promise<LogCut> {
  const end = log.end();
  if (end < 0) return {};
  for (let count = 4 * FULL_EVERY_RECORDS; ; count *= 4) {
    const from = Math.max(-1, end - count);
    const cut = await cutAfter(log, from);
    if (cut !== null) return cut;
    if (from < 0) break;
  }
  throw new VetoError('log_corrupt', `the copy has ${end + 1} records and no checkpoint`);
}

async function cutAfter(log: EventLog, from: number): Promise<LogCut | null> {
  const cut = new Map<string, number>();
  let isKnown = false;
  for (let after = from; after < log.end();) {
    const { records, to } = await log.read({ after, recordCountMax: 4_096, topics: [CHECKPOINT_TOPIC] });
    for (const { value } of records) {
      const checkpoint = decodeCheckpoint(value);
      isKnown ||= checkpoint.isFull;
      for (const [partition, offset] of Object.entries(checkpoint.next)) cut.set(partition, offset);
    }
    after = to;
  }
  return isKnown ? Object.fromEntries(cut) : null;
}
