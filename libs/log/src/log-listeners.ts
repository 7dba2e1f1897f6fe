import type { StoredLogRecord } from '@veto/domain';

export type LogListener = (records: readonly StoredLogRecord[]) => void;

/** Who wants to hear of records once they are durable. */
export class LogListeners {
  readonly #listeners = new Set<LogListener>();

  /** @returns how to stop; the same function may listen twice */
  add(listener: LogListener): () => void {
    const own: LogListener = (records) => {
      listener(records);
    };
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  get isEmpty(): boolean {
    return this.#listeners.size === 0;
  }

  /** Calls each. A listener that throws is our own mistake: it does not reach the log, and it ends the process. */
  tell(records: readonly StoredLogRecord[]): void {
    for (const listener of this.#listeners) {
      try {
        listener(records);
      } catch (mistake) {
        process.nextTick(() => {
          throw mistake;
        });
      }
    }
  }
}
