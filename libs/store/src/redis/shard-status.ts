import type { RecoveryReason } from './shard-recovery';

/** Where a shard stands, as an operator reads it. */
export interface ShardStatus {
  readonly shard: number;
  /** `local`: Redis does not answer, or not in time. `recovering`: it answers, and its state is not (yet) to be used. */
  readonly state: 'serving' | 'local' | 'recovering';
  /** The epoch that is served, or was last; 0 = none so far. */
  readonly epoch: number;
  /** The highest sequence number seen in it. */
  readonly seq: number;
  /** True while decisions of others may be unseen, so that the first on the log wins. */
  readonly isProvisional: boolean;
  /** True while this instance makes the state anew. */
  readonly isLeading: boolean;
  /** Why the state is not used; null while it is. */
  readonly why: string | null;
}

/** What happened to a shard; for logs and counters. */
export type ShardEvent =
  | { readonly type: 'state_changed'; readonly status: ShardStatus }
  | { readonly type: 'epoch_adopted'; readonly shard: number; readonly epoch: number }
  | {
      readonly type: 'recovery_started' | 'recovery_failed' | 'epoch_opened';
      readonly shard: number;
      readonly reason: RecoveryReason;
      readonly detail: string;
    }
  /** Histories of epochs that nobody is served by any more, taken away, or still there, since Redis did not do it. */
  | {
      readonly type: 'old_histories_dropped' | 'old_histories_left';
      readonly shard: number;
      readonly detail: string;
    };
