import { HISTORY_RECORD_COUNT_MAX } from '@veto/domain';

const SLOT_COUNT = 4 * HISTORY_RECORD_COUNT_MAX;

/**
 * Scratch: what one history's visible labels say, by transaction. The verdict of a transaction is its latest label by
 * (reported-at, seq); it is known since the first label with that verdict, which is when windows count it.
 */
export class LabelLedger {
  readonly #slotHashes = new Uint32Array(SLOT_COUNT);
  readonly #slotRows = new Int32Array(SLOT_COUNT);
  readonly #slotGenerations = new Int32Array(SLOT_COUNT);
  #generation = 0;

  /** Labelled transactions; row i of the arrays below belongs to the i-th. */
  rowCount = 0;
  readonly isFraud = new Uint8Array(HISTORY_RECORD_COUNT_MAX);
  readonly occurredAtMs = new Float64Array(HISTORY_RECORD_COUNT_MAX);
  readonly #latestAtMs = new Float64Array(HISTORY_RECORD_COUNT_MAX);
  readonly #firstFraudAtMs = new Float64Array(HISTORY_RECORD_COUNT_MAX);
  readonly #firstLegitAtMs = new Float64Array(HISTORY_RECORD_COUNT_MAX);

  clear(): void {
    this.rowCount = 0;
    this.#generation = (this.#generation + 1) | 0;
  }

  /** When the verdict of row `row` was first known. */
  knownAtMs(row: number): number {
    return this.isFraud[row] === 1 ? this.#firstFraudAtMs[row]! : this.#firstLegitAtMs[row]!;
  }

  /** Enters a label. Labels come newest seq first, so of two with the same time the one entered first is the later. */
  enter(
    transactionHash: number,
    isFraud: boolean,
    at: { readonly knownAtMs: number; readonly occurredAtMs: number },
  ): void {
    const row = this.#rowOf(transactionHash);
    const first = isFraud ? this.#firstFraudAtMs : this.#firstLegitAtMs;
    if (at.knownAtMs < first[row]!) first[row] = at.knownAtMs;
    if (at.knownAtMs <= this.#latestAtMs[row]!) return;
    this.#latestAtMs[row] = at.knownAtMs;
    this.isFraud[row] = isFraud ? 1 : 0;
    this.occurredAtMs[row] = at.occurredAtMs;
  }

  #rowOf(transactionHash: number): number {
    let slot = transactionHash & (SLOT_COUNT - 1);
    while (this.#slotGenerations[slot] === this.#generation) {
      if (this.#slotHashes[slot] === transactionHash) return this.#slotRows[slot]!;
      slot = (slot + 1) & (SLOT_COUNT - 1);
    }
    const row = this.rowCount++;
    this.#slotGenerations[slot] = this.#generation;
    this.#slotHashes[slot] = transactionHash;
    this.#slotRows[slot] = row;
    this.#latestAtMs[row] = -Infinity;
    this.#firstFraudAtMs[row] = Infinity;
    this.#firstLegitAtMs[row] = Infinity;
    return row;
  }
}
