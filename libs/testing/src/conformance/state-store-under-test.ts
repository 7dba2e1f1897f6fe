import { packApplied, type BeginRequest, type ClaimId, type LogRecord, type StateStore } from '@veto/domain';
import type { ManualClock } from '../builders/a-clock';
import type { Disposable } from './guarantee';

export interface StateStoreUnderTest extends Disposable {
  /** An empty store over an empty log, which reads its log by `dullHistoryEventOf`. */
  readonly store: StateStore;
  /** The store's and its log's clock. */
  readonly clock: ManualClock;
  /** Appends a committed decision to the log, as the line does; `place` is what it did to histories, and when. */
  readonly logDecision: (id: ClaimId, bytes: Uint8Array, place?: DecisionPlace) => Promise<void>;
  /** Closes the store and opens it again. */
  readonly restart: () => Promise<StateStore>;
  /** Opens what would be left if the process were killed at this moment. */
  readonly crash: () => Promise<StateStore>;
  /** Opens another store that knows nothing but the log. */
  readonly twin: () => Promise<StateStore>;
}

/** The members of a decision's log record that say what it did to histories. */
export type DecisionPlace = Required<Pick<LogRecord, 'seq' | 'epoch' | 'applied'>>;

/** What an event does to histories, and when, as its decision's log record says it. */
export function placeOf(
  request: BeginRequest,
  { epoch, seq }: { readonly epoch: number; readonly seq: number },
): DecisionPlace {
  return { epoch, seq, applied: packApplied(request) };
}
