import type { StoredLogRecord } from '@veto/domain';
import type { DatedLogRecord } from '@veto/log';
import type { Chance } from './chance.spec-support';

/** What an instance has on its disk: it outlives the process. */
export class SimDisk {
  /** The write-ahead file: everything that was ever kept, and how much of it was passed on. */
  readonly spool: DatedLogRecord[] = [];
  spoolDrainedTo = 0;
  spoolMarkSyncedTo = 0;
  /** The copy of the log, and the offset of the next record of each partition. */
  readonly copy: StoredLogRecord[] = [];
  readonly copyNext = new Map<string, number>();
  /** For each partition the position of each offset. */
  readonly positions = new Map<string, number[]>();
  isFull = false;

  /** What was not synced may be gone. */
  crash(chance: Chance): void {
    if (chance.isTrue(0.5)) this.spoolDrainedTo = this.spoolMarkSyncedTo;
  }
}
