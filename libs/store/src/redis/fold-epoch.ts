import {
  HISTORY_RECORD_BYTES,
  HISTORY_RECORD_COUNT_MAX,
  invariant,
  readHistorySeq,
  readHistoryTimeMs,
  TOPICS,
  writeHistorySeq,
  type AppliedEvent,
  type StoredLogRecord,
} from '@veto/domain';
import { claimKeyOf } from '../embedded/claim-book';
import { HistoryBook } from '../embedded/history-book';
import { sortBySeq } from '../embedded/sort-by-seq';
import { labelKeyOf, type HistoryEventOf } from '../embedded/state-of-log';
import { digestOfHistories } from './digest-of-histories';
import { tenantOfKey } from './shard-keys';

/** The topics of which histories are made. */
export const FOLDED_TOPICS = [TOPICS.transactions, TOPICS.decisions, TOPICS.labels] as const;

const VISIBLE_BYTES_MAX = HISTORY_RECORD_COUNT_MAX * HISTORY_RECORD_BYTES;

export interface EpochFoldOptions {
  readonly historyEventOf: HistoryEventOf;
  /** Only the events of these tenants; of all when left out. */
  readonly isOfShard?: (tenantId: string) => boolean;
}

/** An event without a place in any epoch so far. */
interface Unplaced {
  readonly id: string;
  readonly timeMs: number;
  readonly applied: AppliedEvent;
}

export interface OpenedHistory {
  readonly key: string;
  /** Whole records, oldest first by seq, `HISTORY_RECORD_COUNT_MAX` at most. */
  readonly bytes: Uint8Array;
}

/**
 * What the state holds when an epoch opens, as `EpochOpened` defines it: a function of the records of the log, whatever
 * order they are read in as long as those of one key keep theirs. It may be opened, go on, and be opened again.
 */
export class EpochFold {
  readonly #historyEventOf: HistoryEventOf;
  readonly #isOfShard: (tenantId: string) => boolean;
  readonly #book = HistoryBook.inOrderOfSeq();
  readonly #placed = new Set<string>();
  readonly #unplaced = new Map<string, Unplaced>();
  readonly #scratch = new Uint8Array(HISTORY_RECORD_BYTES);
  /** Since the last time it was opened; before the first, everything was. */
  #touched: Set<string> | null = null;
  #epochMax = 0;
  #seqMax = 0;

  constructor({ historyEventOf, isOfShard = () => true }: EpochFoldOptions) {
    this.#historyEventOf = historyEventOf;
    this.#isOfShard = isOfShard;
  }

  /** The highest epoch of any event so far. */
  get epochMax(): number {
    return this.#epochMax;
  }

  /** The highest sequence number of any event so far. */
  get seqMax(): number {
    return this.#seqMax;
  }

  /** Events so far, each once. */
  get eventCount(): number {
    return this.#placed.size + this.#unplaced.size;
  }

  /** The next record of the log. What is no event of this shard is passed over. */
  add(record: StoredLogRecord): void {
    if (!this.#isOfShard(tenantOfKey(record.key))) return;
    const { seq = 0, epoch = 0 } = record;
    if (seq > this.#seqMax) this.#seqMax = seq;
    if (epoch > this.#epochMax) this.#epochMax = epoch;
    const event = this.#eventOf(record);
    if (event === null || this.#placed.has(event.id)) return;
    if (seq > 0) this.#place(event, seq);
    else if (!this.#unplaced.has(event.id)) this.#noteUnplaced(event);
  }

  /** A decision says by itself what it does, so that nothing of it has to be parsed; labels are told apart by what they say. */
  #eventOf(record: StoredLogRecord): { readonly id: string; readonly applied: AppliedEvent } | null {
    if (record.topic === TOPICS.decisions)
      return record.applied === undefined ? null : { id: record.key, applied: appliedIn(record.applied) };
    // What came in by these topics and was not sequenced there is no event: it is still to become one.
    if (record.topic !== TOPICS.labels && record.topic !== TOPICS.transactions) return null;
    if (record.seq === undefined) return null;
    const event = this.#historyEventOf(record);
    if (event === null || event.type === 'decided') return null;
    const id = event.type === 'label' ? `label ${labelKeyOf(event)}` : claimKeyOf(event);
    return { id, applied: record.applied === undefined ? event : appliedIn(record.applied) };
  }

  #place({ id, applied }: { readonly id: string; readonly applied: AppliedEvent }, seq: number): void {
    if (this.#unplaced.size > 0) this.#unplaced.delete(id);
    this.#placed.add(id);
    this.#scratch.set(applied.record);
    writeHistorySeq(this.#scratch, seq);
    for (const key of applied.entityKeys) {
      this.#book.append(key, this.#scratch);
      this.#touched?.add(key);
    }
  }

  #noteUnplaced({ id, applied }: { readonly id: string; readonly applied: AppliedEvent }): void {
    // A copy, for what was read is a view of much more.
    const record = applied.record.slice();
    this.#unplaced.set(id, { id, timeMs: readHistoryTimeMs(record), applied: { ...applied, record } });
    for (const key of applied.entityKeys) this.#touched?.add(key);
  }

  /**
   * The histories of an epoch that opens here.
   * @param firstSeq above `seqMax`; events without a place are numbered from here, by their own time and id
   * @param options.onlyTouched only those that an event came to since the last time, and those that have numbers of this epoch
   */
  open(firstSeq: number, options: { readonly onlyTouched?: boolean } = {}): OpenedEpoch {
    const late = this.#numberUnplaced(firstSeq);
    const touched = this.#touched;
    this.#touched = new Set();
    const keys =
      options.onlyTouched === true && touched !== null
        ? new Set([...touched, ...late.keys()])
        : this.#keysWith(late.keys());
    return {
      lastSeq: firstSeq - 1 + this.#unplaced.size,
      keys,
      historyOf: (key) => this.#historyOf(key, late.get(key)),
    };
  }

  /**
   * Opens an epoch here for good: what had no place has one of this epoch from now on. What follows is then to be the
   * events of this epoch, to see what it holds later on.
   * @returns the last sequence number that was given; `firstSeq − 1` when none was
   */
  settle(firstSeq: number): number {
    const inOrder = this.#unplacedInOrder();
    this.#unplaced.clear();
    inOrder.forEach((event, i) => this.#place(event, firstSeq + i));
    return firstSeq - 1 + inOrder.length;
  }

  #unplacedInOrder(): readonly Unplaced[] {
    return [...this.#unplaced.values()].sort((a, b) => a.timeMs - b.timeMs || (a.id < b.id ? -1 : 1));
  }

  #numberUnplaced(firstSeq: number): Map<string, Uint8Array[]> {
    const byKey = new Map<string, Uint8Array[]>();
    this.#unplacedInOrder().forEach(({ applied }, i) => {
      const own = applied.record.slice();
      writeHistorySeq(own, firstSeq + i);
      for (const key of applied.entityKeys) {
        const records = byKey.get(key);
        if (records === undefined) byKey.set(key, [own]);
        else records.push(own);
      }
    });
    return byKey;
  }

  #keysWith(late: Iterable<string>): Set<string> {
    const keys = new Set(late);
    for (const key of this.#book.keys()) keys.add(key);
    return keys;
  }

  #historyOf(key: string, late: readonly Uint8Array[] | undefined): Uint8Array {
    const placed = sortBySeq(this.#book.kept(key));
    const all = late === undefined ? placed : new Uint8Array(Buffer.concat([placed, ...late]));
    return all.subarray(Math.max(0, all.length - VISIBLE_BYTES_MAX));
  }
}

/** As `unpackApplied`, at a third of the time: the record is a view, and nothing is split that is not kept. */
function appliedIn(packed: Uint8Array): AppliedEvent {
  invariant(packed.length >= HISTORY_RECORD_BYTES, `an applied event of ${packed.length} bytes`);
  const keys = Buffer.from(packed.buffer, packed.byteOffset, packed.length).toString(
    'utf8',
    HISTORY_RECORD_BYTES,
  );
  const entityKeys: string[] = [];
  for (let from = 0, to = keys.indexOf('\n'); to >= 0; from = to + 1, to = keys.indexOf('\n', from))
    entityKeys.push(keys.slice(from, to));
  return { entityKeys, record: packed.subarray(0, HISTORY_RECORD_BYTES) };
}

/** Good until the fold goes on. */
export interface OpenedEpoch {
  /** The last sequence number that was given; `firstSeq − 1` when none was. */
  readonly lastSeq: number;
  readonly keys: ReadonlySet<string>;
  historyOf(key: string): Uint8Array;
}

/** As `StateStore.digest`. */
export function digestOf(opened: OpenedEpoch): string {
  return digestOfHistories(Array.from(opened.keys, (key) => [key, opened.historyOf(key)] as const));
}

/** The sequence numbers in a history, oldest first. */
export function seqsOfHistory(bytes: Uint8Array): number[] {
  return Array.from({ length: bytes.length / HISTORY_RECORD_BYTES }, (_, i) =>
    readHistorySeq(bytes, i * HISTORY_RECORD_BYTES),
  );
}
