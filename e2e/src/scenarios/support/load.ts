import { setTimeout as wait } from 'node:timers/promises';
import { ask } from './ask';
import type { Journal } from './journal';
import type { SentPayment } from './payments';

/** Everything that a client saw of one payment. */
export interface AskedPayment {
  readonly id: string;
  /** When it was due, ms since epoch. */
  readonly dueAtMs: number;
  /** When its final answer came; null = never. */
  answeredAtMs: number | null;
  /** The final answer's. */
  status: number | null;
  text: string;
  /** Of the final answer. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** How every attempt before the final one ended: statuses and error codes. */
  readonly earlier: string[];
  /** Index of the target that was asked first. */
  readonly firstTarget: number;
}

export interface LoadOptions {
  /** Addresses of the servers; a client goes to the next one when its connection breaks. */
  readonly targets: readonly string[];
  /** Payments a second, sent by the clock whether or not earlier ones were answered. */
  readonly rate: number;
  readonly payment: (i: number) => SentPayment;
  readonly journal: Journal;
  readonly tenantId?: string;
  /** An attempt without an answer ends after this long; 2 s unless said. */
  readonly attemptTimeoutMs?: number;
  /** A payment without a final answer is given up after this long; 30 s unless said. */
  readonly giveUpMs?: number;
  /** Targets that payments go to first, by their number; all in turn unless said. */
  readonly firstTargetOf?: (i: number) => number;
}

/** Payments on their way. */
export interface Load {
  readonly payments: readonly AskedPayment[];
  /** No more are sent; resolves when every one has its final answer or was given up. */
  stop(): Promise<readonly AskedPayment[]>;
}

export const TENANT = 'demo';

/**
 * An open loop: what is due is sent, and each payment is timed from the moment when it was due, so that a stall is not
 * hidden by the requests it held back. After a reset, a timeout, a 409 or a 503 the client asks again with the same id
 * and the same bytes.
 */
export function startLoad(options: LoadOptions): Load {
  const payments: AskedPayment[] = [];
  const answers: Promise<void>[] = [];
  const startedAtMs = Date.now();
  let stopped = false;
  const sending = (async (): Promise<void> => {
    while (!stopped && !options.journal.isClosed) {
      const dueCount = Math.floor(((Date.now() - startedAtMs) / 1_000) * options.rate);
      while (payments.length < dueCount) {
        const i = payments.length;
        const { id, body } = options.payment(i);
        const dueAtMs = startedAtMs + (i / options.rate) * 1_000;
        const payment = unanswered(id, { dueAtMs, firstTarget: options.firstTargetOf?.(i) ?? i });
        payments.push(payment);
        answers.push(untilAnswered(payment, body, options));
      }
      await wait(2);
    }
  })();
  return {
    payments,
    stop: async () => {
      stopped = true;
      await sending;
      await Promise.all(answers);
      return payments;
    },
  };
}

/** One payment that is due now, until it has its final answer. @param firstTarget index of the target to ask first */
export async function askUntilAnswered(
  { id, body }: SentPayment,
  options: AskOptions & { readonly firstTarget?: number },
): Promise<AskedPayment> {
  const payment = unanswered(id, { dueAtMs: Date.now(), firstTarget: options.firstTarget ?? 0 });
  await untilAnswered(payment, body, options);
  return payment;
}

function unanswered(
  id: string,
  of: { readonly dueAtMs: number; readonly firstTarget: number },
): AskedPayment {
  return { id, ...of, answeredAtMs: null, status: null, text: '', headers: {}, earlier: [] };
}

type AskOptions = Pick<LoadOptions, 'targets' | 'journal' | 'tenantId' | 'attemptTimeoutMs' | 'giveUpMs'>;

async function untilAnswered(payment: AskedPayment, body: string, options: AskOptions): Promise<void> {
  const { targets, journal, tenantId = TENANT, attemptTimeoutMs = 2_000, giveUpMs = 30_000 } = options;
  const giveUpAtMs = Date.now() + giveUpMs;
  for (let attempt = 1; Date.now() < giveUpAtMs && !journal.isClosed; attempt++) {
    const of = { tenantId, transactionId: payment.id, attempt };
    const target = targets[(payment.firstTarget + payment.earlier.filter(isBroken).length) % targets.length];
    if (target === undefined) throw new Error('a load needs a target');
    journal.asked(of);
    const answer = await ask(target, body, { timeoutMs: attemptTimeoutMs });
    if (answer.status === null) {
      journal.ended(of, answer);
      payment.earlier.push(answer.error);
      await wait(backOffMs(attempt));
      continue;
    }
    const replayed = answer.headers['idempotent-replayed'] === 'true';
    journal.ended(of, {
      status: answer.status,
      replayed,
      ...(answer.status === 200 && { body: answer.text }),
    });
    if (isToAskAgain(answer.status)) {
      payment.earlier.push(String(answer.status));
      await wait(retryAfterMs(answer.headers) ?? Math.max(100, backOffMs(attempt)));
      continue;
    }
    Object.assign(payment, { answeredAtMs: Date.now(), ...answer });
    return;
  }
}

/** What the server asks for, as Veto's client heeds it; null when it asks for nothing. */
function retryAfterMs(headers: AskedPayment['headers']): number | null {
  const seconds = Number(headers['retry-after'] ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1_000 : null;
}

/** At once to the other one, and slower and slower when that does not answer either: a crowd must not stay a crowd. */
function backOffMs(attempt: number): number {
  return attempt < 3 ? 5 : Math.min(2_000, 25 * 2 ** (attempt - 2)) * (0.5 + Math.random());
}

function isBroken(ending: string): boolean {
  return !/^\d+$/.test(ending);
}

function isToAskAgain(status: number): boolean {
  return status === 409 || status === 429 || status >= 500;
}
