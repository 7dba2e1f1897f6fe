import { decisionLogRecord, type Place } from './decision-log-record';
import { decisionsOnTheWay, type Winner } from './decisions-on-the-way';
import { differingFields } from './differing-fields';
import type { Line, Scored } from './line';
import type { Prepared } from './prepare-arrival';
import { parseAutomaticDecision } from './record-codec';
import { roundedMs } from './rounding';

/**
 * The answer about an id that was decided as `bytes`: the decision that stands, and not before it is durable.
 * @param of.isLogged true when the bytes were read from the log, so that they are what stands
 * @param of.place where this attempt's own event lies in the order, when it has begun the id
 * @param of.enteredMs when the payment came in, by the stopwatch
 */
export async function answerDecided(
  line: Line,
  of: {
    readonly prepared: Prepared;
    readonly bytes: Uint8Array;
    readonly isLogged: boolean;
    readonly place?: Place;
    readonly enteredMs: number;
  },
): Promise<Scored> {
  const { prepared, bytes, enteredMs } = of;
  const id = { tenantId: prepared.transaction.tenantId, transactionId: prepared.transaction.id };
  const winner: Winner = of.isLogged
    ? { bytes, durability: 'log' }
    : await decisionsOnTheWay(line.log).winner({ id, bytes }, line.store);
  if (of.place !== undefined) await tellOfPlace(line, { prepared, place: of.place, bytes: winner.bytes });
  return answerStanding(line, { prepared, winner, enteredMs });
}

/** The event of an attempt that lost lies in histories, too: where its place is not the winner's, the log must tell of it. */
async function tellOfPlace(
  line: Line,
  of: { readonly prepared: Prepared; readonly place: Place; readonly bytes: Uint8Array },
): Promise<void> {
  const { prepared, place, bytes } = of;
  const winner = parseAutomaticDecision(bytes);
  if (place.seq === 0 || (place.seq === winner.seq && place.epoch === winner.epoch)) return;
  await line.log.append([decisionLogRecord(prepared, place, bytes)]);
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
