import { HISTORY_RECORD_BYTES, HISTORY_RECORD_COUNT_MAX, invariant, type EntityKind } from '@veto/domain';
import { countDistinct, countSame } from './count-others';
import {
  cutAgeMsOf,
  fieldOf,
  historyViewOf,
  isKept,
  NO_WINDOW,
  uint48,
  WIDTHS_MS,
  windowIndexOfAge,
  type Dimension,
  type Field,
  type HistoryView,
} from './history-view';
import { LabelLedger } from './label-ledger';
import { isNight } from './payment-facts';
import {
  assertCodecVersion,
  HISTORY_CODEC_VERSION,
  LABEL_KIND,
  RECORD_FLAGS,
  RECORD_OFFSETS as AT,
} from './record-codec';
import {
  COUNT,
  COUNTED,
  CVV_MISMATCH,
  DISTINCT,
  FRAUD,
  LABELLED,
  MAX,
  NIGHT,
  ROW_WIDTH,
  SAME,
  SMALL,
  SUM,
  TALLY_WIDTH,
} from './tally-rows';
import { windowIndexOf } from './windows';

/** Amounts below this, in cents of the base currency, are what a thief tries a card with. */
export const SMALL_AMOUNT_MINOR = 5_00;

const WINDOW_30D = windowIndexOf('30d');

/** This payment as the pass over a history looks at it. */
export interface Vantage {
  readonly timeMs: number;
  readonly seq: number;
  /** Of this payment's own values; 0 = absent. Only those that are compared with the past. */
  readonly hashes: Readonly<Record<Dimension, number>>;
}

// Scratch for the entity at hand; one look ends before the next begins.
const labels = new LabelLedger();

/**
 * What one entity did before one payment: every window at once, from one pass over the bytes of its history.
 * The object is scratch: the next payment overwrites it, and only the features' `read` see it.
 */
export class EntityPast {
  /** False when the payment names no such entity or its history was not read; then nothing below means anything. */
  isKnown = false;
  /** Age of the cut when the view is full, so that something may have been dropped at it; Infinity otherwise. */
  cutAgeMs = Infinity;
  /** Age of the latest and of the earliest payment kept, in ms; Infinity and −Infinity when there is none. */
  latestAgeMs = Infinity;
  earliestAgeMs = -Infinity;
  /** Age, by occurrence, of the last payment known to be fraud, in ms; Infinity when none is known. */
  lastFraudAgeMs = Infinity;
  /** Payments known to be genuine that occurred after the last one known to be fraud. */
  genuineRunCount = 0;

  readonly #tally = new Float64Array(TALLY_WIDTH);
  readonly #amounts30d = new Float64Array(HISTORY_RECORD_COUNT_MAX);
  #amount30dCount = 0;
  readonly #distinct: readonly Field[];
  readonly #same: readonly (Field & { value: number })[];

  constructor(readonly kind: EntityKind) {
    this.#distinct = COUNTED[kind].distinct.map(fieldOf);
    this.#same = COUNTED[kind].same.map((dimension) => ({ ...fieldOf(dimension), value: 0 }));
  }

  /** Forgets; the entity is unknown until `look`. */
  clear(): void {
    this.isKnown = false;
    this.cutAgeMs = Infinity;
    this.latestAgeMs = Infinity;
    this.earliestAgeMs = -Infinity;
    this.lastFraudAgeMs = Infinity;
    this.genuineRunCount = 0;
  }

  /**
   * Looks at the latest `HISTORY_RECORD_COUNT_MAX` records with a seq smaller than the payment's.
   * @param bytes whole records in order of seq; it may hold records of this seq and later ones, which are not seen
   */
  look(bytes: Uint8Array, vantage: Vantage): void {
    invariant(
      bytes.length % HISTORY_RECORD_BYTES === 0,
      `history of ${this.kind}: ${bytes.length} bytes are no whole records`,
    );
    this.isKnown = true;
    this.#tally.fill(0);
    this.#amount30dCount = 0;
    for (const field of this.#same) field.value = vantage.hashes[field.dimension];
    const view = historyViewOf(bytes, vantage.seq);
    if (view.data.byteLength === 0) return;
    this.cutAgeMs = cutAgeMsOf(view, vantage.timeMs);
    labels.clear();
    this.#pass(view, vantage.timeMs);
    if (labels.rowCount > 0) this.#settleLabels(vantage.timeMs);
    for (let i = 0; i < this.#distinct.length; i++) {
      countDistinct(view, this.#distinct[i]!, this.#tally, DISTINCT + i * ROW_WIDTH);
    }
    for (let i = 0; i < this.#same.length; i++) {
      const field = this.#same[i]!;
      if (field.value !== 0) countSame(view, field, this.#tally, SAME + i * ROW_WIDTH);
    }
  }

  /** Tallies every record, newest first, and notes in `windowAt` in which window it lies. */
  #pass({ data, start, windowAt }: HistoryView, timeMs: number): void {
    const tally = this.#tally;
    const isCustomer = this.kind === 'customer';
    let latestAgeMs = Infinity;
    let earliestAgeMs = -Infinity;
    let window = 0;
    let [aboveMs, uptoMs] = [-1, WIDTHS_MS[0]!];
    for (
      let at = data.byteLength - HISTORY_RECORD_BYTES, i = 0;
      at >= start;
      at -= HISTORY_RECORD_BYTES, i++
    ) {
      const head = data.getUint32(at, true);
      if ((head & 0xff) !== HISTORY_CODEC_VERSION) assertCodecVersion(head & 0xff);
      const recordMs = uint48(data, at + AT.time);
      if (((head >>> 8) & 0xff) === LABEL_KIND) {
        windowAt[i] = NO_WINDOW;
        enterLabel(data, at, timeMs);
        continue;
      }
      const ageMs = timeMs - recordMs;
      // Records come nearly in order of time, so the next one mostly lies in the same window.
      if (ageMs <= aboveMs || ageMs > uptoMs) {
        if (!isKept(ageMs)) {
          windowAt[i] = NO_WINDOW;
          continue;
        }
        window = windowIndexOfAge(ageMs);
        aboveMs = window === 0 ? -1 : WIDTHS_MS[window - 1]!;
        uptoMs = WIDTHS_MS[window]!;
      }
      windowAt[i] = window;
      const amount = uint48(data, at + AT.amount);
      tally[COUNT + window]!++;
      tally[SUM + window]! += amount;
      if (amount > tally[MAX + window]!) tally[MAX + window] = amount;
      if (amount < SMALL_AMOUNT_MINOR) tally[SMALL + window]!++;
      if (((head >>> 16) & RECORD_FLAGS.cvvMismatch) !== 0) tally[CVV_MISMATCH + window]!++;
      if (ageMs < latestAgeMs) latestAgeMs = ageMs;
      if (ageMs > earliestAgeMs) earliestAgeMs = ageMs;
      if (!isCustomer) continue;
      if (isNight(recordMs)) tally[NIGHT + window]!++;
      if (window <= WINDOW_30D) this.#amounts30d[this.#amount30dCount++] = amount;
    }
    this.latestAgeMs = latestAgeMs;
    this.earliestAgeMs = earliestAgeMs;
  }

  #settleLabels(timeMs: number): void {
    for (let row = 0; row < labels.rowCount; row++) {
      const window = windowIndexOfAge(timeMs - labels.knownAtMs(row));
      this.#tally[LABELLED + window]!++;
      if (labels.isFraud[row] === 0) continue;
      this.#tally[FRAUD + window]!++;
      this.lastFraudAgeMs = Math.min(this.lastFraudAgeMs, timeMs - labels.occurredAtMs[row]!);
    }
    for (let row = 0; row < labels.rowCount; row++) {
      if (labels.isFraud[row] === 0 && timeMs - labels.occurredAtMs[row]! < this.lastFraudAgeMs)
        this.genuineRunCount++;
    }
  }

  #total(row: number, window: number): number {
    let total = 0;
    for (let i = 0; i <= window; i++) total += this.#tally[row + i]!;
    return total;
  }

  /** Payments in the window of this index. */
  count(window: number): number {
    return this.#total(COUNT, window);
  }

  /** Sum of their amounts, cents of the base currency. */
  sumMinor(window: number): number {
    return this.#total(SUM, window);
  }

  /** Largest of their amounts, cents of the base currency; 0 when there are none. */
  maxMinor(window: number): number {
    let max = 0;
    for (let i = 0; i <= window; i++) max = Math.max(max, this.#tally[MAX + i]!);
    return max;
  }

  /** Payments below `SMALL_AMOUNT_MINOR`. */
  smallCount(window: number): number {
    return this.#total(SMALL, window);
  }

  /** Payments with a wrong security code. */
  cvvMismatchCount(window: number): number {
    return this.#total(CVV_MISMATCH, window);
  }

  /** Payments at night; of customers only. */
  nightCount(window: number): number {
    return this.#total(NIGHT, window);
  }

  /** Transactions whose verdict was first reported in the window. */
  labelledCount(window: number): number {
    return this.#total(LABELLED, window);
  }

  /** Those of them whose verdict is fraud. */
  fraudCount(window: number): number {
    return this.#total(FRAUD, window);
  }

  /** Distinct values in the window. @param row from `distinctRowOf` */
  distinctCount(row: number, window: number): number {
    return this.#total(row, window);
  }

  /** Whether this payment has a value of its own to compare. @param row from `sameRowOf` */
  hasOwn(row: number): boolean {
    return this.#same[(row - SAME) / ROW_WIDTH]!.value !== 0;
  }

  /** Payments with this payment's own value. @param row from `sameRowOf` */
  sameCount(row: number, window: number): number {
    return this.#total(row, window);
  }

  /**
   * n²·variance of the amounts of 30 days, in cents²: n·Σx² − (Σx)², an exact integer rounded once. In doubles where
   * they hold it exactly, else in big integers, so that it depends on no order of summation.
   */
  scaledVariance30d(): number {
    const amounts = this.#amounts30d.subarray(0, this.#amount30dCount);
    let sum = 0;
    let squareSum = 0;
    for (const amount of amounts) {
      sum += amount;
      squareSum += amount * amount;
    }
    // (Σx)² ≤ n·Σx², and partial sums are smaller than the whole: below 2^53 every step was exact.
    if (squareSum * amounts.length <= Number.MAX_SAFE_INTEGER) return squareSum * amounts.length - sum * sum;
    let exactSquareSum = 0n;
    for (const amount of amounts) exactSquareSum += BigInt(amount) * BigInt(amount);
    return Number(BigInt(amounts.length) * exactSquareSum - BigInt(sum) * BigInt(sum));
  }
}

/** A payment cannot be known for what it is before it happened: a label is visible from the later of its two times. */
function enterLabel(data: DataView, at: number, timeMs: number): void {
  const occurredAtMs = uint48(data, at + AT.occurredAt);
  const knownAtMs = Math.max(uint48(data, at + AT.time), occurredAtMs);
  if (!isKept(timeMs - knownAtMs)) return;
  const isFraud = (data.getUint16(at + AT.flags, true) & RECORD_FLAGS.fraud) !== 0;
  labels.enter(data.getUint32(at + AT.transaction, true), isFraud, { knownAtMs, occurredAtMs });
}
