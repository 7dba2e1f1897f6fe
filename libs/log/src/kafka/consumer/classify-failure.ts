import { ERROR_CODES, VetoError } from '@veto/domain';
import { BadRecord } from './consumed-record';

/**
 * Whose fault a failure is:
 * `bad` = the record's: it will fail at every attempt;
 * `world` = something that does not answer: the record is fine, and is tried until it passes;
 * `failed` = ours, or nobody knows: a few attempts, then the record is set aside.
 */
export interface Failure {
  readonly class: 'bad' | 'world' | 'failed';
  /** For a header and a log: what and where, and never a value out of the record. */
  readonly reason: string;
}

const REASON_LENGTH_MAX = 300;

export function classifyFailure(error: unknown): Failure {
  if (error instanceof BadRecord) return { class: 'bad', reason: cut(error.reason) };
  if (error instanceof VetoError) {
    if (error.retryable) return { class: 'world', reason: error.code };
    return { class: ERROR_CODES[error.code].status < 500 ? 'bad' : 'failed', reason: error.code };
  }
  return { class: 'failed', reason: cut(describe(error)) };
}

/**
 * The kind of error and the function that threw it. Not its message: that of `JSON.parse` quotes what it was given, and
 * a header is read by people who may not see payments.
 */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return `thrown ${typeof error}`;
  const place = /^\s*at (?:async )?([\w$.<>#]+(?: \[as \w+\])?) \(/m.exec(error.stack ?? '')?.[1];
  return place === undefined ? error.name : `${error.name} in ${place}`;
}

function cut(text: string): string {
  return text.length <= REASON_LENGTH_MAX ? text : `${text.slice(0, REASON_LENGTH_MAX - 1)}…`;
}
