import {
  cutIncludes,
  VetoError,
  type EventLog,
  type LogBatch,
  type LogCut,
  type LogQuery,
  type LogRecord,
  type StoredLogRecord,
} from '@veto/domain';
import {
  eventLogConformance,
  eventLogGuarantees,
  WAITING_RECORD_COUNT_MAX,
  type EventLogUnderTest,
} from './event-log-conformance';

const closedError = new VetoError('log_unavailable', 'closed');

/** The plainest thing that keeps the promises. `disk` outlives it. */
class PlainLog implements EventLog {
  protected readonly listeners = new Set<(records: readonly StoredLogRecord[]) => void>();
  protected waiting: { records: StoredLogRecord[]; done: () => void }[] = [];
  protected closed = false;
  protected durable: number;

  constructor(readonly disk: StoredLogRecord[]) {
    this.durable = disk.length;
  }

  append(records: readonly LogRecord[]): Promise<void> {
    const waitingCount = this.waiting.reduce((sum, append) => sum + append.records.length, 0);
    if (this.closed || waitingCount + records.length > WAITING_RECORD_COUNT_MAX)
      return Promise.reject(closedError);
    const first = this.durable + waitingCount;
    const stored = records.map((record, i) => ({ ...record, position: first + i, appendedAtMs: 0 }));
    setImmediate(() => {
      this.commit();
    });
    return new Promise((done) => {
      this.waiting.push({ records: stored, done });
    });
  }

  protected commit(): void {
    const appends = this.waiting;
    this.waiting = [];
    const records = appends.flatMap((append) => append.records);
    this.disk.push(...records);
    this.durable = this.disk.length;
    if (records.length > 0) for (const listener of this.listeners) listener(records);
    for (const append of appends) append.done();
  }

  async appendReadable(records: readonly LogRecord[]): Promise<number | null> {
    await this.append(records);
    return this.end();
  }

  durability(): 'log' | 'wal' {
    return 'log';
  }

  cut(): LogCut {
    return { 'log/0': this.durable };
  }

  latest(): Promise<LogCut> {
    return Promise.resolve(this.cut());
  }

  async reached(cut: LogCut, timeoutMs: number): Promise<boolean> {
    for (const until = Date.now() + timeoutMs; Date.now() < until && !cutIncludes(this.cut(), cut);)
      await new Promise((resolve) => setTimeout(resolve, 1));
    return cutIncludes(this.cut(), cut);
  }

  read({ after, recordCountMax, topics }: LogQuery): Promise<LogBatch> {
    const found = this.disk.filter(
      ({ position, topic }) => position > after && (topics?.includes(topic) ?? true),
    );
    const records = found.slice(0, recordCountMax);
    const to = found.length > recordCountMax ? (records.at(-1)?.position ?? after) : this.end();
    return Promise.resolve({ records, to });
  }

  end(): number {
    return this.durable - 1;
  }

  subscribe(listener: (records: readonly StoredLogRecord[]) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close(): Promise<void> {
    this.closed = true;
    this.commit();
    return Promise.resolve();
  }
}

function underTest(
  log: PlainLog,
  reopened: (disk: StoredLogRecord[]) => PlainLog = (disk) => new PlainLog(disk),
): EventLogUnderTest {
  return {
    log,
    order: 'total',
    settled: () => Promise.resolve(),
    reopen: async () => {
      await log.close();
      return reopened([...log.disk]);
    },
    crash: () => Promise.resolve(reopened([...log.disk])),
    // Its last append was of two records, and is all or nothing.
    tear: () => Promise.resolve(reopened(log.disk.slice(0, -2))),
    sever: null,
    dispose: () => log.close(),
  };
}

eventLogConformance('a plain log', () => Promise.resolve(underTest(new PlainLog([]))));

/** For each guarantee a log that breaks it, and as little else as can be. */
const BREAKERS: Readonly<Record<string, () => EventLogUnderTest>> = {
  EL1: () => underTest(new PlainLog([]), (disk) => new PlainLog(disk.slice(0, -1))),
  EL2: () =>
    underTest(
      new (class extends PlainLog {
        protected override commit(): void {
          this.waiting.reverse();
          super.commit();
        }
      })([]),
    ),
  EL3: () => {
    const log = new PlainLog([]);
    return { ...underTest(log), tear: () => Promise.resolve(new PlainLog(log.disk.slice(0, -1))) };
  },
  EL4: () =>
    underTest(new PlainLog([]), (disk) => {
      const log = new PlainLog(disk);
      // Off by one at the end of a full batch: a record is skipped.
      log.read = async (query) => {
        const batch = await PlainLog.prototype.read.call(log, query);
        return batch.to < log.end() ? { ...batch, to: batch.to + 1 } : batch;
      };
      return log;
    }),
  EL5: () =>
    underTest(
      new (class extends PlainLog {
        override append(records: readonly LogRecord[]): Promise<void> {
          // Tells before it is so.
          for (const listener of this.listeners) {
            listener(
              records.map((record, i) => ({ ...record, position: this.end() + 1 + i, appendedAtMs: 0 })),
            );
          }
          return super.append(records);
        }
      })([]),
    ),
  EL6: () =>
    underTest(
      new (class extends PlainLog {
        override append(records: readonly LogRecord[]): Promise<void> {
          const refused = super.append(records);
          return refused.catch((error: unknown) => {
            this.disk.push(
              ...records.map((record) => ({ ...record, position: this.disk.length, appendedAtMs: 0 })),
            );
            throw error;
          });
        }
      })([]),
    ),
  EL7: () =>
    underTest(
      new (class extends PlainLog {
        override close(): Promise<void> {
          this.commit();
          return Promise.resolve();
        }
      })([]),
    ),
  EL8: () =>
    underTest(
      new (class extends PlainLog {
        // The position of the first of the call's records, not of its last.
        override async appendReadable(records: readonly LogRecord[]): Promise<number | null> {
          await this.append(records);
          return this.end() - records.length + 1;
        }
      })([]),
    ),
  EL9: () =>
    underTest(
      new (class extends PlainLog {
        // Looks once, and does not wait.
        override reached(cut: LogCut): Promise<boolean> {
          return Promise.resolve(cutIncludes(this.cut(), cut));
        }
      })([]),
    ),
  EL10: () =>
    underTest(
      new (class extends PlainLog {
        override durability(): 'wal' {
          return 'wal';
        }
      })([]),
    ),
};

describe('the suite of the event log', () => {
  it.each(eventLogGuarantees)('sees when $id is broken', async ({ id, check }) => {
    const breaker = BREAKERS[id];
    expect(breaker).toBeDefined();
    await expect(check(breaker!())).rejects.toThrow();
  });
});
