import type {
  Clock,
  DecisionRecord,
  EventLog,
  FeatureSet,
  Issue,
  ModelScorer,
  Policy,
  StateStore,
  TenantId,
  TransactionPayload,
} from '@veto/domain';
import type { CompiledRuleset } from '@veto/rules';
import type { Durability } from './decisions-on-the-way';
import type { FailOpenBook } from './fail-open-book';
import type { ListBook } from './list-book';

/** Everything that a decision is made with. The composition root puts one together; a new model or rule set is a new line. */
export interface Line {
  readonly store: StateStore;
  readonly log: EventLog;
  /** null = there is no model here: every decision is degraded by `model`. */
  readonly scorer: ModelScorer | null;
  readonly featureSet: FeatureSet;
  readonly ruleset: CompiledRuleset;
  readonly policy: Policy;
  readonly lists: ListBook;
  /** Reviews that wait for an analyst now, of all instances as far as this one has read the log: a bound that is kept to within that. */
  openReviews(): number;
  /** What was approved by default lately. */
  readonly failOpen: FailOpenBook;
  readonly clock: Clock;
  /** ms, monotonic, with fractions; for timings only. */
  stopwatch(): number;
  /** What a caller who names no deadline grants, in ms. */
  readonly deadlineMs: number;
}

/** A validated payment at the door of the line. */
export interface Arrival {
  /** From the credential. */
  readonly tenantId: TenantId;
  readonly payload: TransactionPayload;
  readonly receivedAtMs: number;
  /** What reading and validating the body took, in ms; it counts against the deadline. */
  readonly parseMs: number;
  /** What it waited for its batch, in ms; it counts against the deadline. */
  readonly waitedMs?: number;
  readonly deadlineMs?: number;
}

/** The line's answer. */
export type Scored =
  | {
      readonly status: 'decided';
      /** The reply's JSON; the same text for every repetition of the same id. */
      readonly body: string;
      readonly record: DecisionRecord;
      /** True when the id had been decided before. */
      readonly replayed: boolean;
      /** Where it is durable: on the log, or in this instance's write-ahead file until the log answers again. */
      readonly durability: Durability;
      /** ms by stage, with what is not in the record: commit, log, total. */
      readonly serverTimingMs: Readonly<Record<string, number>>;
    }
  | { readonly status: 'in_flight' }
  /** Issues name the fields that differ from the first request, never their values. */
  | { readonly status: 'transaction_id_reused'; readonly issues: readonly Issue[] };
