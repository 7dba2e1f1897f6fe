import { createHash } from 'node:crypto';
import { createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';

/** How one attempt ended. */
export interface Outcome {
  /** Of HTTP; 202 = acknowledged by the broker; null = no answer. */
  readonly status: number | null;
  readonly body?: string;
  readonly replayed?: boolean;
  /** Why there was no answer: `ECONNRESET`, `timeout`. */
  readonly error?: string;
}

/** Where an attempt belongs. */
export interface AttemptOf {
  readonly tenantId: string;
  readonly transactionId: string;
  /** From 1. */
  readonly attempt: number;
}

/** What clients wrote down: a line for every request and one for what came of it. The verifier reads it. */
export class Journal {
  readonly #stream: WriteStream;

  constructor(readonly path: string) {
    this.#stream = createWriteStream(path);
  }

  asked(of: AttemptOf): void {
    this.#write(lineOf(of));
  }

  ended(of: AttemptOf, { status, body, replayed, error }: Outcome): void {
    this.#write({
      ...lineOf(of),
      ...(status !== null && { status }),
      ...(body !== undefined && { body_sha256: createHash('sha256').update(body).digest('hex') }),
      ...(replayed === true && { replayed }),
      ...(error !== undefined && { error }),
    });
  }

  memory(process: string, rssBytes: number): void {
    this.#write({ at_ms: Date.now(), process, rss_bytes: rssBytes });
  }

  /** True from the end of the run on: who still writes then was left behind by a failure. */
  get isClosed(): boolean {
    return this.#stream.writableEnded;
  }

  /** Resolves when everything written so far can be read. */
  async flush(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#stream.write('', () => resolve());
    });
  }

  async close(): Promise<void> {
    if (this.#stream.closed) return;
    this.#stream.end();
    await once(this.#stream, 'close');
  }

  #write(line: Record<string, unknown>): void {
    if (!this.isClosed) this.#stream.write(`${JSON.stringify(line)}\n`);
  }
}

function lineOf({ tenantId, transactionId, attempt }: AttemptOf): Record<string, unknown> {
  return { at_ms: Date.now(), tenant_id: tenantId, transaction_id: transactionId, attempt };
}
