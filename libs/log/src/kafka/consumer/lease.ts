/**
 * How long the records of one fetched batch are this process's to handle.
 * `open` → `closing` (no record is begun any more, those begun are finished) → `lost` (perhaps another member's).
 */
export class Lease {
  readonly #isAlive: () => boolean;
  readonly #wakeUps = new Set<() => void>();
  #state: 'open' | 'closing' | 'lost' = 'open';

  /** @param isAlive false when the group has not heard of us for so long that it may have given the partition away */
  constructor(isAlive: () => boolean) {
    this.#isAlive = isAlive;
  }

  /** Shared by all records of the batch. */
  readonly isStale = (): boolean => this.#state === 'lost' || !this.#isAlive();

  /** Whether a record may be begun. */
  get isOpen(): boolean {
    return this.#state === 'open' && this.#isAlive();
  }

  get isLost(): boolean {
    return this.#state === 'lost';
  }

  close(): void {
    if (this.#state === 'open') this.#state = 'closing';
    this.#wake();
  }

  lose(): void {
    this.#state = 'lost';
    this.#wake();
  }

  /** Waits, but not beyond the end of the lease. */
  async wait(ms: number): Promise<void> {
    if (!this.isOpen) return;
    await new Promise<void>((resolve) => {
      const wakeUp = (): void => {
        clearTimeout(timer);
        this.#wakeUps.delete(wakeUp);
        resolve();
      };
      const timer = setTimeout(wakeUp, ms);
      this.#wakeUps.add(wakeUp);
    });
  }

  #wake(): void {
    for (const wakeUp of [...this.#wakeUps]) wakeUp();
  }
}
