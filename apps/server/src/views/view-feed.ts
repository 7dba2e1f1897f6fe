import type { EventLog } from '@veto/domain';
import { tail } from '@veto/log';
import { VIEW_TOPICS, foldRecordOf, type ViewRecord } from './view-record';

/** A fold of the log. It may be given a record again after a restart and then leaves itself as it is. */
export interface View {
  /** Position up to which it has folded, or −1. */
  readonly position: number;
  apply(records: readonly ViewRecord[], to: number): Promise<void> | void;
}

const BATCH_COUNT_MAX = 500;
const BUFFER_COUNT_MAX = 20_000;

/** Reads the log once for all views, in order: first what is there, then what comes. */
export class ViewFeed {
  readonly #log: EventLog;
  readonly #views: readonly View[];
  readonly #waiting = new Set<() => void>();
  readonly #stop = new AbortController();
  #position = -1;
  #running: Promise<void> = Promise.resolve();

  constructor(log: EventLog, views: readonly View[]) {
    this.#log = log;
    this.#views = views;
  }

  /** Position up to which every view has folded. */
  get position(): number {
    return this.#position;
  }

  /** Folds everything that is on the log at this moment, from where the view that is furthest behind is. */
  async catchUp(): Promise<void> {
    this.#position = Math.min(...this.#views.map((view) => view.position));
    for (;;) {
      const batch = await this.#log.read({
        after: this.#position,
        topics: VIEW_TOPICS,
        recordCountMax: BATCH_COUNT_MAX,
      });
      await this.#apply(batch.records.map(foldRecordOf), batch.to);
      if (batch.records.length === 0 && batch.to >= this.#log.end()) return;
    }
  }

  /** Goes on with what is appended from now on. @param failed hears of an error, after which nothing more is folded */
  start(failed: (error: unknown) => void): void {
    this.#running = tail({
      log: this.#log,
      after: this.#position,
      topics: VIEW_TOPICS,
      batchCountMax: BATCH_COUNT_MAX,
      bufferCountMax: BUFFER_COUNT_MAX,
      signal: this.#stop.signal,
      onBatch: (records, to) => this.#apply(records.map(foldRecordOf), to),
    }).catch((error: unknown) => {
      if (!this.#stop.signal.aborted) failed(error);
    });
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** Resolves with true when every view has folded `position`, with false after `timeoutMs`. */
  async reached(position: number, timeoutMs: number): Promise<boolean> {
    if (this.#position >= position) return true;
    return new Promise((resolve) => {
      const settle = (reached: boolean): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(reached);
      };
      const look = (): void => {
        if (this.#position >= position) settle(true);
      };
      const timer = setTimeout(() => settle(false), timeoutMs);
      this.#waiting.add(look);
    });
  }

  async #apply(records: readonly (ViewRecord | null)[], to: number): Promise<void> {
    const known = records.filter((record) => record !== null);
    for (const view of this.#views) await view.apply(known, to);
    this.#position = Math.max(this.#position, to);
    for (const look of [...this.#waiting]) look();
  }
}
