import { Listeners } from './listeners';

/** One immutable value outside React, for `useSyncExternalStore`. */
export class ValueStore<T> {
  readonly #listeners = new Listeners();
  #value: T;

  constructor(initial: T) {
    this.#value = initial;
  }

  readonly subscribe = this.#listeners.subscribe;
  readonly get = (): T => this.#value;

  set(next: T): void {
    if (Object.is(next, this.#value)) return;
    this.#value = next;
    this.#listeners.notify();
  }

  update(change: (value: T) => T): void {
    this.set(change(this.#value));
  }
}
