import { InvariantError, VetoError, type BeginResult, type ClaimId, type CommitResult } from '@veto/domain';
import { answerDecided, answerStanding } from './answer-decided';
import { decisionLogRecord } from './decision-log-record';
import {
  decisionsOnTheWay,
  type Durability,
  type Ticket,
  type Winner,
  type Won,
} from './decisions-on-the-way';
import { differingFields } from './differing-fields';
import { judgeTransactions, type Begun, type Judged } from './judge-transactions';
import type { Arrival, Line, Scored } from './line';
import { beginRequestOf, prepare, type Prepared } from './prepare-arrival';
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
  decisionsOnTheWay(line.log).requireRoom();
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
    isLocal: result.local ?? false,
    isProvisional: result.provisional ?? result.local ?? false,
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
  const tickets = begun.map(({ prepared }) => onTheWay.announce(idOf(prepared)));
  try {
    const judged = await judgeTransactions(line, begun);
    const judgedMs = line.stopwatch();
    const commits = await line.store.commit(judged.map(commitRequestOf));
    const committedMs = line.stopwatch();
    const toLog = handToLog(
      line,
      judged.map((one, i) => ({ one, ticket: tickets[i]!, commit: commits[i]! })),
    );
    return judged.map(async (one, i) => {
      const { won, bytes } = commits[i]!;
      const { prepared, enteredMs: since } = one.begun;
      if (!won)
        return answerDecided(line, { prepared, bytes, isLogged: false, place: one.begun, enteredMs: since });
      const winner = await toLog(tickets[i]!);
      if (winner.bytes !== null && !isSame(winner.bytes, one.bytes))
        return answerStanding(line, {
          prepared,
          winner: { ...winner, bytes: winner.bytes },
          enteredMs: since,
        });
      const { durability } = winner;
      return decided(line, one, { commitMs: committedMs - judgedMs, committedMs, durability });
    });
  } catch (error) {
    tickets.forEach((ticket) => onTheWay.release(ticket));
    throw error;
  }
}

/** What is durable; without bytes = one's own decision stands, as the shared state said. */
type Settled = Omit<Winner, 'bytes'> & { readonly bytes: Uint8Array | null };

/**
 * Brings what won its commit onto the log: at once, where the shared state said who won; else the log says it.
 * @returns what became of a ticket, when it is durable
 */
function handToLog(
  line: Line,
  committed: readonly { readonly one: Judged; readonly ticket: Ticket; readonly commit: CommitResult }[],
): (ticket: Ticket) => Promise<Settled> {
  const onTheWay = decisionsOnTheWay(line.log);
  const sure: Won[] = [];
  const unsure: Won[] = [];
  for (const { one, ticket, commit } of committed) {
    if (!commit.won) {
      onTheWay.release(ticket);
      continue;
    }
    const { begun } = one;
    const isProvisional = begun.isProvisional || (commit.provisional ?? false);
    const record = decisionLogRecord(begun.prepared, begun, one.bytes);
    (isProvisional ? unsure : sure).push({ ticket, record });
  }
  const appended = sure.length === 0 ? null : listenedTo(onTheWay.append(sure));
  const arbitrated = unsure.length === 0 ? null : listenedTo(onTheWay.arbitrate(unsure, line.store));
  return async (ticket) => {
    const place = unsure.findIndex((one) => one.ticket === ticket);
    const winner = place < 0 ? undefined : (await arbitrated)?.[place];
    return winner ?? { bytes: null, durability: (await appended) ?? 'log' };
  };
}

/** Whoever awaits an answer hears of a failure; the promise itself may have no other listener. */
function listenedTo<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a === b || Buffer.compare(a, b) === 0;
}

function idOf({ transaction }: Prepared): ClaimId {
  return { tenantId: transaction.tenantId, transactionId: transaction.id };
}

function commitRequestOf({ begun: { prepared }, bytes }: Judged): ClaimId & { readonly bytes: Uint8Array } {
  return { tenantId: prepared.transaction.tenantId, transactionId: prepared.transaction.id, bytes };
}

function decided(
  line: Line,
  { begun, record, body }: Judged,
  at: { readonly commitMs: number; readonly committedMs: number; readonly durability: Durability },
): Scored {
  const nowMs = line.stopwatch();
  const serverTimingMs = {
    ...record.decision.timings_ms,
    commit: roundedMs(at.commitMs),
    log: roundedMs(nowMs - at.committedMs),
    total: roundedMs(nowMs - begun.enteredMs),
  };
  return { status: 'decided', body, record, replayed: false, durability: at.durability, serverTimingMs };
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
  const { bytes, isLogged = true } = result;
  return answerDecided(line, { prepared, bytes, isLogged, enteredMs: since });
}
