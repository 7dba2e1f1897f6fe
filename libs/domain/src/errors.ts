/**
 * The closed list of error codes: what a caller can be told, its HTTP status and its title.
 * Every code is documented once, here; `type` of a problem document is `https://veto.dev/problems/<code>`.
 */
export const ERROR_CODES = {
  // Bad input: nothing was stored.
  invalid_request: { status: 400, title: 'The request does not have the documented shape' },
  malformed_json: { status: 400, title: 'The body is not JSON' },
  pan_not_accepted: { status: 400, title: 'A card number was sent; Veto never accepts one' },
  unauthenticated: { status: 401, title: 'No valid API key or session' },
  forbidden: { status: 403, title: 'The key or role does not have the scope for this' },
  not_found: { status: 404, title: 'There is no such thing for this tenant' },
  method_not_allowed: { status: 405, title: 'The path exists, the method does not' },
  in_flight: { status: 409, title: 'The same transaction is being decided at this moment' },
  version_conflict: { status: 409, title: 'Somebody else acted first' },
  undo_expired: { status: 409, title: 'The undo window has passed' },
  request_timeout: { status: 408, title: 'The request did not arrive in time' },
  body_too_large: { status: 413, title: 'The body is larger than 32 KiB' },
  uri_too_long: { status: 414, title: 'The path is too long' },
  unsupported_media_type: { status: 415, title: 'Only application/json in UTF-8 is accepted' },
  transaction_id_reused: { status: 422, title: 'This transaction id was used with another body' },
  headers_too_large: { status: 431, title: 'The headers are too large' },
  rate_limited: { status: 429, title: 'Too many requests' },
  // The world: retry may help.
  model_unavailable: { status: 503, title: 'The model cannot score' },
  model_deadline: { status: 503, title: 'The model did not answer in time' },
  log_unavailable: { status: 503, title: 'The log cannot take a record' },
  store_unavailable: { status: 503, title: 'The state store does not answer' },
  wrong_epoch: { status: 503, title: 'The state store is being rebuilt' },
  shutting_down: { status: 503, title: 'This instance is shutting down' },
  // Refusals to start.
  configuration_invalid: { status: 500, title: 'The configuration is not valid' },
  model_rejected: { status: 500, title: 'The model artifact was refused' },
  log_corrupt: { status: 500, title: 'The log holds a record that is damaged beyond its tail' },
  log_locked: { status: 500, title: 'Another process is writing to this log' },
  rule_invalid: { status: 400, title: 'The rule does not compile' },
  internal: { status: 500, title: 'Veto made a mistake' },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** The world did not do as hoped: a code from the closed list, and whether trying again may help. */
export class VetoError extends Error {
  override readonly name = 'VetoError';
  readonly code: ErrorCode;
  readonly retryable: boolean;

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly retryable?: boolean; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

/** Our own mistake. Nobody catches it but the outermost border, which answers 500 and logs it. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** @throws InvariantError when `condition` does not hold; the sentence names the thing and the value seen. */
export function invariant(condition: unknown, sentence: string): asserts condition {
  if (!condition) throw new InvariantError(sentence);
}

/** One thing wrong with an input, by JSON pointer (RFC 6901) into the body. Never carries the offending value of personal data. */
export interface Issue {
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
}

/** Bad input is a value, not an exception. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: ErrorCode; readonly issues: readonly Issue[] };

/** RFC 9457 problem document, as sent with `application/problem+json`. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: ErrorCode;
  readonly errors: readonly Issue[];
}

/** The one place where a code becomes a problem document. `instance` is the request id. */
export function problemOf(problem: {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly instance: string;
  readonly issues?: readonly Issue[];
}): Problem {
  const { status, title } = ERROR_CODES[problem.code];
  return {
    type: `https://veto.dev/problems/${problem.code}`,
    title,
    status,
    detail: problem.detail,
    instance: problem.instance,
    code: problem.code,
    errors: problem.issues ?? [],
  };
}
