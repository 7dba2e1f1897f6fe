/** Whoever wants to know that a store has a new snapshot. */
export class Listeners {
  readonly #listeners = new Set<() => void>();

  /** For `useSyncExternalStore`: bound, returns the way to stop. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  notify(): void {
    for (const listener of this.#listeners) listener();
  }
}
