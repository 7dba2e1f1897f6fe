import type { ErrorCode, Issue, Parsed } from '@veto/domain';

/** An answer that is not what the caller hoped for, on its way to the one place that writes problem documents. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: ErrorCode;
  readonly issues: readonly Issue[];
  /** Seconds, for `Retry-After`. */
  readonly retryAfterS: number | null;
  /** Methods that the path knows, for `Allow`. */
  readonly allow: readonly string[];

  /** @param detail a sentence for a developer; never holds anything that the caller sent */
  constructor(
    code: ErrorCode,
    detail: string,
    more: {
      readonly issues?: readonly Issue[];
      readonly retryAfterS?: number;
      readonly allow?: readonly string[];
    } = {},
  ) {
    super(detail);
    this.code = code;
    this.issues = more.issues ?? [];
    this.retryAfterS = more.retryAfterS ?? null;
    this.allow = more.allow ?? [];
  }
}

/** The value, or a 400 that names every pointer. */
export function acceptedOrRefused<T>(parsed: Parsed<T>): T {
  if (parsed.ok) return parsed.value;
  throw new Refusal(parsed.code, detailOf(parsed.issues), { issues: parsed.issues });
}

/** One line over all issues; pointers and details only. */
export function detailOf(issues: readonly Issue[]): string {
  const first = issues[0];
  if (first === undefined) return 'The request was refused.';
  const place = first.pointer === '' ? 'the body' : first.pointer;
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  return `${place}: ${first.detail}${more}`;
}
