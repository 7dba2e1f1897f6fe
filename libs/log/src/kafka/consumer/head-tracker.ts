import { invariant } from '@veto/domain';

/**
 * Which records of one fetched batch are finished, and up to where without a gap: only that may be committed, or a
 * crash would skip a record that a slower handler still had in hand.
 */
export class HeadTracker {
  readonly #offsets: readonly number[];
  readonly #endOffset: number;
  readonly #finished: Uint8Array;
  #headIndex = 0;
  #finishedCount = 0;

  /**
   * @param offsets of the records, rising; gaps are what compaction and transactions leave
   * @param endOffset where to go on when all are finished: beyond the last offset of the batch, shown to us or not
   */
  constructor(offsets: readonly number[], endOffset: number) {
    this.#offsets = offsets;
    this.#endOffset = endOffset;
    this.#finished = new Uint8Array(offsets.length);
  }

  finish(index: number): void {
    invariant(
      index >= 0 && index < this.#finished.length,
      `record ${index} of a batch of ${this.#finished.length} cannot finish`,
    );
    if (this.#finished[index] === 1) return;
    this.#finished[index] = 1;
    this.#finishedCount += 1;
    while (this.#finished[this.#headIndex] === 1) this.#headIndex += 1;
  }

  /** Index of the oldest record that is not finished; the number of records when all are. */
  get headIndex(): number {
    return this.#headIndex;
  }

  get isComplete(): boolean {
    return this.#finishedCount === this.#finished.length;
  }

  /** What to commit: the offset from which to go on after a crash; null while the first record is not finished. */
  nextOffset(): number | null {
    if (this.isComplete) return this.#endOffset;
    const last = this.#offsets[this.#headIndex - 1];
    return last === undefined ? null : last + 1;
  }
}
