/** What one request came to. */
export type Attempted =
  | { readonly kind: 'reply'; readonly status: number; readonly headers: Headers; readonly body: unknown }
  /** No whole reply arrived: refused, reset, cut off, or not JSON where JSON was promised. */
  | { readonly kind: 'broken'; readonly detail: string }
  /** The attempt's own time was over. */
  | { readonly kind: 'late' };

export interface AttemptRequest {
  readonly fetch: typeof globalThis.fetch;
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Time for the whole reply, body included. */
  readonly timeoutMs: number;
  /** The caller's own wish to stop. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * One request and its whole reply. The reply is read to its end whatever its status, so that the connection can be used
 * again.
 * @throws the caller's own reason, when the caller's signal aborts; nothing else
 */
export async function attempt(request: AttemptRequest): Promise<Attempted> {
  request.signal?.throwIfAborted();
  const stop = new AbortController();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    stop.abort();
  }, request.timeoutMs);
  const onAbort = (): void => stop.abort();
  request.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const response = await request.fetch(request.url, {
      method: request.method,
      headers: request.headers,
      // A redirect would send the key somewhere else.
      redirect: 'error',
      signal: stop.signal,
      ...(request.body !== undefined && { body: request.body }),
    });
    return replyOf(response, await response.text());
  } catch (error) {
    request.signal?.throwIfAborted();
    return isLate ? { kind: 'late' } : { kind: 'broken', detail: detailOf(error) };
  } finally {
    clearTimeout(timer);
    request.signal?.removeEventListener('abort', onAbort);
  }
}

function replyOf(response: Response, text: string): Attempted {
  try {
    return {
      kind: 'reply',
      status: response.status,
      headers: response.headers,
      body: text === '' ? null : (JSON.parse(text) as unknown),
    };
  } catch {
    // A proxy's error page keeps its status; half a decision is none.
    if (response.ok) return { kind: 'broken', detail: 'the reply is not JSON' };
    return { kind: 'reply', status: response.status, headers: response.headers, body: null };
  }
}

/** fetch says "fetch failed"; what failed is in its cause. Errors of another realm are no `Error` here. */
function detailOf(error: unknown): string {
  const cause = isThrown(error) && isThrown(error.cause) ? error.cause : error;
  if (!isThrown(cause)) return String(cause);
  return typeof cause.code === 'string' ? `${cause.code}: ${cause.message}` : cause.message;
}

interface Thrown {
  readonly message: string;
  readonly code?: unknown;
  readonly cause?: unknown;
}

function isThrown(value: unknown): value is Thrown {
  return (
    value !== null && typeof value === 'object' && 'message' in value && typeof value.message === 'string'
  );
}
