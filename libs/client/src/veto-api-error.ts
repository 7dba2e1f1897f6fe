import type { Problem } from '@veto/domain';

/**
 * Veto refused the request itself: the body, the key or the id is wrong, and asking again changes nothing.
 * `problem` is the document that was sent (RFC 9457): `problem.code` is from the closed list, `problem.errors` names
 * each wrong field by JSON pointer. Neither ever repeats a value.
 */
export class VetoApiError extends Error {
  override readonly name = 'VetoApiError';
  /** HTTP status; 0 when the request was refused before it was sent. */
  readonly status: number;
  readonly code: Problem['code'];
  readonly problem: Problem;

  constructor(problem: Problem, status: number) {
    super(
      `${problem.code}: ${problem.title}${problem.detail === '' ? '' : `; ${problem.detail}`}${pointersOf(problem)}`,
    );
    this.status = status;
    this.code = problem.code;
    this.problem = problem;
  }
}

const POINTER_COUNT_SHOWN_MAX = 5;

function pointersOf({ errors }: Problem): string {
  if (errors.length === 0) return '';
  const shown = errors
    .slice(0, POINTER_COUNT_SHOWN_MAX)
    .map(({ pointer, detail }) => `${pointer === '' ? '/' : pointer} ${detail}`);
  const rest = errors.length - shown.length;
  return ` (${shown.join('; ')}${rest > 0 ? `; and ${rest} more` : ''})`;
}

/** A problem document out of whatever came with an error status: a proxy in between may have answered instead. */
export function problemFrom(body: unknown, status: number): Problem {
  const sent = isRecord(body) ? body : {};
  const text = (key: string, fallback: string): string =>
    typeof sent[key] === 'string' ? sent[key] : fallback;
  return {
    type: text('type', 'about:blank'),
    title: text('title', `HTTP ${status}`),
    status,
    detail: text('detail', ''),
    instance: text('instance', ''),
    // A code that a newer server knows and this version does not is handed on as it is.
    code: text('code', status === 401 ? 'unauthenticated' : 'invalid_request') as Problem['code'],
    errors: Array.isArray(sent['errors']) ? sent['errors'].filter(isIssue) : [],
  };
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function isIssue(value: unknown): value is Problem['errors'][number] {
  return (
    isRecord(value) &&
    typeof value['pointer'] === 'string' &&
    typeof value['code'] === 'string' &&
    typeof value['detail'] === 'string'
  );
}
