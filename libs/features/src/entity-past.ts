import {
  HISTORY_AGE_MAX_MS,
  HISTORY_RECORD_BYTES,
  HISTORY_RECORD_COUNT_MAX,
  invariant,
  readHistorySeq,
  type EntityKind,
} from '@veto/domain';
import { DistinctTable } from './distinct-table';
import { LabelLedger } from './label-ledger';
import { isNight } from './payment-facts';
import {
  assertCodecVersion,
  HISTORY_CODEC_VERSION,
  LABEL_KIND,
  RECORD_FLAGS,
  RECORD_OFFSETS as AT,
} from './record-codec';
import { windowIndexOf, WINDOWS } from './windows';

/** What a record of a history can be asked for: the other entities of the payment, and where it happened. */
export type Dimension = EntityKind | 'country';

/** Amounts below this, in cents of the base currency, are what a thief tries a card with. */
export const SMALL_AMOUNT_MINOR = 5_00;

/** Which other things are counted in the history of each kind: distinct values, and values equal to this payment's. */
const COUNTED: Readonly<
  Record<EntityKind, { readonly distinct: readonly Dimension[]; readonly same: readonly Dimension[] }>
> = {
  card: { distinct: ['merchant', 'country', 'device'], same: ['country'] },
  customer: { distinct: ['device', 'card', 'country'], same: ['device', 'merchant', 'ip'] },
  device: { distinct: ['card', 'customer', 'email'], same: [] },
  ip: { distinct: ['card', 'customer'], same: [] },
  email: { distinct: ['card'], same: [] },
  merchant: { distinct: ['card', 'bin'], same: [] },
  bin: { distinct: ['card', 'merchant'], same: [] },
};

/** Windows in a row of the tally; one more than there are, so that a row's width is a power of two. */
const ROW_WIDTH = 8;
/** Where each row of the tally begins. A row holds one number per window, of the records whose narrowest window it is. */
const COUNT = 0 * ROW_WIDTH;
const SUM = 1 * ROW_WIDTH;
const MAX = 2 * ROW_WIDTH;
const SMALL = 3 * ROW_WIDTH;
const CVV_MISMATCH = 4 * ROW_WIDTH;
const NIGHT = 5 * ROW_WIDTH;
const LABELLED = 6 * ROW_WIDTH;
const FRAUD = 7 * ROW_WIDTH;
const DISTINCT = 8 * ROW_WIDTH;
const SAME = 11 * ROW_WIDTH;
const TALLY_WIDTH = 14 * ROW_WIDTH;

const WIDTHS_MS = Float64Array.from(WINDOWS, (window) => window.ms);
const WINDOW_30D = windowIndexOf('30d');
const VIEW_BYTES_MAX = HISTORY_RECORD_COUNT_MAX * HISTORY_RECORD_BYTES;

/**
 * The cut between what is kept and what was dropped is judged by the latest of this many records at it, so that a few
 * late ones there do not hide that something newer was dropped.
 */
const CUT_RECORD_COUNT = 8;

/** This payment as the pass over a history looks at it. */
export interface Vantage {
  readonly timeMs: number;
  readonly seq: number;
  /** Of this payment's own values; 0 = absent. Only those that are compared with the past. */
  readonly hashes: Readonly<Record<Dimension, number>>;
}

// Scratch for the entity at hand; one pass ends before the next begins.
const distinctTables = [new DistinctTable(), new DistinctTable(), new DistinctTable()] as const;
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
  readonly #same: readonly Field[];

  constructor(readonly kind: EntityKind) {
    this.#distinct = COUNTED[kind].distinct.map(fieldOf);
    this.#same = COUNTED[kind].same.map(fieldOf);
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
    let end = bytes.length;
    while (end > 0 && readHistorySeq(bytes, end - HISTORY_RECORD_BYTES) >= vantage.seq)
      end -= HISTORY_RECORD_BYTES;
    this.#tally.fill(0);
    this.#amount30dCount = 0;
    for (const field of this.#same) field.own = vantage.hashes[field.dimension];
    if (end === 0) return;
    const view = new DataView(bytes.buffer, bytes.byteOffset, end);
    const start = Math.max(0, end - VIEW_BYTES_MAX);
    if (end - start === VIEW_BYTES_MAX) this.cutAgeMs = cutAgeMsOf(view, start, vantage.timeMs);
    for (const field of this.#distinct) field.table.clear();
    labels.clear();
    this.#pass(view, start, vantage.timeMs);
    if (labels.rowCount > 0) this.#settleLabels(vantage.timeMs);
  }

  /** The one pass, newest first. */
  #pass(view: DataView, start: number, timeMs: number): void {
    const tally = this.#tally;
    const countsNight = this.kind === 'customer';
    let window = 0;
    for (let at = view.byteLength - HISTORY_RECORD_BYTES; at >= start; at -= HISTORY_RECORD_BYTES) {
      const head = view.getUint32(at, true);
      if ((head & 0xff) !== HISTORY_CODEC_VERSION) assertCodecVersion(head & 0xff);
      const recordMs = uint48(view, at + AT.time);
      if (((head >>> 8) & 0xff) === LABEL_KIND) {
        enterLabel(view, at, {
          isFraud: ((head >>> 16) & RECORD_FLAGS.fraud) !== 0,
          reportedAtMs: recordMs,
          timeMs,
        });
        continue;
      }
      const ageMs = timeMs - recordMs;
      if (ageMs < 0 || ageMs > HISTORY_AGE_MAX_MS) continue;
      // Records come nearly in order of time, so the next one's window is this one's or a neighbour.
      while (ageMs > WIDTHS_MS[window]!) window++;
      while (window > 0 && ageMs <= WIDTHS_MS[window - 1]!) window--;

      const amount = uint48(view, at + AT.amount);
      tally[COUNT + window]!++;
      tally[SUM + window]! += amount;
      if (amount > tally[MAX + window]!) tally[MAX + window] = amount;
      if (amount < SMALL_AMOUNT_MINOR) tally[SMALL + window]!++;
      if (((head >>> 16) & RECORD_FLAGS.cvvMismatch) !== 0) tally[CVV_MISMATCH + window]!++;
      if (countsNight && isNight(recordMs)) tally[NIGHT + window]!++;
      if (ageMs < this.latestAgeMs) this.latestAgeMs = ageMs;
      if (ageMs > this.earliestAgeMs) this.earliestAgeMs = ageMs;
      if (window <= WINDOW_30D) this.#amounts30d[this.#amount30dCount++] = amount;
      this.#countOthers(view, at, window);
    }
  }

  #countOthers(view: DataView, at: number, window: number): void {
    for (let i = 0; i < this.#distinct.length; i++) {
      const field = this.#distinct[i]!;
      const value = view.getUint32(at + field.offset, true) >>> field.shift;
      if (value !== 0) field.table.add(value, window, this.#tally, DISTINCT + i * ROW_WIDTH);
    }
    for (let i = 0; i < this.#same.length; i++) {
      const field = this.#same[i]!;
      const value = view.getUint32(at + field.offset, true) >>> field.shift;
      if (value === field.own && value !== 0) this.#tally[SAME + i * ROW_WIDTH + window]!++;
    }
  }

  #settleLabels(timeMs: number): void {
    for (let row = 0; row < labels.rowCount; row++) {
      const window = windowOf(timeMs - labels.knownAtMs(row));
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
    return this.#same[(row - SAME) / ROW_WIDTH]!.own !== 0;
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

/** Where a dimension lies in a record, and the scratch for counting it. */
interface Field {
  readonly dimension: Dimension;
  /** Read 32 bits here and drop `shift` of them. */
  readonly offset: number;
  readonly shift: number;
  readonly table: DistinctTable;
  own: number;
}

function fieldOf(dimension: Dimension, position: number): Field {
  const table = distinctTables[position];
  invariant(table !== undefined, `no scratch table for dimension ${position}, ${dimension}`);
  // The country's 16 bits end where the hashes begin: the upper half of the 32 bits that begin two bytes earlier.
  return dimension === 'country'
    ? { dimension, offset: AT.country - 2, shift: 16, table, own: 0 }
    : { dimension, offset: AT[dimension], shift: 0, table, own: 0 };
}

/** Which row of the tally counts the distinct values of a dimension in the history of a kind. */
export function distinctRowOf(kind: EntityKind, dimension: Dimension): number {
  const position = COUNTED[kind].distinct.indexOf(dimension);
  invariant(position >= 0, `distinct ${dimension} are not counted in the history of a ${kind}`);
  return DISTINCT + position * ROW_WIDTH;
}

/** Which row of the tally counts the payments with this payment's own value of a dimension. */
export function sameRowOf(kind: EntityKind, dimension: Dimension): number {
  const position = COUNTED[kind].same.indexOf(dimension);
  invariant(position >= 0, `the same ${dimension} is not counted in the history of a ${kind}`);
  return SAME + position * ROW_WIDTH;
}

function uint48(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint16(at + 4, true) * 0x1_0000_0000;
}

/** Index of the narrowest window that reaches back this far. @param ageMs 0 … `HISTORY_AGE_MAX_MS` */
function windowOf(ageMs: number): number {
  let window = 0;
  while (ageMs > WIDTHS_MS[window]!) window++;
  return window;
}

/** A payment cannot be known for what it is before it happened: a label is visible from the later of its two times. */
function enterLabel(
  view: DataView,
  at: number,
  label: { readonly isFraud: boolean; readonly reportedAtMs: number; readonly timeMs: number },
): void {
  const occurredAtMs = uint48(view, at + AT.occurredAt);
  const knownAtMs = Math.max(label.reportedAtMs, occurredAtMs);
  const ageMs = label.timeMs - knownAtMs;
  if (ageMs < 0 || ageMs > HISTORY_AGE_MAX_MS) return;
  labels.enter(view.getUint32(at + AT.transaction, true), label.isFraud, { knownAtMs, occurredAtMs });
}

function cutAgeMsOf(view: DataView, start: number, timeMs: number): number {
  let ageMs = Infinity;
  for (let i = 0; i < CUT_RECORD_COUNT; i++) {
    ageMs = Math.min(ageMs, timeMs - uint48(view, start + i * HISTORY_RECORD_BYTES + AT.time));
  }
  return ageMs;
}
