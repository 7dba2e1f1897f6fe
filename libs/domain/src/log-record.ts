/** The topics of the log. */
export const TOPICS = {
  transactions: 'veto.transactions.v1',
  decisions: 'veto.decisions.v1',
  caseEvents: 'veto.case-events.v1',
  labels: 'veto.labels.v1',
  lists: 'veto.lists.v1',
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
}

/** A record as read back. */
export interface StoredLogRecord extends LogRecord {
  /** Position in the log: an integer that only grows; over all topics in embedded mode. */
  readonly position: number;
  /** When the log took it, ms since epoch by the log's clock. */
  readonly appendedAtMs: number;
}

/** The value of `veto.transactions.v1` as the embedded store journals it: enough to finish an orphan and to rebuild histories. */
export interface TransactionReceived {
  readonly schema: 'transaction-received.v1';
  readonly tenant_id: string;
  readonly fingerprint: string;
  readonly received_at_ms: number;
  readonly transaction: unknown;
}
