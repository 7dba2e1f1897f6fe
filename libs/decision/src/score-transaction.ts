import { InvariantError, VetoError, type BeginResult } from '@veto/domain';
import { decisionsOnTheWay, type DecidedBytes } from './decisions-on-the-way';
import { differingFields } from './differing-fields';
import { judgeTransactions, type Begun, type Judged } from './judge-transactions';
import type { Arrival, Line, Scored } from './line';
import { beginRequestOf, prepare, type Prepared } from './prepare-arrival';
import { parseAutomaticDecision } from './record-codec';
import { roundedMs } from './rounding';

/**
 * The line, for a batch of one or more: begin → features → model → rules → decide → commit → append. Each arrival is
 * answered as if it had come alone; two with one id are told what two calls would be told.
 * @returns in order of the arrivals, when everything in it is durable
 * @throws VetoError store_unavailable | wrong_epoch | log_unavailable (retryable): ask again with the same id
 * @guarantee I1 one transaction id, one decision, the same bytes for every repetition
 * @guarantee I5 a decision is on the log before it is answered
 */
export async function scoreTransactions(
  line: Line,
  arrivals: readonly Arrival[],
): Promise<readonly Scored[]> {
  return Promise.all(await decideArrivals(line, arrivals));
}

/** The same, one step earlier: resolves when the decisions are committed and handed to the log, with an answer to come for each. */
export async function decideArrivals(
  line: Line,
  arrivals: readonly Arrival[],
): Promise<readonly Promise<Scored>[]> {
  const startedMs = line.stopwatch();
  const prepared = arrivals.map(prepare);
  const begins = await line.store.begin(prepared.map(beginRequestOf));
  const beginMs = line.stopwatch() - startedMs;
  const begun: Begun[] = [];
  begins.forEach((result, i) => {
    if (result.status === 'begun')
      begun.push(
        begunOf(line, result, { prepared: prepared[i]!, arrival: arrivals[i]!, startedMs, beginMs }),
      );
  });
  const answers = await settle(line, begun);
  let next = 0;
  return begins.map((result, i) => {
    if (result.status === 'begun') return answers[next++]!;
    return answerKnown(line, result, {
      prepared: prepared[i]!,
      enteredMs: enteredMs(arrivals[i]!, startedMs),
    });
  });
}

/** When the payment came in, by the stopwatch. */
function enteredMs({ parseMs, waitedMs = 0 }: Arrival, startedMs: number): number {
  return startedMs - parseMs - waitedMs;
}

function begunOf(
  line: Line,
  result: BeginResult & { readonly status: 'begun' },
  of: {
    readonly prepared: Prepared;
    readonly arrival: Arrival;
    readonly startedMs: number;
    readonly beginMs: number;
  },
): Begun {
  const { parseMs, waitedMs = 0, deadlineMs = line.deadlineMs } = of.arrival;
  return {
    prepared: of.prepared,
    epoch: result.epoch,
    seq: result.seq,
    histories: result.histories,
    enteredMs: enteredMs(of.arrival, of.startedMs),
    leftMs: deadlineMs - parseMs - waitedMs - of.beginMs,
    timingsMs: { parse: roundedMs(parseMs), wait: roundedMs(waitedMs), begin: roundedMs(of.beginMs) },
  };
}

/**
 * Judges what was begun, commits it, and hands the winners to the log. A mistake of our own about one payment is that
 * payment's alone: the batch is then judged one by one, which changes nothing for the others, since judging is pure.
 * @returns an answer to come for each, in order
 */
export async function settle(line: Line, begun: readonly Begun[]): Promise<readonly Promise<Scored>[]> {
  try {
    return await settleTogether(line, begun);
  } catch (error) {
    if (error instanceof VetoError) throw error;
    if (begun.length === 1) return [rejected(error)];
    const alone = await Promise.all(begun.map((one) => settle(line, [one])));
    return alone.flat();
  }
}

/** An answer that is a mistake of ours, for whoever asks for it; nobody else is told. */
function rejected(mistake: unknown): Promise<Scored> {
  const answer = Promise.reject<Scored>(
    mistake instanceof Error ? mistake : new InvariantError(String(mistake)),
  );
  answer.catch(() => undefined);
  return answer;
}

async function settleTogether(line: Line, begun: readonly Begun[]): Promise<readonly Promise<Scored>[]> {
  if (begun.length === 0) return [];
  const onTheWay = decisionsOnTheWay(line.log);
  const tickets = begun.map(({ prepared }) => onTheWay.announce(keyOf(prepared)));
  try {
    const judged = await judgeTransactions(line, begun);
    const judgedMs = line.stopwatch();
    const commits = await line.store.commit(judged.map(commitRequestOf));
    const committedMs = line.stopwatch();
    const won = judged.flatMap(({ bytes }, i) => (commits[i]!.won ? [{ ticket: tickets[i]!, bytes }] : []));
    const durable = won.length === 0 ? Promise.resolve() : onTheWay.append(won);
    // Whoever awaits an answer hears of a failure; this promise itself has no other listener.
    durable.catch(() => undefined);
    tickets.forEach((ticket, i) => {
      if (!commits[i]!.won) onTheWay.release(ticket);
    });
    return judged.map(async (one, i) => {
      const { won: isWinner, bytes } = commits[i]!;
      if (!isWinner)
        return answerDecided(line, { key: keyOf(one.begun.prepared), bytes, enteredMs: one.begun.enteredMs });
      await durable;
      return decided(line, one, { commitMs: committedMs - judgedMs, committedMs });
    });
  } catch (error) {
    tickets.forEach(onTheWay.release);
    throw error;
  }
}

const keyOf = ({ transaction }: Prepared): string => `${transaction.tenantId}|${transaction.id}`;

function commitRequestOf({ begun: { prepared }, bytes }: Judged): {
  tenantId: string;
  transactionId: string;
  bytes: Uint8Array;
} {
  return { tenantId: prepared.transaction.tenantId, transactionId: prepared.transaction.id, bytes };
}

function decided(
  line: Line,
  { begun, record, body }: Judged,
  at: { readonly commitMs: number; readonly committedMs: number },
): Scored {
  const nowMs = line.stopwatch();
  const serverTimingMs = {
    ...record.decision.timings_ms,
    commit: roundedMs(at.commitMs),
    log: roundedMs(nowMs - at.committedMs),
    total: roundedMs(nowMs - begun.enteredMs),
  };
  return { status: 'decided', body, record, replayed: false, serverTimingMs };
}

async function answerKnown(
  line: Line,
  result: Exclude<BeginResult, { status: 'begun' }>,
  { prepared, enteredMs: since }: { readonly prepared: Prepared; readonly enteredMs: number },
): Promise<Scored> {
  if (result.status === 'in_flight') return { status: 'in_flight' };
  if (result.status === 'fingerprint_mismatch') {
    return { status: 'transaction_id_reused', issues: differingFields(result.first, prepared.canonical) };
  }
  return answerDecided(line, { key: keyOf(prepared), bytes: result.bytes, enteredMs: since });
}

/** The answer to a repetition: the winner's own bytes, and not before they are on the log. */
export async function answerDecided(
  line: Line,
  { key, bytes, enteredMs: since }: DecidedBytes & { readonly enteredMs: number },
): Promise<Scored> {
  await decisionsOnTheWay(line.log).ensureDurable({ key, bytes });
  const record = parseAutomaticDecision(bytes);
  const serverTimingMs = { total: roundedMs(line.stopwatch() - since) };
  return { status: 'decided', body: JSON.stringify(record.decision), record, replayed: true, serverTimingMs };
}
