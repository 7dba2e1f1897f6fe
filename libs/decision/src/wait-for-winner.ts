import { answerDecided } from './answer-decided';
import type { Arrival, Line, Scored } from './line';
import { prepare } from './prepare-arrival';

/**
 * The answer of whoever is deciding this id, or `in_flight` when it does not come before the deadline.
 * @param enteredMs when it came to the door, by the stopwatch
 */
export async function waitForWinner(line: Line, arrival: Arrival, enteredMs: number): Promise<Scored> {
  const { tenantId, payload, parseMs, deadlineMs = line.deadlineMs } = arrival;
  const id = { tenantId, transactionId: payload.transaction.id };
  const leftMs = deadlineMs - parseMs - (line.stopwatch() - enteredMs);
  const bytes = (await line.store.waitFor(id, Math.max(0, leftMs))) ?? (await line.store.find(id));
  if (bytes === null) return { status: 'in_flight' };
  const prepared = prepare(arrival);
  return answerDecided(line, { prepared, bytes, isLogged: false, enteredMs: enteredMs - parseMs });
}
