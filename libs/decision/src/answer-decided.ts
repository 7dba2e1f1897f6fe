import { decisionsOnTheWay, type Winner } from './decisions-on-the-way';
import { differingFields } from './differing-fields';
import type { Line, Scored } from './line';
import type { Prepared } from './prepare-arrival';
import { parseAutomaticDecision } from './record-codec';
import { roundedMs } from './rounding';

/**
 * The answer about an id that was decided as `bytes`: the decision that stands, and not before it is durable.
 * @param of.isLogged true when the bytes were read from the log, so that they are what stands
 * @param of.enteredMs when the payment came in, by the stopwatch
 */
export async function answerDecided(
  line: Line,
  of: {
    readonly prepared: Prepared;
    readonly bytes: Uint8Array;
    readonly isLogged: boolean;
    readonly enteredMs: number;
  },
): Promise<Scored> {
  const { prepared, bytes, enteredMs } = of;
  const id = { tenantId: prepared.transaction.tenantId, transactionId: prepared.transaction.id };
  const winner: Winner = of.isLogged
    ? { bytes, durability: 'log' }
    : await decisionsOnTheWay(line.log).winner({ id, bytes }, line.store);
  return answerStanding(line, { prepared, winner, enteredMs });
}

/** The answer to a repetition: the winner's own bytes. It may have been another payment with the same id that won. */
export function answerStanding(
  line: Line,
  of: { readonly prepared: Prepared; readonly winner: Winner; readonly enteredMs: number },
): Scored {
  const { bytes, durability } = of.winner;
  const record = parseAutomaticDecision(bytes);
  if (record.fingerprint !== of.prepared.fingerprint)
    return { status: 'transaction_id_reused', issues: differingFields(bytes, of.prepared.canonical) };
  const body = JSON.stringify(record.decision);
  const serverTimingMs = { total: roundedMs(line.stopwatch() - of.enteredMs) };
  return { status: 'decided', body, record, replayed: true, durability, serverTimingMs };
}
