import { VetoError, type ClaimId, type PendingClaim, type TenantId } from '@veto/domain';
import { decisionLogRecord, preparedOf, type Place } from './decision-log-record';
import { decisionsOnTheWay } from './decisions-on-the-way';
import type { Begun } from './judge-transactions';
import type { Line } from './line';
import { prepare, type Prepared } from './prepare-arrival';
import { parseReceived } from './record-codec';
import { settle } from './score-transaction';

/**
 * Finishes what a crash or a failure left half done: ids that were begun and never committed are decided with the seq
 * and the histories that they were given, and committed decisions that did not come onto the log are appended. An id that
 * was decided elsewhere meanwhile keeps that decision, which then goes onto the log once more, with the orphan's place:
 * its event lies in the histories, so the log must tell of it.
 * @param of.ageMs how long an id must have been pending; above the deadline, so that nobody is at work on it
 * @param of.onMistake told of an id that we fail to decide by a mistake of our own; it stays pending, and the others go on
 * @returns how many it brought onto the log
 * @throws VetoError store_unavailable | log_unavailable (retryable)
 */
export async function sweepOrphans(
  line: Line,
  of: {
    readonly ageMs: number;
    readonly countMax: number;
    readonly onMistake: (id: ClaimId, mistake: unknown) => void;
  },
): Promise<number> {
  const onTheWay = decisionsOnTheWay(line.log);
  const stranded = onTheWay.stranded().slice(0, of.countMax);
  // Side by side: what the log takes in one commit.
  const brought = await Promise.allSettled(stranded.map((decided) => onTheWay.winner(decided, line.store)));
  for (const outcome of brought) if (outcome.status === 'rejected') throw outcome.reason;
  const pending = (
    await line.store.pending({ ageMs: of.ageMs, countMax: of.countMax - stranded.length })
  ).filter(({ bytes }) => bytes === undefined || canReachLog(line));
  const finished = await Promise.allSettled(await finish(line, pending));
  let finishedCount = stranded.length;
  for (const [i, outcome] of finished.entries()) {
    if (outcome.status === 'fulfilled') finishedCount++;
    else if (outcome.reason instanceof VetoError) throw outcome.reason;
    else of.onMistake(pending[i]!, outcome.reason);
  }
  return finishedCount;
}

/** @returns for each, in order, a promise that resolves when its decision is durable */
async function finish(line: Line, pending: readonly PendingClaim[]): Promise<readonly Promise<unknown>[]> {
  const orphans = await Promise.all(pending.map((claim) => orphanOf(line, claim)));
  const undecided = orphans.flatMap((orphan) => ('begun' in orphan ? [orphan.begun] : []));
  const answers = await settle(line, undecided);
  let next = 0;
  return orphans.map((orphan): Promise<unknown> => {
    if ('mistake' in orphan) return Promise.reject(orphan.mistake);
    return 'begun' in orphan ? answers[next++]! : place(line, orphan);
  });
}

/** What is committed may lie in the write-ahead file of somebody who lives: in ours it would only be once more. */
function canReachLog({ log }: Line): boolean {
  return log.durability() === 'log';
}

/** An id's decision, and the place that the log must tell of. */
interface Placed extends Place {
  readonly prepared: Prepared;
  readonly winner: Uint8Array;
}

/** A claim made ready, with what the log says of its id; or why it cannot be. */
type Orphan = { readonly begun: Begun } | Placed | { readonly mistake: Error };

async function orphanOf(line: Line, claim: PendingClaim): Promise<Orphan> {
  try {
    const winner = await line.store.winnerOnLog(claim, line.log.end());
    const { epoch, seq, bytes } = claim;
    if (bytes !== undefined) return { prepared: preparedOf(bytes), epoch, seq, winner: winner ?? bytes };
    const begun = begunOf(line, claim);
    return winner === null ? { begun } : { prepared: begun.prepared, epoch, seq, winner };
  } catch (error) {
    if (error instanceof VetoError || !(error instanceof Error)) throw error;
    return { mistake: error };
  }
}

/** Gives an orphan the decision that its id has, and that decision the orphan's place. */
async function place(line: Line, { prepared, epoch, seq, winner }: Placed): Promise<void> {
  const { tenantId, id: transactionId } = prepared.transaction;
  // First onto the log: while it is pending, somebody will come back to it.
  await line.log.append([decisionLogRecord(prepared, { epoch, seq }, winner)]);
  await line.store.commit([{ tenantId, transactionId, bytes: winner }]);
}

function begunOf(line: Line, { epoch, seq, payload, histories }: PendingClaim): Begun {
  const received = parseReceived(payload);
  const prepared = prepare({
    tenantId: received.tenant_id as TenantId,
    payload: received.transaction,
    receivedAtMs: received.received_at_ms,
  });
  return {
    prepared,
    epoch,
    seq,
    isLocal: seq === 0,
    isProvisional: seq === 0,
    histories,
    enteredMs: line.stopwatch(),
    leftMs: line.deadlineMs,
    timingsMs: null,
  };
}
