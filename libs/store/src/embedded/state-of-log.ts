import {
  HISTORY_RECORD_BYTES,
  invariant,
  readHistoryTimeMs,
  TOPICS,
  VetoError,
  writeHistorySeq,
  type HistoryEvent,
  type StoredLogRecord,
} from '@veto/domain';
import { ClaimBook, claimKeyOf } from './claim-book';
import type { ClaimIndex, DecidedClaim } from './claim-index';
import { HistoryBook } from './history-book';

/** What a record of the log means to the state; null = nothing. */
export type HistoryEventOf = (record: StoredLogRecord) => HistoryEvent | null;

/** The topics that the state is made of. */
export const STATE_TOPICS = [TOPICS.transactions, TOPICS.labels, TOPICS.decisions];

const EPOCH_FIRST = 1;

/** A label whose record is on its way to the log. */
interface LabelUnderWay {
  readonly seq: number;
  readonly logged: Promise<void>;
}

/** From where a state starts that does not start from nothing. */
export interface StateStart {
  readonly histories: HistoryBook;
  readonly claims: ClaimBook;
  readonly epoch: number;
  readonly lastSeq: number;
}

/**
 * The state as the log has it, and the events that were sequenced and are on their way there. It follows the log in two
 * ways that come to the same: `apply` for what is read at the start, `noteLogged` for what this process appends.
 */
export class StateOfLog {
  readonly histories: HistoryBook;
  readonly claims: ClaimBook;
  readonly index: ClaimIndex;
  readonly #historyEventOf: HistoryEventOf;
  readonly #labelsUnderWay = new Map<string, LabelUnderWay>();
  readonly #labelKeyOfSeq = new Map<number, string>();
  readonly #scratch = new Uint8Array(HISTORY_RECORD_BYTES);
  #epoch: number;
  #lastSeq: number;

  constructor(index: ClaimIndex, historyEventOf: HistoryEventOf, start?: StateStart) {
    this.index = index;
    this.#historyEventOf = historyEventOf;
    this.histories = start?.histories ?? new HistoryBook();
    this.claims = start?.claims ?? new ClaimBook();
    this.#epoch = start?.epoch ?? EPOCH_FIRST;
    this.#lastSeq = start?.lastSeq ?? 0;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** The last sequence number given out; 0 = none. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  takeSeq(): number {
    this.#lastSeq += 1;
    return this.#lastSeq;
  }

  /** Appends a payment's record to the history of each entity. @returns the histories before it */
  appendPayment(entityKeys: readonly string[], record: Uint8Array, seq: number): Uint8Array[] {
    const own = this.#numbered(record, seq);
    this.histories.advance(readHistoryTimeMs(own));
    return entityKeys.map((key) => this.histories.readAndAppend(key, own));
  }

  /** A label's time says nothing about how far the events have come: it may be given for any day. */
  appendLabel(entityKeys: readonly string[], record: Uint8Array, seq: number): void {
    const own = this.#numbered(record, seq);
    for (const key of entityKeys) this.histories.append(key, own);
  }

  /** The record with its sequence number in it; good until the next call, for every history copies it. */
  #numbered(record: Uint8Array, seq: number): Uint8Array {
    invariant(
      record.length === HISTORY_RECORD_BYTES,
      `history record of ${record.length} bytes, expected ${HISTORY_RECORD_BYTES}`,
    );
    this.#scratch.set(record);
    writeHistorySeq(this.#scratch, seq);
    return this.#scratch;
  }

  /**
   * One record read from the log at the start.
   * @throws VetoError log_corrupt when a sequence number is missing
   */
  apply(record: StoredLogRecord, indexedTo: number): void {
    if (record.topic === TOPICS.decisions) {
      this.#noteDecision(record, indexedTo);
    } else {
      const event = this.#historyEventOf(record);
      if (event !== null && event.type !== 'decided') this.#applyEvent(event, record, indexedTo);
    }
    if (record.position > indexedTo) this.#advance(record);
  }

  #applyEvent(
    event: Exclude<HistoryEvent, { type: 'decided' }>,
    record: StoredLogRecord,
    indexedTo: number,
  ): void {
    const seq = record.seq ?? 0;
    // A snapshot may hold events that came on the log after the position that it names.
    const isKnown = seq <= this.#lastSeq;
    if (!isKnown && seq !== this.#lastSeq + 1) {
      throw new VetoError(
        'log_corrupt',
        `record ${record.position} of the log has seq ${seq}, due is ${this.#lastSeq + 1}`,
      );
    }
    if (event.type === 'label' && record.position > indexedTo) this.index.putLabel(labelKeyOf(event), seq);
    if (isKnown) return;
    this.#lastSeq = seq;
    this.#epoch = Math.max(this.#epoch, record.epoch ?? EPOCH_FIRST);
    if (event.type === 'label') {
      this.appendLabel(event.entityKeys, event.record, seq);
      return;
    }
    const { tenantId, transactionId, fingerprint } = event;
    const histories = this.appendPayment(event.entityKeys, event.record, seq);
    const claim = {
      tenantId,
      transactionId,
      fingerprint,
      epoch: this.#epoch,
      seq,
      histories,
      begunAtMs: record.appendedAtMs,
    };
    // A copy, for the record's value is a view of what may be a megabyte read from the log.
    this.claims.add(claimKeyOf(event), { ...claim, payload: record.value.slice(), bytes: null });
  }

  /** What became durable while the store is open. The events among it were applied when they were sequenced. */
  noteLogged(records: readonly StoredLogRecord[]): void {
    for (const record of records) {
      if (record.topic === TOPICS.decisions) this.#noteDecision(record, -1);
      else if (record.topic === TOPICS.labels && record.seq !== undefined) this.#noteLabel(record.seq);
    }
    const last = records.at(-1);
    if (last !== undefined) this.#advance(last);
  }

  #advance(last: StoredLogRecord): void {
    this.index.advance({ position: last.position, appendedAtMs: last.appendedAtMs, key: last.key });
  }

  #noteLabel(seq: number): void {
    const labelKey = this.#labelKeyOfSeq.get(seq);
    if (labelKey === undefined) return;
    this.index.putLabel(labelKey, seq);
    this.#labelKeyOfSeq.delete(seq);
    this.#labelsUnderWay.delete(labelKey);
  }

  /**
   * A decision on the log. The first one under a claim's key is its decision, for a revision comes later; so in the
   * common case nothing has to be parsed.
   */
  #noteDecision(record: StoredLogRecord, indexedTo: number): void {
    const claim = this.claims.get(record.key);
    if (claim !== undefined) {
      const decided = { position: record.position, fingerprint: claim.fingerprint };
      this.#putDecided(record.key, decided, claim.bytes ?? record.value, indexedTo);
      return;
    }
    if (record.position <= indexedTo) return;
    const event = this.#historyEventOf(record);
    if (event?.type !== 'decided') return;
    const claimKey = claimKeyOf(event);
    const known = this.claims.get(claimKey);
    if (known === undefined && this.index.decided(claimKey) !== null) return;
    const decided = { position: record.position, fingerprint: known?.fingerprint ?? null };
    this.#putDecided(claimKey, decided, event.bytes, indexedTo);
  }

  #putDecided(claimKey: string, decided: DecidedClaim, bytes: Uint8Array, indexedTo: number): void {
    if (decided.position > indexedTo) this.index.putDecided(claimKey, decided);
    this.claims.forget(claimKey, bytes);
  }

  /** A label that was already sequenced; null when it was never seen. */
  knownLabel(labelKey: string): LabelUnderWay | null {
    const underWay = this.#labelsUnderWay.get(labelKey);
    if (underWay !== undefined) return underWay;
    const seq = this.index.labelSeq(labelKey);
    return seq === null ? null : { seq, logged: Promise.resolve() };
  }

  noteLabelUnderWay(labelKey: string, label: LabelUnderWay): void {
    this.#labelsUnderWay.set(labelKey, label);
    this.#labelKeyOfSeq.set(label.seq, labelKey);
  }

  digest(): string {
    return this.histories.digest();
  }
}

export function labelKeyOf(label: { readonly tenantId: string; readonly labelKey: string }): string {
  return `${label.tenantId}|${label.labelKey}`;
}
