import { VetoError, type EventLog, type LogRecord } from '@veto/domain';

/** Records that may be on their way to the log; beyond it nothing is begun. */
const WAITING_COUNT_MAX = 20_000;

/** The events on their way to the log, in order of seq. */
export class Journal {
  readonly #log: EventLog;
  readonly #onRefused: (cause: unknown) => VetoError;
  #waitingCount = 0;
  #last: Promise<void> = Promise.resolve();

  /** @param onRefused called when the log did not take an event; what it returns is what the callers are told */
  constructor(log: EventLog, onRefused: (cause: unknown) => VetoError) {
    this.#log = log;
    this.#onRefused = onRefused;
  }

  /** @throws VetoError store_unavailable when so many more are too many */
  requireRoom(count: number): void {
    if (this.#waitingCount + count <= WAITING_COUNT_MAX) return;
    throw unavailable(`${this.#waitingCount} events wait for the log, ${count} more are too many`);
  }

  /** Queues records in the turn in which they were sequenced. @returns when they are durable */
  append(records: readonly LogRecord[], options: { readonly relaxed: boolean }): Promise<void> {
    this.#waitingCount += records.length;
    const logged = this.#log.append(records, options).then(
      () => {
        this.#waitingCount -= records.length;
      },
      (cause: unknown) => {
        this.#waitingCount -= records.length;
        throw this.#onRefused(cause);
      },
    );
    this.#last = logged;
    // Whoever does not wait for it learns of the failure by `onRefused`.
    logged.catch(() => undefined);
    return logged;
  }

  /** Resolves when everything appended so far is on the log; rejects when the last of it will never be. */
  get settled(): Promise<void> {
    return this.#last;
  }

  /** The state was made again from the log: what was refused is forgotten. */
  reset(): void {
    this.#last = Promise.resolve();
  }
}

export function unavailable(message: string, cause?: unknown): VetoError {
  return new VetoError('store_unavailable', message, { retryable: true, cause });
}
