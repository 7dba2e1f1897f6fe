import type { ErrorCode, Problem } from '@veto/domain';

/** The server answered with a problem document, or could not be reached (`status` 0). */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly status: number;
  readonly code: ErrorCode | 'unreachable';
  /** To be quoted when asking for help; null when the server was not reached. */
  readonly requestId: string | null;

  constructor(answer: {
    readonly status: number;
    readonly code: ErrorCode | 'unreachable';
    readonly detail: string;
    readonly requestId: string | null;
  }) {
    super(answer.detail);
    this.status = answer.status;
    this.code = answer.code;
    this.requestId = answer.requestId;
  }
}

function isProblem(body: unknown): body is Problem {
  return (
    typeof body === 'object' && body !== null && 'code' in body && 'detail' in body && 'instance' in body
  );
}

/** A reply that is not 2xx → the error to throw. A proxy's page instead of a problem document becomes `internal`. */
export async function problemOfResponse(response: Response): Promise<ProblemError> {
  const body: unknown = await response.json().catch(() => null);
  if (isProblem(body)) {
    return new ProblemError({
      status: response.status,
      code: body.code,
      detail: body.detail,
      requestId: body.instance,
    });
  }
  const code = response.status === 401 ? 'unauthenticated' : 'internal';
  return new ProblemError({
    status: response.status,
    code,
    detail: `The server answered ${response.status}.`,
    requestId: null,
  });
}
