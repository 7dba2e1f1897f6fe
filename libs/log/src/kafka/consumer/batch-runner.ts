import { Fifo } from './fifo';

export interface BatchRunnerOptions<T> {
  readonly batchItemCountMax: number;
  readonly batchesInFlightMax: number;
  /** Never rejects. Called in the order of the items. */
  readonly run: (items: readonly T[]) => Promise<void>;
}

/**
 * Small batches, a few at once, in the order in which their items were added. Whatever came from different partitions
 * while the others were in flight goes into one batch: many partitions with little in each make batches too.
 */
export class BatchRunner<T> {
  readonly #options: BatchRunnerOptions<T>;
  readonly #waiting = new Fifo<T>();
  #inFlightCount = 0;

  constructor(options: BatchRunnerOptions<T>) {
    this.#options = options;
  }

  add(items: readonly T[]): void {
    for (const item of items) this.#waiting.push(item);
    // After the turn, so that what all partitions of one fetch add becomes full batches.
    queueMicrotask(() => this.#startWaiting());
  }

  #startWaiting(): void {
    while (this.#inFlightCount < this.#options.batchesInFlightMax && this.#waiting.length > 0) {
      const batch: T[] = [];
      while (batch.length < this.#options.batchItemCountMax) {
        const item = this.#waiting.shift();
        if (item === undefined) break;
        batch.push(item);
      }
      this.#inFlightCount += 1;
      void this.#runOne(batch);
    }
  }

  async #runOne(batch: readonly T[]): Promise<void> {
    await this.#options.run(batch);
    this.#inFlightCount -= 1;
    this.#startWaiting();
  }
}
