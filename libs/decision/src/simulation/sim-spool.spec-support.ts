import { VetoError, type StoredLogRecord } from '@veto/domain';
import type { DatedLogRecord, WriteAheadFile } from '@veto/log';
import type { Chance } from './chance.spec-support';
import type { PlantedFault } from './planted-faults.spec-support';
import type { SimDisk } from './sim-disk.spec-support';
import type { Owner, VirtualTime } from './virtual-time.spec-support';

const SYNC_MS = 1.5;
/** The mark of what was passed on reaches the disk so much later. */
const MARK_SYNC_MS = 50;

export interface SimSpoolOptions {
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly owner: Owner;
  readonly disk: SimDisk;
  readonly faults: ReadonlySet<PlantedFault>;
}

/** The write-ahead file on a simulated disk: what was synced stays, what was on its way may have. */
export class SimSpool implements WriteAheadFile {
  readonly #options: SimSpoolOptions;
  #appendsUnderWay = 0;
  #syncedAtMs = 0;
  #whenSettled: (() => void)[] = [];

  constructor(options: SimSpoolOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#appendsUnderWay === 0 && this.recordCount === 0;
  }

  get recordCount(): number {
    const { spool, spoolDrainedTo } = this.#options.disk;
    return spool.length - spoolDrainedTo;
  }

  append(records: readonly DatedLogRecord[]): Promise<void> {
    const { time, chance, owner, disk, faults } = this.#options;
    if (disk.isFull) return Promise.reject(new VetoError('log_unavailable', 'ENOSPC', { retryable: true }));
    this.#appendsUnderWay += 1;
    this.#syncedAtMs = Math.max(this.#syncedAtMs, time.nowMs + chance.around(SYNC_MS));
    const reachesDisk = chance.isTrue(0.5);
    return new Promise((resolve) => {
      if (faults.has('spool_in_memory')) {
        resolve();
        this.#settle();
      }
      time.at(
        this.#syncedAtMs,
        () => {
          // A crash before the sync was over: the bytes may be there all the same.
          if (owner.isAlive || (reachesDisk && !faults.has('spool_in_memory'))) disk.spool.push(...records);
        },
        null,
      );
      time.at(
        this.#syncedAtMs,
        () => {
          if (faults.has('spool_in_memory')) return;
          this.#settle();
          resolve();
        },
        owner,
      );
    });
  }

  #settle(): void {
    this.#appendsUnderWay -= 1;
    if (this.#appendsUnderWay === 0) for (const tell of this.#whenSettled.splice(0)) tell();
  }

  async settled(): Promise<void> {
    if (this.#appendsUnderWay > 0) await new Promise<void>((resolve) => this.#whenSettled.push(resolve));
  }

  next(recordCountMax: number): Promise<readonly StoredLogRecord[]> {
    const { spool, spoolDrainedTo } = this.#options.disk;
    const records = spool.slice(spoolDrainedTo, spoolDrainedTo + recordCountMax);
    return Promise.resolve(
      records.map((record, i) => ({
        ...record,
        position: spoolDrainedTo + i,
        appendedAtMs: record.appendedAtMs ?? 0,
      })),
    );
  }

  drained(recordCount: number): Promise<void> {
    const { disk, time } = this.#options;
    disk.spoolDrainedTo += recordCount;
    const drainedTo = disk.spoolDrainedTo;
    time.after(MARK_SYNC_MS, () => (disk.spoolMarkSyncedTo = drainedTo), null);
    return Promise.resolve();
  }

  retire(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
