import type { LogCut, LogRecord, StoredLogRecord, Topic } from '../log-record';

/**
 * The log: the only truth. Everything else is a view of it that can be dropped and rebuilt.
 *
 * @guarantee EL1 when `append` resolves, its records are durable: a crash of the process at any later moment loses none of them
 * @guarantee EL2 records of one key are read back in the order in which `append` was called, byte for byte, at positions that only grow; a log in one process keeps that order over all keys
 * @guarantee EL3 a record that was torn by a crash is never read; what was acknowledged before it is
 * @guarantee EL4 `read` from a position returns every durable record after it exactly once, across restarts
 * @guarantee EL5 a subscriber hears of a record only when it is durable, in order, and a slow one does not hold up `append`
 * @guarantee EL6 waiting appends are bounded; beyond the bound `append` rejects with `log_unavailable`, and nothing of that call is written
 * @guarantee EL7 after `close`, `append` rejects with `log_unavailable`, and everything appended before is durable
 * @guarantee EL8 when `appendReadable` resolves with a position, what was appended can be read here, its last record at that position, after everything of the same key that was on the log before
 * @guarantee EL9 `cut` never shrinks and covers what `read` returns; `latest` covers everything acknowledged; `reached` tells whether and when the one includes the other
 * @guarantee EL10 `durability` says `wal` as long as records are durable in the local write-ahead file only, and `log` otherwise
 */
export interface EventLog {
  /**
   * Appends records in one group commit with whatever else is waiting: all or none in one process; on a broker a call
   * that rejects may have left some of its records, and whoever repeats it writes the same bytes again. The order among
   * concurrent callers is the order of the calls: the records are queued before the first `await`.
   * Without records it is a barrier: it resolves when everything appended before is durable.
   * @param options.relaxed nobody waits for these records: they may be held back for some milliseconds, or until
   *   somebody appends in earnest, so that one sync serves both. Order is kept all the same
   * @throws VetoError log_unavailable (retryable)
   */
  append(records: readonly LogRecord[], options?: { readonly relaxed?: boolean }): Promise<void>;

  /**
   * The same, and waits until what was appended can be read here, with everything of the same keys that was on the log
   * before it. Without records it waits for everything appended before.
   * @returns position of the last record, of the last readable one when there are no records; null when it is durable in the local write-ahead file only, since the broker
   *   does not answer
   * @throws VetoError log_unavailable (retryable)
   */
  appendReadable(records: readonly LogRecord[]): Promise<number | null>;

  /** Where a record that is appended now would be durable: on the log itself, or in the local write-ahead file. */
  durability(): 'log' | 'wal';

  /** What can be read here: everything before this cut. */
  cut(): LogCut;

  /** What the log holds at this moment, wherever it is read. @throws VetoError log_unavailable (retryable) */
  latest(): Promise<LogCut>;

  /** Resolves with true when everything before `cut` can be read here, with false after `timeoutMs`. */
  reached(cut: LogCut, timeoutMs: number): Promise<boolean>;

  /**
   * Durable records after `after`, oldest first.
   * @param query.topics only these; all when left out
   * @param query.recordCountMax how many records to return at most
   * @returns `to` is the position up to which the log was looked at (≥ the last record's), from which to go on
   */
  read(query: LogQuery): Promise<LogBatch>;

  /** Position of the last durable record; −1 when there is none. */
  end(): number;

  /** Calls `listener` after each group commit with the records that became durable, in order. @returns how to stop */
  subscribe(listener: (records: readonly StoredLogRecord[]) => void): () => void;

  /** Makes everything durable, and lets go of files. Idempotent. */
  close(): Promise<void>;
}

export interface LogQuery {
  readonly after: number;
  readonly recordCountMax: number;
  readonly topics?: readonly Topic[];
}

export interface LogBatch {
  readonly records: readonly StoredLogRecord[];
  readonly to: number;
}
