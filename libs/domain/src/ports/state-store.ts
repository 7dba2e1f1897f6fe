/**
 * Who decides first, in what order, and what everybody saw: claims of transaction ids, sequence numbers, histories.
 * It knows keys and bytes, no features. Keys are `<tenant>|…`, so tenants cannot meet.
 *
 * @guarantee SS1 of any number of `begin`s for one id exactly one is `begun`, until that one is released; all others are told
 * @guarantee SS2 sequence numbers are handed out without gap or repetition, in the order of the calls, also within one batch
 * @guarantee SS3 a begun request sees, in each of its histories, exactly the records with a smaller seq (the latest `HISTORY_RECORD_COUNT_MAX` at most), oldest first
 * @guarantee SS4 n simultaneous begins on one key see 0, 1 … n − 1 records more, each number once
 * @guarantee SS5 the first `commit` of an id wins for ever; every later one receives the winner's bytes
 * @guarantee SS6 a decided id answers with the winner's bytes and the same fingerprint, however long ago and across restarts
 * @guarantee SS7 another fingerprint for a known id is refused with what was first sent, and touches no history
 * @guarantee SS8 when `appendLabel` resolves the label is durable, and every later `begin` sees its record; the same label key again changes nothing
 * @guarantee SS9 an id begun and not committed is listed by `pending` after its age, with its payload, also after a restart
 * @guarantee SS10 the bytes handed out never change afterwards
 * @guarantee SS11 state is a function of the log: two stores fed the same log have the same `digest`
 * @guarantee SS12 a crash between `commit` and the log loses no id: `pending` lists it until its place is on the log, with
 * the winner's bytes where those outlived the crash
 */
export interface StateStore {
  /**
   * Claims ids, takes sequence numbers, reads every entity's history and appends the events: one atomic step for the batch.
   * @throws VetoError store_unavailable (retryable) | wrong_epoch (retryable)
   */
  begin(requests: readonly BeginRequest[]): Promise<readonly BeginResult[]>;

  /** First writer wins. The id must have been begun. Resolves with what is now the decision, for each. */
  commit(requests: readonly CommitRequest[]): Promise<readonly CommitResult[]>;

  /** Appends a label's record to the histories of its entities, once per `labelKey`. */
  appendLabel(request: AppendLabelRequest): Promise<{ readonly seq: number; readonly duplicate: boolean }>;

  /** The winner's bytes for an id, or null when it was never decided. */
  find(id: ClaimId): Promise<Uint8Array | null>;

  /**
   * The first decision of this id on the log up to `position`, null when there is none: who won, where the shared state
   * cannot tell. Waits until the store has followed the log so far.
   */
  winnerOnLog(id: ClaimId, position: number): Promise<Uint8Array | null>;

  /** Resolves with the winner's bytes when the id is committed, or with null after `timeoutMs` or when it is not pending. */
  waitFor(id: ClaimId, timeoutMs: number): Promise<Uint8Array | null>;

  /**
   * For the sweeper: ids begun at least `ageMs` ago and still not committed, oldest first; and where several processes
   * share the state, those that one of them committed and may not have brought onto the log before it died.
   */
  pending(query: { readonly ageMs: number; readonly countMax: number }): Promise<readonly PendingClaim[]>;

  /** SHA-256 (hex) over every history in key order, each preceded by its key and a line feed. Slow; for tests and `replay`. */
  digest(): Promise<string>;

  close(): Promise<void>;
}

export interface ClaimId {
  readonly tenantId: string;
  readonly transactionId: string;
}

export interface BeginRequest extends ClaimId {
  /** `sha256:<hex>` of the canonical body. */
  readonly fingerprint: string;
  /** Whose histories are read and appended to; each starts with `<tenant>|`; no key twice. */
  readonly entityKeys: readonly string[];
  /** One history record of `HISTORY_RECORD_BYTES`, its seq not yet written; the store writes it. */
  readonly record: Uint8Array;
  /** A `TransactionReceived` as JSON: what the sweeper needs to finish an orphan. */
  readonly payload: Uint8Array;
}

export type BeginResult =
  | {
      readonly status: 'begun';
      readonly epoch: number;
      readonly seq: number;
      /** One per entity key, in order: whole records, oldest first by seq; empty = never seen. */
      readonly histories: readonly Uint8Array[];
      /**
       * True when the shared state did not answer, and this is from the process's own memory: `histories` are what it saw
       * itself, and the payment has no place in the order of things (`seq` 0). Implies `provisional`.
       */
      readonly local?: boolean;
      /** True while another instance may have decided the id unseen: the first decision on the log wins; see `winnerOnLog`. */
      readonly provisional?: boolean;
    }
  | {
      readonly status: 'decided';
      readonly bytes: Uint8Array;
      /**
       * False while nobody has seen the decision on the log, so that a crash could still lose it: whoever answers with these
       * bytes appends them first. A second append is harmless, for readers know a decision by its id. Left out = true.
       */
      readonly isLogged?: boolean;
    }
  | { readonly status: 'in_flight' }
  /** `first` is the winner's bytes when decided, else the payload that was begun. */
  | { readonly status: 'fingerprint_mismatch'; readonly first: Uint8Array };

export interface CommitRequest extends ClaimId {
  readonly bytes: Uint8Array;
}

export interface CommitResult {
  readonly won: boolean;
  readonly bytes: Uint8Array;
  /** True when the shared state did not answer, so that the first decision on the log wins; see `winnerOnLog`. */
  readonly provisional?: boolean;
}

export interface AppendLabelRequest {
  readonly tenantId: string;
  /** What makes two deliveries the same label. */
  readonly labelKey: string;
  readonly entityKeys: readonly string[];
  readonly record: Uint8Array;
  /** A `LabelRecord` as JSON. */
  readonly payload: Uint8Array;
}

export interface PendingClaim extends ClaimId {
  readonly epoch: number;
  readonly seq: number;
  readonly payload: Uint8Array;
  /** As `begin` handed them out; empty once it is committed. */
  readonly histories: readonly Uint8Array[];
  /** The winner's bytes once it is committed, when its place is not known to be on the log; `payload` is empty then. */
  readonly bytes?: Uint8Array;
}
