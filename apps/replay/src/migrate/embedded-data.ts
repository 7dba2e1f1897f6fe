import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { historyEventOf } from '@veto/decision';
import { systemClock, TOPICS, type EventLog } from '@veto/domain';
import { openSegmentLog, type DatedLogRecord } from '@veto/log';
import { digestOf, EpochFold } from '@veto/store';
import { ClusterRecords, type Orphan } from './cluster-records';

const READ_COUNT = 2_000;

/** What a walk through the data came to. */
export interface Walked {
  readonly orphans: readonly Orphan[];
  /** Of the state that the log says; entities that nobody touches any more are in it, as they are in a cluster's. */
  readonly digest: string;
}

/** The data of a stopped server in one process, read as what a cluster's log will hold. */
export class EmbeddedData {
  readonly #log: EventLog;

  private constructor(log: EventLog) {
    this.#log = log;
  }

  /** @throws Error when there is none; VetoError log_locked while a server writes to it */
  static async open(dataDirectory: string): Promise<EmbeddedData> {
    const directory = join(dataDirectory, 'log');
    if (!existsSync(directory))
      throw new Error(`there is no log at ${directory}; name the data directory by --data`);
    return new EmbeddedData(await openSegmentLog({ directory, clock: systemClock }));
  }

  /** Positions there are. */
  get length(): number {
    return this.#log.end() + 1;
  }

  /** Hands over everything in order; the next batch waits for what `take` returns. */
  async walk(take: (records: readonly DatedLogRecord[]) => Promise<void> | void): Promise<Walked> {
    const converter = new ClusterRecords();
    const fold = new EpochFold({ historyEventOf });
    for (let after = -1; ;) {
      const { records, to } = await this.#log.read({ after, recordCountMax: READ_COUNT });
      // The journal alone, not what decisions say of themselves: the cluster's state is made of that.
      for (const record of records) if (record.topic !== TOPICS.decisions) fold.add(record);
      await take(converter.take(records));
      if (records.length === 0 && to >= this.#log.end()) break;
      after = to;
    }
    return { orphans: converter.orphans, digest: digestOf(fold.open(fold.seqMax + 1)) };
  }

  close(): Promise<void> {
    return this.#log.close();
  }
}
