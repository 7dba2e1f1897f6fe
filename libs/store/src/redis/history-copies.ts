import { HISTORY_RECORD_BYTES } from '@veto/domain';
import { placeOf, visibleTo, VISIBLE_BYTES_MAX } from './visible-history';

/** A shorter history is read whole: that costs no more than to ask for its end. */
export const COPIED_FROM_COUNT = 64;
/** What is kept before what a reader of the latest record sees: for readers of earlier ones. */
const KEPT_BYTES = VISIBLE_BYTES_MAX + 64 * HISTORY_RECORD_BYTES;
/** Room for what comes, until a copy is made anew. */
const ROOM_BYTES = 128 * HISTORY_RECORD_BYTES;
const BYTES_MAX = 64 * 1024 * 1024;

/** The end of one history as it was read last. What lies in `bytes` never changes; more comes behind it. */
interface Copy {
  bytes: Buffer;
  /** Of `bytes`, so many are there. */
  length: number;
  /** How long the history itself was. */
  end: number;
}

/**
 * Copies of long histories, so that only what is new is read of them: within an epoch a history only grows, and now and then
 * is cut at its beginning. A copy is gone on with only where its last record still lies at its place in the history; the
 * seq in it is handed out once in an epoch, whose histories have names of their own.
 * Bounded by bytes: what was not read for longest goes.
 */
export class HistoryCopies {
  readonly #copies = new Map<string, Copy>();
  readonly #longBytes: number;
  readonly #bytesMax: number;
  #byteCount = 0;

  /** @param fromCount histories of so many records and more are copied */
  constructor(fromCount: number = COPIED_FROM_COUNT, bytesMax: number = BYTES_MAX) {
    this.#longBytes = fromCount * HISTORY_RECORD_BYTES;
    this.#bytesMax = bytesMax;
  }

  /** From where on a history is to be read, in bytes: from the last record that is here; null = read it whole. */
  readFrom(name: string): number | null {
    const copy = this.#copies.get(name);
    return copy === undefined ? null : copy.end - HISTORY_RECORD_BYTES;
  }

  /**
   * Takes what was read.
   * @param from where `tail` begins in the history
   * @returns false where it does not go on from what is here: the history is to be read whole
   */
  goOn(name: string, from: number, tail: Buffer): boolean {
    const copy = this.#copies.get(name);
    if (copy === undefined) return false;
    const at = copy.length - (copy.end - from);
    const isSame =
      at >= 0 &&
      at < copy.length &&
      tail.length >= HISTORY_RECORD_BYTES &&
      tail.compare(copy.bytes, at, at + HISTORY_RECORD_BYTES, 0, HISTORY_RECORD_BYTES) === 0;
    if (!isSame) {
      this.#drop(name, copy);
      return false;
    }
    // Another call may have read further by now.
    const news = tail.subarray(copy.end - from);
    this.#makeRoom(copy, news.length);
    news.copy(copy.bytes, copy.length);
    copy.length += news.length;
    copy.end += news.length;
    this.#copies.delete(name);
    this.#copies.set(name, copy);
    return true;
  }

  /**
   * What a reader with this number sees.
   * @returns null where it is not known from what is here: the history is to be read whole
   */
  before(name: string, seq: number): Uint8Array | null {
    const copy = this.#copies.get(name);
    if (copy === undefined) return null;
    const bytes = copy.bytes.subarray(0, copy.length);
    const at = placeOf(bytes, seq);
    const isWhole = copy.length === copy.end;
    return at < 0 || (at < VISIBLE_BYTES_MAX && !isWhole) ? null : visibleTo(bytes, at);
  }

  /** Keeps a copy of what was read whole, if it is worth one. */
  keep(name: string, history: Buffer): void {
    const old = this.#copies.get(name);
    if (old !== undefined) this.#drop(name, old);
    if (history.length < this.#longBytes) return;
    const kept = history.subarray(Math.max(0, history.length - KEPT_BYTES));
    const bytes = Buffer.allocUnsafeSlow(kept.length + ROOM_BYTES);
    kept.copy(bytes);
    this.#copies.set(name, { bytes, length: kept.length, end: history.length });
    this.#byteCount += bytes.length;
    for (const [oldest, copy] of this.#copies) {
      if (this.#byteCount <= this.#bytesMax) break;
      this.#drop(oldest, copy);
    }
  }

  get byteCount(): number {
    return this.#byteCount;
  }

  /** Those who have views of the bytes keep them. */
  #makeRoom(copy: Copy, newBytes: number): void {
    if (copy.length + newBytes <= copy.bytes.length) return;
    const kept = copy.bytes.subarray(Math.max(0, copy.length - KEPT_BYTES), copy.length);
    const bytes = Buffer.allocUnsafeSlow(kept.length + newBytes + ROOM_BYTES);
    kept.copy(bytes);
    this.#byteCount += bytes.length - copy.bytes.length;
    copy.bytes = bytes;
    copy.length = kept.length;
  }

  #drop(name: string, copy: Copy): void {
    this.#copies.delete(name);
    this.#byteCount -= copy.bytes.length;
  }
}
