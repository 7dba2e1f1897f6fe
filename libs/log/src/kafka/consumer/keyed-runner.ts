import { Fifo } from './fifo';
export interface KeyedRunnerOptions<T> {
  readonly concurrencyMax: number;
  /** Items of one key run one after the other, in the order in which they were added; null = no order needed. */
  readonly keyOf: (item: T) => string | null;
  /** Never rejects. */
  readonly run: (item: T) => Promise<void>;
}

/** Parallel across keys, serial within a key. */
export class KeyedRunner<T> {
  readonly #options: KeyedRunnerOptions<T>;
  /** For each key that has an item running or ready, those that wait behind it. */
  readonly #behind = new Map<string, Fifo<T>>();
  readonly #ready = new Fifo<T>();
  #runningCount = 0;

  constructor(options: KeyedRunnerOptions<T>) {
    this.#options = options;
  }

  add(items: readonly T[]): void {
    for (const item of items) {
      const key = this.#options.keyOf(item);
      if (key === null) {
        this.#ready.push(item);
        continue;
      }
      const behind = this.#behind.get(key);
      if (behind === undefined) {
        this.#behind.set(key, new Fifo());
        this.#ready.push(item);
      } else {
        behind.push(item);
      }
    }
    this.#startReady();
  }

  #startReady(): void {
    while (this.#runningCount < this.#options.concurrencyMax) {
      const item = this.#ready.shift();
      if (item === undefined) return;
      this.#runningCount += 1;
      void this.#runOne(item);
    }
  }

  async #runOne(item: T): Promise<void> {
    await this.#options.run(item);
    this.#runningCount -= 1;
    const key = this.#options.keyOf(item);
    if (key !== null) {
      const next = this.#behind.get(key)?.shift();
      if (next === undefined) this.#behind.delete(key);
      else this.#ready.push(next);
    }
    this.#startReady();
  }
}
