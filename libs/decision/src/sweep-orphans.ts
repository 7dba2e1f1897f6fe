import { VetoError, type ClaimId, type PendingClaim, type TenantId } from '@veto/domain';
import { decisionsOnTheWay } from './decisions-on-the-way';
import type { Begun } from './judge-transactions';
import type { Line } from './line';
import { prepare } from './prepare-arrival';
import { parseReceived } from './record-codec';
import { settle } from './score-transaction';

/**
 * Finishes what a crash or a failure left half done: ids that were begun and never committed are decided with the seq
 * and the histories that they were given, and committed decisions whose append failed are appended.
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
  for (const decided of stranded) await onTheWay.ensureDurable(decided);
  const pending = await line.store.pending({ ageMs: of.ageMs, countMax: of.countMax - stranded.length });
  const answers = await settle(
    line,
    pending.map((claim) => begunOf(line, claim)),
  );
  let finishedCount = stranded.length;
  for (const [i, answer] of (await Promise.allSettled(answers)).entries()) {
    if (answer.status === 'fulfilled') finishedCount++;
    else if (answer.reason instanceof VetoError) throw answer.reason;
    else of.onMistake(pending[i]!, answer.reason);
  }
  return finishedCount;
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
    histories,
    enteredMs: line.stopwatch(),
    leftMs: line.deadlineMs,
    timingsMs: null,
  };
}
