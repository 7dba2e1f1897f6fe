import { attempt, type Attempted } from './attempt';
import { retryAfterMs, retryDelayMs } from './retry-delay';
import { isRecord, problemFrom, VetoApiError } from './veto-api-error';

/** Why no answer could be had. */
export interface Unanswered {
  readonly code: 'deadline' | 'network' | 'unavailable' | 'rate_limited' | 'in_flight' | 'malformed_reply';
  /** For a log: never holds anything of the request. */
  readonly detail: string;
}

/** A reply worth having, or why there is none. */
export type Answer =
  | {
      readonly answered: true;
      readonly status: number;
      readonly headers: Headers;
      readonly body: unknown;
      readonly attemptCount: number;
    }
  | { readonly answered: false; readonly cause: Unanswered; readonly attemptCount: number };

export interface Question {
  readonly fetch: typeof globalThis.fetch;
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly deadlineMs: number;
  readonly attemptsMax: number;
  readonly signal?: AbortSignal | undefined;
  /** Statuses that are an answer besides 2xx. */
  readonly alsoAnswers?: readonly number[];
  /** Whether a 2xx body is what was asked for. */
  isAnswer(body: unknown): boolean;
}

/** Less than this is no time for a request; the server takes no shorter deadline either. */
const ATTEMPT_MS_MIN = 50;
const SERVER_DEADLINE_MS_MAX = 2_000;

const nowMs = (): number => performance.now();

/**
 * Asks until there is an answer, the attempts are used up, or the deadline comes too near for another.
 * @throws VetoApiError when the server refuses the request itself (4xx)
 * @throws the caller's reason when its signal aborts
 */
export async function ask(question: Question): Promise<Answer> {
  const untilMs = nowMs() + question.deadlineMs;
  let cause: Unanswered = {
    code: 'deadline',
    detail: `${question.deadlineMs} ms are too few for an attempt`,
  };
  for (let attemptCount = 1; ; attemptCount++) {
    const timeoutMs = attemptTimeMs(untilMs - nowMs(), question.attemptsMax - attemptCount);
    const attempted = await attempt({
      ...question,
      timeoutMs,
      headers: { ...question.headers, ...deadlineHeader(question, timeoutMs) },
    });
    if (attempted.kind === 'reply' && isAnswer(question, attempted)) {
      const { status, headers, body } = attempted;
      return { answered: true, status, headers, body, attemptCount };
    }
    cause = causeOf(attempted);
    const delayMs = Math.max(retryDelayMs(attemptCount, Math.random()), askedToWaitMs(attempted));
    const isLast = attemptCount >= question.attemptsMax || nowMs() + delayMs + ATTEMPT_MS_MIN > untilMs;
    if (isLast) return { answered: false, cause, attemptCount };
    await wait(delayMs, question.signal);
  }
}

/** The last attempt may use all that is left; earlier ones leave something for another. */
function attemptTimeMs(leftMs: number, laterCount: number): number {
  return Math.max(1, laterCount > 0 && leftMs > 3 * ATTEMPT_MS_MIN ? leftMs * 0.6 : leftMs);
}

/** The server decides by its configured default in time, rather than a moment after nobody waits any more. */
function deadlineHeader({ method }: Question, timeoutMs: number): Record<string, string> {
  const deadlineMs = Math.min(SERVER_DEADLINE_MS_MAX, Math.floor(timeoutMs));
  return method === 'POST' && deadlineMs >= ATTEMPT_MS_MIN ? { 'x-deadline-ms': String(deadlineMs) } : {};
}

/** @throws VetoApiError for a refusal */
function isAnswer(question: Question, { status, body }: Extract<Attempted, { kind: 'reply' }>): boolean {
  if (status >= 200 && status < 300) return question.isAnswer(body);
  if (question.alsoAnswers?.includes(status) === true) return true;
  if (status >= 400 && status < 500 && !mayPass(status, body))
    throw new VetoApiError(problemFrom(body, status), status);
  return false;
}

/** Refusals of the moment, not of the request. */
function mayPass(status: number, body: unknown): boolean {
  if (status === 409) return isRecord(body) && body['code'] === 'in_flight';
  return status === 429 || status === 408;
}

function causeOf(attempted: Attempted): Unanswered {
  if (attempted.kind === 'late') return { code: 'deadline', detail: 'no reply in time' };
  if (attempted.kind === 'broken') return { code: 'network', detail: attempted.detail };
  const { status } = attempted;
  if (status === 429) return { code: 'rate_limited', detail: 'HTTP 429' };
  if (status === 409) return { code: 'in_flight', detail: 'still being decided' };
  if (status >= 200 && status < 300)
    return { code: 'malformed_reply', detail: `HTTP ${status} with another body than documented` };
  const code = problemFrom(attempted.body, status).code;
  return { code: 'unavailable', detail: `HTTP ${status}${status >= 500 ? ` ${code}` : ''}` };
}

function askedToWaitMs(attempted: Attempted): number {
  return attempted.kind === 'reply'
    ? (retryAfterMs(attempted.headers.get('retry-after'), Date.now()) ?? 0)
    : 0;
}

function wait(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, delayMs);
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
  });
}
