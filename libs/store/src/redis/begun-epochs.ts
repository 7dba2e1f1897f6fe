/** So many ids may be begun and neither committed nor forgotten. */
const COUNT_MAX = 200_000;

/** In which epoch each id was begun that this process is about to commit. Bounded: the oldest goes, and is of any epoch then. */
export class BegunEpochs {
  readonly #epochs = new Map<string, number>();

  set(claimKey: string, epoch: number): void {
    this.#epochs.set(claimKey, epoch);
    if (this.#epochs.size <= COUNT_MAX) return;
    const oldest = this.#epochs.keys().next().value;
    if (oldest !== undefined) this.#epochs.delete(oldest);
  }

  /** The epoch, null = not known; and forgets it. */
  take(claimKey: string): number | null {
    const epoch = this.#epochs.get(claimKey);
    if (epoch === undefined) return null;
    this.#epochs.delete(claimKey);
    return epoch;
  }
}
