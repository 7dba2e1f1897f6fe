import { InvariantError, VetoError } from '@veto/domain';
import type { Arrival, Line, Scored } from './line';
import { decideArrivals } from './score-transaction';
import { waitForWinner } from './wait-for-winner';

/** What a payment that nobody waits for is granted, in ms: long enough that its model answers, unless it is stuck. */
const STREAM_DEADLINE_MS = 10_000;

/** What became of one payment of a stream. */
export type Streamed =
  | Exclude<Scored, { readonly status: 'in_flight' }>
  /** It alone could not be decided: a `VetoError` that is retryable when the world is in the way, else our own mistake. */
  | { readonly status: 'failed'; readonly error: Error };

/** Where payments come in that nobody waits for, batch by batch. */
export interface StreamDoor {
  /**
   * Decides a small batch (≤ 32), by the same line as a payment that somebody waits for. Batches that are handed over
   * side by side begin in the order of the calls. Handed over a second time, each is answered as the first time.
   * @returns in order of the arrivals, when all of it is durable
   * @throws VetoError store_unavailable | wrong_epoch (retryable): hand the batch over again
   */
  decide(arrivals: readonly Arrival[]): Promise<readonly Streamed[]>;
}

/** @param options.deadlineMs for an arrival that names none; default 10 s */
export function createStreamDoor(
  line: Line | (() => Line),
  options: { readonly deadlineMs?: number } = {},
): StreamDoor {
  const deadlineMs = options.deadlineMs ?? STREAM_DEADLINE_MS;
  const lineNow = typeof line === 'function' ? line : (): Line => line;
  return {
    async decide(arrivals) {
      const current = lineNow();
      const enteredMs = current.stopwatch();
      const granted = arrivals.map((arrival) => ({ deadlineMs, ...arrival }));
      const answers = await decideArrivals(current, granted);
      return Promise.all(
        answers.map(async (answer, i): Promise<Streamed> => {
          try {
            return await finalOf(current, granted[i]!, { answer, enteredMs });
          } catch (error) {
            return {
              status: 'failed',
              error: error instanceof Error ? error : new InvariantError(String(error)),
            };
          }
        }),
      );
    },
  };
}

/** Of two deliveries of one payment at once, the second waits for the first. */
async function finalOf(
  line: Line,
  arrival: Arrival,
  of: { readonly answer: Promise<Scored>; readonly enteredMs: number },
): Promise<Streamed> {
  const scored = await of.answer;
  const final = scored.status === 'in_flight' ? await waitForWinner(line, arrival, of.enteredMs) : scored;
  if (final.status !== 'in_flight') return final;
  throw new VetoError('in_flight', 'somebody else is deciding this payment', { retryable: true });
}
