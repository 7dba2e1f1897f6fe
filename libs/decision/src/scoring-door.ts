import { VetoError } from '@veto/domain';
import type { Arrival, Line, Scored } from './line';
import { decideArrivals } from './score-transaction';
import { waitForWinner } from './wait-for-winner';

/** Arrivals that one batch takes, at most: what a state that several instances share takes in one call. */
const BATCH_COUNT_MAX = 32;
/** Arrivals that may wait for a batch, at most; beyond it the door refuses, which costs a caller less than waiting. */
const WAITING_COUNT_MAX = 4_096;

/** Where single arrivals become batches. */
export interface ScoringDoor {
  /**
   * Scores one arrival, and waits for the winner when its id is being decided at this moment, up to its deadline.
   * @throws VetoError rate_limited (retryable) when too many wait; and what `scoreTransactions` throws
   */
  score(arrival: Arrival): Promise<Scored>;
  /** Resolves when nobody is waiting and nothing is on the way. */
  idle(): Promise<void>;
}

interface Waiting {
  readonly arrival: Arrival;
  readonly enteredMs: number;
  readonly resolve: (scored: Scored | PromiseLike<Scored>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Coalesces without waiting: a lone arrival goes at once, and while one batch is between `begin` and the log, arrivals
 * gather for the next. Batches wait for the log side by side, so that one group commit takes several of them.
 */
export function createScoringDoor(
  line: Line | (() => Line),
  options: {
    readonly batchCountMax?: number;
    readonly waitingCountMax?: number;
    /**
     * Batches between `begin` and the log at once, at most; their begins keep the order of arrival. Default 1: more pays
     * where the state is a round trip away, and only makes batches smaller where it is in the process.
     */
    readonly batchesInFlightMax?: number;
  } = {},
): ScoringDoor {
  const batchCountMax = options.batchCountMax ?? BATCH_COUNT_MAX;
  const waitingCountMax = options.waitingCountMax ?? WAITING_COUNT_MAX;
  const batchesInFlightMax = options.batchesInFlightMax ?? 1;
  const lineNow = typeof line === 'function' ? line : (): Line => line;
  let waiting: Waiting[] = [];
  let batchesInFlight = 0;
  let onTheWayCount = 0;
  let idleWaiters: (() => void)[] = [];

  function startBatches(): void {
    while (waiting.length > 0 && batchesInFlight < batchesInFlightMax) {
      const batch = waiting.slice(0, batchCountMax);
      waiting = waiting.slice(batch.length);
      batchesInFlight++;
      void pass(batch).then(() => {
        batchesInFlight--;
        startBatches();
      });
    }
  }

  async function pass(batch: readonly Waiting[]): Promise<void> {
    const current = lineNow();
    const nowMs = current.stopwatch();
    try {
      const arrivals = batch.map(({ arrival, enteredMs }) => ({ ...arrival, waitedMs: nowMs - enteredMs }));
      const answers = await decideArrivals(current, arrivals);
      batch.forEach(({ resolve }, i) => resolve(answers[i]!));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  function enter(arrival: Arrival): Promise<Scored> {
    return new Promise((resolve, reject) => {
      waiting.push({ arrival, enteredMs: lineNow().stopwatch(), resolve, reject });
      startBatches();
    });
  }

  function leave(): void {
    onTheWayCount--;
    if (onTheWayCount > 0) return;
    const waiters = idleWaiters;
    idleWaiters = [];
    // A turn later, when the callers of the last ones have been answered.
    setImmediate(() => waiters.forEach((waiter) => waiter()));
  }

  return {
    async score(arrival) {
      if (waiting.length >= waitingCountMax) {
        throw new VetoError('rate_limited', `${waiting.length} payments wait to be scored`, {
          retryable: true,
        });
      }
      onTheWayCount++;
      try {
        const enteredMs = lineNow().stopwatch();
        const scored = await enter(arrival);
        return scored.status === 'in_flight' ? await waitForWinner(lineNow(), arrival, enteredMs) : scored;
      } finally {
        leave();
      }
    },
    idle() {
      if (onTheWayCount === 0) return Promise.resolve();
      return new Promise((resolve) => {
        idleWaiters.push(resolve);
      });
    },
  };
}
