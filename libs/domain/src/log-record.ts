/** The topics of the log. */
export const TOPICS = {
  transactions: 'veto.transactions.v1',
  decisions: 'veto.decisions.v1',
  caseEvents: 'veto.case-events.v1',
  labels: 'veto.labels.v1',
  lists: 'veto.lists.v1',
  /** When the shared state was made anew from the log, and from how much of it: one record for each epoch. */
  epochs: 'veto.epochs.v1',
} as const;
export type Topic = (typeof TOPICS)[keyof typeof TOPICS];

/** What is appended to the log. */
export interface LogRecord {
  readonly topic: Topic;
  /** `tenant|id`; records with one key keep their order. */
  readonly key: string;
  /** JSON in UTF-8. */
  readonly value: Uint8Array;
  /** Order of effect on histories, where the record has one. */
  readonly seq?: number;
  readonly epoch?: number;
  /** What this record does to histories, by `packApplied`: for rebuilds, which then need not parse the value. */
  readonly applied?: Uint8Array;
}

/**
 * How much of the log: for each `topic/partition` the offset of the first record that is not in it. A log in one
 * process has one entry, `log/0`. A partition that is missing counts as 0.
 */
export type LogCut = Readonly<Record<string, number>>;

/** True when everything before `wanted` is before `cut`. */
export function cutIncludes(cut: LogCut, wanted: LogCut): boolean {
  return Object.entries(wanted).every(([partition, offset]) => (cut[partition] ?? 0) >= offset);
}

/** A record as read back. */
export interface StoredLogRecord extends LogRecord {
  /** Position in the log: an integer that only grows; over all topics in embedded mode. */
  readonly position: number;
  /** When the log took it, ms since epoch by the log's clock. */
  readonly appendedAtMs: number;
  /** Where the record lies on the broker; left out by a log in one process, and by a local copy. */
  readonly source?: { readonly partition: number; readonly offset: number };
}

/** The value of `veto.transactions.v1` as the embedded store journals it: enough to finish an orphan and to rebuild histories. */
export interface TransactionReceived {
  readonly schema: 'transaction-received.v1';
  readonly tenant_id: string;
  readonly fingerprint: string;
  readonly received_at_ms: number;
  readonly transaction: unknown;
}

/**
 * The value of `veto.epochs.v1`, key `shard|<n>`: the shared state was made anew. What it holds when the epoch opens is a
 * function of the log: every event before `cut`, of each id once. Events that had a place in an earlier epoch come first,
 * by (epoch, seq) and with that seq, which is that of the first of the id's records that has one; those that had none
 * follow, by their own time (that of the history record) and key, numbered from `first_seq`.
 * Events of an earlier epoch that came onto the log after the cut are part of the next epoch's beginning, not of this one.
 */
export interface EpochOpened {
  readonly schema: 'epoch.v1';
  readonly shard: number;
  readonly epoch: number;
  /** Above every sequence number of earlier epochs. */
  readonly first_seq: number;
  readonly cut: LogCut;
  readonly opened_at_ms: number;
  readonly reason: 'first' | 'lost' | 'behind' | 'asked';
}
