import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VetoError, type Clock, type EventLog, type StoredLogRecord } from '@veto/domain';
import { frameBytes } from '../../segment/frame';
import { openSegmentLogWith } from '../../segment/segment-event-log';
import { openFileWriter, type OpenSegmentWriter } from '../../segment/segment-writer';
import type { DatedLogRecord } from '../../stored-record';

export interface SpoolOptions {
  readonly directory: string;
  readonly clock: Clock;
  /** Bytes that may wait on disk; beyond it `append` rejects. */
  readonly bytesMax: number;
  /** How the tests see a disk fail. */
  readonly openWriter?: OpenSegmentWriter;
}

/**
 * The write-ahead file for while Kafka is away: records in order, synced to disk before `append` resolves, until they
 * have been passed on. Each outage has a folder of its own, which goes when it has been drained. The mark of what was
 * passed on is not synced: after a crash some records are passed on twice, and none is lost.
 */
export class Spool {
  readonly #options: SpoolOptions;
  #number: number;
  #log: EventLog;
  #byteCount: number;
  /** Position up to which records were passed on. */
  #drainedTo: number;
  #appendsUnderWay = 0;
  #whenSettled: (() => void)[] = [];
  /** True after a failed append: the log may have to be opened again. */
  #isDoubtful = false;
  #reopening: Promise<void> | null = null;

  static async open(options: SpoolOptions): Promise<Spool> {
    await mkdir(options.directory, { recursive: true });
    const names = await readdir(options.directory);
    for (const name of names.filter((each) => each.endsWith(DRAINED_SUFFIX)))
      await rm(join(options.directory, name), { recursive: true, force: true });
    const number = Math.max(0, ...names.filter((name) => /^\d+$/.test(name)).map(Number));
    const path = folderOf(options, number);
    const log = await openFolder(options, number);
    const mark = await readFile(join(path, MARK_FILE), 'utf8').catch(() => '-1');
    return new Spool(options, { number, log, drainedTo: Number(mark), byteCount: await bytesIn(path) });
  }

  private constructor(
    options: SpoolOptions,
    found: {
      readonly number: number;
      readonly log: EventLog;
      readonly drainedTo: number;
      readonly byteCount: number;
    },
  ) {
    this.#options = options;
    this.#number = found.number;
    this.#log = found.log;
    this.#drainedTo = found.drainedTo;
    this.#byteCount = found.byteCount;
  }

  /** Whether everything that was ever taken has been passed on. */
  get isEmpty(): boolean {
    return this.#appendsUnderWay === 0 && this.recordCount === 0;
  }

  /** Records that are durable here and were not passed on. */
  get recordCount(): number {
    return this.#log.end() - this.#drainedTo;
  }

  /** Resolves when the records are on disk. @throws VetoError log_unavailable (retryable) when the disk or the limit is full */
  async append(records: readonly DatedLogRecord[]): Promise<void> {
    this.#appendsUnderWay += 1;
    try {
      if (this.#isDoubtful) await this.#revive();
      const byteCount = records.reduce((sum, record) => sum + frameBytes(record), 0);
      if (this.#byteCount + byteCount > this.#options.bytesMax) {
        const message = `the write-ahead file holds ${this.#byteCount} bytes of at most ${this.#options.bytesMax}`;
        throw new VetoError('log_unavailable', message, { retryable: true });
      }
      this.#byteCount += byteCount;
      try {
        await this.#log.append(records);
      } catch (error) {
        this.#byteCount -= byteCount;
        this.#isDoubtful = true;
        throw error;
      }
    } finally {
      this.#appendsUnderWay -= 1;
      if (this.#appendsUnderWay === 0) for (const tell of this.#whenSettled.splice(0)) tell();
    }
  }

  /** A disk that was full takes records again by itself; after a failed sync the log must be opened again. */
  async #revive(): Promise<void> {
    this.#reopening ??= this.#reopen().finally(() => {
      this.#reopening = null;
    });
    await this.#reopening;
  }

  async #reopen(): Promise<void> {
    await this.#log.close();
    this.#log = await openFolder(this.#options, this.#number);
    this.#isDoubtful = false;
  }

  /** Resolves when no append is under way. */
  async settled(): Promise<void> {
    if (this.#appendsUnderWay === 0) return;
    await new Promise<void>((resolve) => {
      this.#whenSettled.push(resolve);
    });
  }

  /** The oldest records that were not passed on. */
  async next(recordCountMax: number): Promise<readonly StoredLogRecord[]> {
    return (await this.#log.read({ after: this.#drainedTo, recordCountMax })).records;
  }

  /**
   * So many of the oldest records were passed on. Where the disk does not take the mark, it has the one before: after a
   * restart these are sent once more, of which the first counts.
   */
  async drained(recordCount: number): Promise<void> {
    this.#drainedTo += recordCount;
    const path = join(folderOf(this.#options, this.#number), MARK_FILE);
    try {
      await writeFile(`${path}.tmp`, String(this.#drainedTo));
      await rename(`${path}.tmp`, path);
    } catch {
      // A full disk must not end the process; the next mark says this, too.
    }
  }

  /** Begins a new folder, when the old one has nothing left. What is appended meanwhile keeps the old one. */
  async retire(): Promise<void> {
    if (!this.isEmpty || this.#byteCount === 0) return;
    const number = this.#number + 1;
    const next = await openFolder(this.#options, number);
    const old = { log: this.#log, path: folderOf(this.#options, this.#number) };
    if (!this.isEmpty) {
      await next.close();
      await rm(folderOf(this.#options, number), { recursive: true, force: true });
      return;
    }
    this.#number = number;
    this.#log = next;
    this.#drainedTo = -1;
    this.#byteCount = 0;
    await old.log.close();
    // A folder that is half removed would look damaged: by this name it is known to be over.
    await rename(old.path, old.path + DRAINED_SUFFIX);
    await rm(old.path + DRAINED_SUFFIX, { recursive: true, force: true });
  }

  async close(): Promise<void> {
    await this.#log.close();
  }
}

/** What the writer asks of its write-ahead file. */
export type WriteAheadFile = Pick<
  Spool,
  'isEmpty' | 'recordCount' | 'append' | 'settled' | 'next' | 'drained' | 'retire' | 'close'
>;

const MARK_FILE = 'drained';
const DRAINED_SUFFIX = '.drained';

function folderOf({ directory }: SpoolOptions, number: number): string {
  return join(directory, String(number).padStart(8, '0'));
}

function openFolder(options: SpoolOptions, number: number): Promise<EventLog> {
  const { clock, openWriter = openFileWriter } = options;
  return openSegmentLogWith({ directory: folderOf(options, number), clock, isDated: true }, openWriter);
}

async function bytesIn(directory: string): Promise<number> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.log'));
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(directory, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
