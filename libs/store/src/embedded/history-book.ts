import { createHash } from 'node:crypto';
import { HISTORY_RECORD_BYTES, HISTORY_RECORD_COUNT_MAX, readHistorySeq } from '@veto/domain';
import { EventProgress } from './event-progress';
import { HandoutPool } from './handout-pool';
import { KeyTable } from './key-table';
import { BLOCK_CLASS_MAX, RecordArena } from './record-arena';
import { sortBySeq } from './sort-by-seq';

const VISIBLE_BYTES_MAX = HISTORY_RECORD_COUNT_MAX * HISTORY_RECORD_BYTES;
/** A history with more records than this has an array of its own. */
const SMALL_RECORD_COUNT_MAX = 1 << BLOCK_CLASS_MAX;
const IS_LARGE = 0xff;
const NOTHING = new Uint8Array(0);
/** Idle histories are looked for in so many places with each event. */
const SWEEP_SLOT_COUNT = 2;

/** One entity's history as it is copied to a snapshot and back. */
export interface HistoryEntry {
  readonly key: string;
  /** How far the events had come when it was last appended to, in minutes since epoch. */
  readonly touchedMinute: number;
  /** The records that a reader can see. */
  readonly bytes: Uint8Array;
}

/** A history that outgrew the arena: grown by replacement, so that bytes handed out are never written again. */
interface LargeHistory {
  bytes: Uint8Array;
  byteLength: number;
}

/** Columns with one place for each entity. */
class Columns {
  address: Uint32Array;
  recordCount: Uint8Array;
  /** Class of the block in the arena, or `IS_LARGE`. */
  blockClass: Uint8Array;
  /** How far the events had come when it was last appended to, in minutes since epoch. */
  touchedMinute: Uint32Array;

  constructor(size: number) {
    this.address = new Uint32Array(size);
    this.recordCount = new Uint8Array(size);
    this.blockClass = new Uint8Array(size);
    this.touchedMinute = new Uint32Array(size);
  }

  grown(): Columns {
    const larger = new Columns(this.address.length * 2);
    larger.address.set(this.address);
    larger.recordCount.set(this.recordCount);
    larger.blockClass.set(this.blockClass);
    larger.touchedMinute.set(this.touchedMinute);
    return larger;
  }
}

/**
 * The histories of all entities, by key. What nobody touched while the events came on by as much as histories are
 * looked at, reads as never seen, and its room is used again.
 */
export class HistoryBook {
  readonly #keys = new KeyTable();
  #columns = new Columns(1_024);
  readonly #arena = new RecordArena();
  readonly #large = new Map<number, LargeHistory>();
  readonly #handouts = new HandoutPool();
  readonly #progress: EventProgress;
  #sweepSlot = 0;
  #isTrimHeld = false;
  #isOrdered = true;
  #goneBackCount = 0;

  constructor(progress: EventProgress = new EventProgress()) {
    this.#progress = progress;
  }

  /** A book whose records come in any order, and of which those with the highest sequence numbers are kept; see `kept`. */
  static inOrderOfSeq(): HistoryBook {
    const book = new HistoryBook();
    book.#isOrdered = false;
    return book;
  }

  get entityCount(): number {
    return this.#keys.size;
  }

  get progress(): EventProgress {
    return this.#progress;
  }

  /** How often progress was found to be wrong; a copy under way is then void. */
  get goneBackCount(): number {
    return this.#goneBackCount;
  }

  /** Slots are 0 … slotCount − 1; some are free. */
  get slotCount(): number {
    return this.#keys.slotCount;
  }

  /** Notes the time of the next payment, before its histories are read. */
  advance(timeMs: number): void {
    const isFirst = this.#progress.minute === 0;
    if (this.#progress.advance(timeMs)) this.#goBackTo(timeMs);
    // What was appended before there was any progress counts as touched now.
    if (isFirst) this.#columns.touchedMinute.fill(this.#progress.minute);
    for (let i = 0; i < SWEEP_SLOT_COUNT && this.slotCount > 0; i++) {
      this.#sweepSlot = this.#sweepSlot + 1 < this.slotCount ? this.#sweepSlot + 1 : 0;
      this.#dropIfIdle(this.#sweepSlot);
    }
  }

  /** Progress was wrong: what is idle by it goes, so that this is the same everywhere; the rest counts as touched now. */
  #goBackTo(timeMs: number): void {
    for (let slot = 0; slot < this.slotCount; slot++) this.#dropIfIdle(slot);
    this.#progress.goBackTo(timeMs);
    this.#columns.touchedMinute.fill(this.#progress.minute);
    this.#goneBackCount += 1;
  }

  /** The latest records of an entity, oldest first; empty when it was never seen. The bytes never change afterwards. */
  visible(key: string): Uint8Array {
    const slot = this.#keys.slotOf(key);
    if (slot < 0 || this.#isIdle(slot)) return NOTHING;
    return this.#visibleAt(slot);
  }

  #visibleAt(slot: number): Uint8Array {
    if (this.#columns.blockClass[slot] === IS_LARGE) {
      const { bytes, byteLength } = this.#large.get(slot)!;
      return bytes.subarray(Math.max(0, byteLength - VISIBLE_BYTES_MAX), byteLength);
    }
    const recordCount = this.#columns.recordCount[slot]!;
    const copy = this.#handouts.take(recordCount * HISTORY_RECORD_BYTES);
    this.#arena.copyTo(copy, 0, this.#columns.address[slot]!, recordCount);
    return copy;
  }

  /** Every record of an entity that is kept, in the order in which they came: those that a reader sees are among them. */
  kept(key: string): Uint8Array {
    const slot = this.#keys.slotOf(key);
    if (slot < 0) return NOTHING;
    const large = this.#large.get(slot);
    return large === undefined ? this.#visibleAt(slot) : large.bytes.subarray(0, large.byteLength);
  }

  has(key: string): boolean {
    return this.#keys.slotOf(key) >= 0;
  }

  /** The keys that have a history, in no order. */
  keys(): Iterable<string> {
    return this.#keys.keys();
  }

  /** What is visible of an entity, and then one record more. @param record with its seq; its bytes are copied */
  readAndAppend(key: string, record: Uint8Array): Uint8Array {
    const slot = this.#activeSlotOf(key);
    if (slot < 0) {
      this.#appendAt(this.#addEntity(key), record);
      return NOTHING;
    }
    const before = this.#visibleAt(slot);
    this.#appendAt(slot, record);
    return before;
  }

  /** @param record with its seq; its bytes are copied */
  append(key: string, record: Uint8Array): void {
    const slot = this.#activeSlotOf(key);
    this.#appendAt(slot < 0 ? this.#addEntity(key) : slot, record);
  }

  /** The slot of an entity, or −1 when there is none; one that is idle is dropped. */
  #activeSlotOf(key: string): number {
    const slot = this.#keys.slotOf(key);
    if (slot < 0 || !this.#isIdle(slot)) return slot;
    this.#drop(slot);
    return -1;
  }

  #appendAt(slot: number, record: Uint8Array): void {
    this.#columns.touchedMinute[slot] = this.#progress.minute;
    if (this.#columns.blockClass[slot] === IS_LARGE) this.#appendLarge(this.#large.get(slot)!, record);
    else this.#appendSmall(slot, record);
  }

  #addEntity(key: string): number {
    const slot = this.#keys.add(key);
    if (slot >= this.#columns.address.length) this.#columns = this.#columns.grown();
    this.#columns.address[slot] = this.#arena.allocate(0);
    this.#columns.recordCount[slot] = 0;
    this.#columns.blockClass[slot] = 0;
    return slot;
  }

  #appendSmall(slot: number, record: Uint8Array): void {
    const columns = this.#columns;
    const recordCount = columns.recordCount[slot]!;
    const blockClass = columns.blockClass[slot]!;
    if (recordCount === SMALL_RECORD_COUNT_MAX) {
      this.#makeLarge(slot, record);
      return;
    }
    let address = columns.address[slot]!;
    if (recordCount === 1 << blockClass) {
      const larger = this.#arena.allocate(blockClass + 1);
      this.#arena.move(larger, address, recordCount);
      this.#arena.release(address, blockClass);
      columns.address[slot] = address = larger;
      columns.blockClass[slot] = blockClass + 1;
    }
    this.#arena.write(address + recordCount, record);
    columns.recordCount[slot] = recordCount + 1;
  }

  #makeLarge(slot: number, record: Uint8Array): void {
    const byteLength = SMALL_RECORD_COUNT_MAX * HISTORY_RECORD_BYTES;
    const bytes = new Uint8Array(byteLength * 2);
    this.#arena.copyTo(bytes, 0, this.#columns.address[slot]!, SMALL_RECORD_COUNT_MAX);
    this.#arena.release(this.#columns.address[slot]!, this.#columns.blockClass[slot]!);
    this.#columns.blockClass[slot] = IS_LARGE;
    const history = { bytes, byteLength };
    this.#large.set(slot, history);
    this.#appendLarge(history, record);
  }

  /** At twice the records that anybody looks at, the older half is left behind. */
  #appendLarge(history: LargeHistory, record: Uint8Array): void {
    if (history.byteLength === history.bytes.length) {
      const keptFrom = this.#isTrimHeld ? 0 : Math.max(0, history.byteLength - VISIBLE_BYTES_MAX);
      const all = history.bytes.subarray(0, history.byteLength);
      const kept = (this.#isOrdered ? all : sortBySeq(all)).subarray(keptFrom);
      const larger = new Uint8Array(kept.length * 2);
      larger.set(kept);
      history.bytes = larger;
      history.byteLength = kept.length;
    }
    history.bytes.set(record, history.byteLength);
    history.byteLength += HISTORY_RECORD_BYTES;
  }

  #isIdle(slot: number): boolean {
    return this.#columns.touchedMinute[slot]! < this.#progress.horizonMinute;
  }

  #dropIfIdle(slot: number): void {
    if (this.#keys.keyAt(slot) !== null && this.#isIdle(slot)) this.#drop(slot);
  }

  #drop(slot: number): void {
    const blockClass = this.#columns.blockClass[slot]!;
    if (blockClass === IS_LARGE) this.#large.delete(slot);
    else this.#arena.release(this.#columns.address[slot]!, blockClass);
    this.#keys.removeAt(slot);
  }

  /** While a copy of the state as of some seq is made, no record that was visible then may be left behind. */
  holdTrim(isHeld: boolean): void {
    this.#isTrimHeld = isHeld;
  }

  /**
   * What a reader with seq `beforeSeq` would have seen of the entity in a slot; null when the slot is free, the entity
   * was not yet seen then, or it is idle.
   */
  entryAt(slot: number, beforeSeq: number): HistoryEntry | null {
    const key = this.#keys.keyAt(slot);
    if (key === null || this.#isIdle(slot)) return null;
    const large = this.#large.get(slot);
    const bytes = large === undefined ? this.#visibleAt(slot) : large.bytes.subarray(0, large.byteLength);
    let end = bytes.length;
    while (end > 0 && readHistorySeq(bytes, end - HISTORY_RECORD_BYTES) >= beforeSeq)
      end -= HISTORY_RECORD_BYTES;
    if (end === 0) return null;
    const visible = bytes.subarray(Math.max(0, end - VISIBLE_BYTES_MAX), end);
    return { key, touchedMinute: this.#columns.touchedMinute[slot]!, bytes: visible };
  }

  /** Takes back an entry of an entity that the book does not know. */
  restore({ key, touchedMinute, bytes }: HistoryEntry): void {
    for (let at = 0; at < bytes.length; at += HISTORY_RECORD_BYTES) {
      this.append(key, bytes.subarray(at, at + HISTORY_RECORD_BYTES));
    }
    this.#columns.touchedMinute[this.#keys.slotOf(key)] = touchedMinute;
  }

  /** SHA-256 (hex) over what a reader can see of every history, in key order. */
  digest(): string {
    const hash = createHash('sha256');
    for (const key of this.#keys.sorted()) {
      const bytes = this.visible(key);
      if (bytes.length > 0) hash.update(`${key}\n`).update(bytes);
    }
    return hash.digest('hex');
  }
}
