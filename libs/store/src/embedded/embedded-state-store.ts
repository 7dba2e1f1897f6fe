import {
  HISTORY_RECORD_BYTES,
  invariant,
  TOPICS,
  VetoError,
  writeHistorySeq,
  type AppendLabelRequest,
  type BeginRequest,
  type BeginResult,
  type ClaimId,
  type Clock,
  type CommitRequest,
  type CommitResult,
  type EventLog,
  type LogRecord,
  type PendingClaim,
  type StateStore,
  type StoredLogRecord,
} from '@veto/domain';
import type { HistoryEvent } from '../history-event';
import { ClaimBook, claimKeyOf, type Claim } from './claim-book';
import { createMemoryClaimIndex, type ClaimIndex, type DecidedClaim } from './claim-index';
import { HistoryBook } from './history-book';
import { openLmdbClaimIndex } from './lmdb-claim-index';

export interface EmbeddedStoreOptions {
  /** Where the index of decided ids and the snapshots lie; null = in memory only, rebuilt from the log at every start. */
  readonly directory: string | null;
  readonly log: EventLog;
  readonly clock: Clock;
  /** What a record of the log means to the state; null = nothing. */
  readonly historyEventOf: (record: StoredLogRecord) => HistoryEvent | null;
}

const REBUILD_BATCH_COUNT = 2_000;
/** Journal records that may be on their way to the log; beyond it nothing is begun. */
const JOURNAL_WAITING_COUNT_MAX = 20_000;
const STATE_TOPICS = [TOPICS.transactions, TOPICS.labels, TOPICS.decisions];
const EPOCH_FIRST = 1;

/**
 * Opens the state that lives in this process, as the log has it.
 * @throws VetoError store_unavailable | log_corrupt
 */
export async function openEmbeddedStore(options: EmbeddedStoreOptions): Promise<StateStore> {
  const index = options.directory === null ? createMemoryClaimIndex() : openLmdbClaimIndex(options.directory);
  const store = new EmbeddedStateStore(options, index);
  await store.rebuild();
  return store;
}

class EmbeddedStateStore implements StateStore {
  readonly #log: EventLog;
  readonly #clock: Clock;
  readonly #historyEventOf: (record: StoredLogRecord) => HistoryEvent | null;
  readonly #index: ClaimIndex;
  readonly #histories = new HistoryBook();
  readonly #claims = new ClaimBook();
  /** Labels whose record is not yet known to be on the log: by key, and the key by seq. */
  readonly #labelSeqs = new Map<string, { readonly seq: number; readonly logged: Promise<unknown> }>();
  readonly #labelKeys = new Map<number, string>();
  #epoch = EPOCH_FIRST;
  #lastSeq = 0;
  #journalWaitingCount = 0;
  #journaled: Promise<unknown> = Promise.resolve();
  #failure: VetoError | null = null;
  #isClosed = false;
  #unsubscribe: () => void = () => undefined;

  constructor(options: EmbeddedStoreOptions, index: ClaimIndex) {
    this.#log = options.log;
    this.#clock = options.clock;
    this.#historyEventOf = options.historyEventOf;
    this.#index = index;
  }

  /** Reads the log from its beginning, then listens to it. */
  async rebuild(): Promise<void> {
    let after = -1;
    do {
      const { records, to } = await this.#log.read({ after, recordCountMax: REBUILD_BATCH_COUNT, topics: STATE_TOPICS });
      for (const record of records) this.#apply(record);
      after = to;
    } while (after < this.#log.end());
    // Nothing can be appended between the comparison above and this line.
    this.#unsubscribe = this.#log.subscribe((records) => {
      for (const record of records) this.#noteLogged(record);
      this.#advance(records.at(-1));
    });
  }

  /** One record of the log, at the start. */
  #apply(record: StoredLogRecord): void {
    if (record.topic === TOPICS.decisions) {
      this.#noteDecision(record);
    } else {
      const event = this.#historyEventOf(record);
      if (event === null || event.type === 'decided') return;
      const seq = record.seq ?? 0;
      if (seq !== this.#lastSeq + 1) {
        throw new VetoError('log_corrupt', `record ${record.position} has seq ${seq}, due is ${this.#lastSeq + 1}`);
      }
      this.#lastSeq = seq;
      this.#epoch = Math.max(this.#epoch, record.epoch ?? EPOCH_FIRST);
      if (event.type === 'label') {
        this.#appendToHistories(event.entityKeys, event.record, seq);
        this.#index.putLabel(labelKeyOf(event), seq);
      } else {
        const histories = this.#appendToHistories(event.entityKeys, event.record, seq);
        const { tenantId, transactionId, fingerprint } = event;
        const claim = { tenantId, transactionId, fingerprint, epoch: this.#epoch, seq, histories };
        this.#claims.add(claimKeyOf(event), { ...claim, payload: record.value.slice(), begunAtMs: record.appendedAtMs, bytes: null });
      }
    }
    this.#advance(record);
  }

  #advance(last: StoredLogRecord | undefined): void {
    if (last !== undefined) this.#index.advance({ position: last.position, appendedAtMs: last.appendedAtMs, key: last.key });
  }

  /** One record that became durable while the store is open. The events that it began itself it has already applied. */
  #noteLogged(record: StoredLogRecord): void {
    if (record.topic === TOPICS.decisions) this.#noteDecision(record);
    if (record.topic === TOPICS.labels && record.seq !== undefined) {
      const labelKey = this.#labelKeys.get(record.seq);
      if (labelKey === undefined) return;
      this.#index.putLabel(labelKey, record.seq);
      this.#labelKeys.delete(record.seq);
      this.#labelSeqs.delete(labelKey);
    }
  }

  /**
   * A decision on the log. The first one under a claim's key is its decision, for a revision comes later; so in the
   * common case nothing has to be parsed.
   */
  #noteDecision(record: StoredLogRecord): void {
    const claim = this.#claims.get(record.key);
    if (claim !== undefined) {
      this.#putDecided(record.key, { position: record.position, fingerprint: claim.fingerprint }, claim.bytes ?? record.value);
      return;
    }
    const event = this.#historyEventOf(record);
    if (event?.type !== 'decided') return;
    const claimKey = claimKeyOf(event);
    const known = this.#claims.get(claimKey);
    if (known === undefined && this.#index.decided(claimKey) !== null) return;
    this.#putDecided(claimKey, { position: record.position, fingerprint: known?.fingerprint ?? '' }, event.bytes);
  }

  #putDecided(claimKey: string, decided: DecidedClaim, bytes: Uint8Array): void {
    this.#index.putDecided(claimKey, decided);
    this.#claims.forget(claimKey, bytes);
  }

  /** Writes the seq into a copy of the record and appends it to each history. @returns the histories before it */
  #appendToHistories(entityKeys: readonly string[], record: Uint8Array, seq: number): Uint8Array[] {
    invariant(record.length === HISTORY_RECORD_BYTES, `history record of ${record.length} bytes, expected ${HISTORY_RECORD_BYTES}`);
    const own = record.slice();
    writeHistorySeq(own, seq);
    const before: Uint8Array[] = [];
    for (const key of entityKeys) {
      before.push(this.#histories.visible(key));
      this.#histories.append(key, own);
    }
    return before;
  }

  #requireServing(): void {
    if (this.#isClosed) throw new VetoError('store_unavailable', 'the state store is closed', { retryable: true });
    if (this.#failure !== null) throw this.#failure;
  }

  async begin(requests: readonly BeginRequest[]): Promise<readonly BeginResult[]> {
    this.#requireServing();
    if (this.#journalWaitingCount + requests.length > JOURNAL_WAITING_COUNT_MAX) {
      const message = `${this.#journalWaitingCount} events wait for the log, ${requests.length} more are too many`;
      throw new VetoError('store_unavailable', message, { retryable: true });
    }
    const journal: LogRecord[] = [];
    const results = requests.map((request) => this.#beginOne(request, journal));
    if (journal.length > 0) void this.#append(journal, true);
    return allOf(results);
  }

  #beginOne(request: BeginRequest, journal: LogRecord[]): BeginResult | Promise<BeginResult> {
    const claimKey = claimKeyOf(request);
    const claim = this.#claims.get(claimKey);
    if (claim !== undefined) return answerAgain(claim, request.fingerprint);
    const decided = this.#index.decided(claimKey);
    if (decided !== null) return this.#answerFromLog(decided, request.fingerprint);
    const { tenantId, transactionId, fingerprint, payload } = request;
    const seq = (this.#lastSeq += 1);
    const epoch = this.#epoch;
    const histories = this.#appendToHistories(request.entityKeys, request.record, seq);
    this.#claims.add(claimKey, {
      tenantId, transactionId, fingerprint, epoch, seq, payload, histories, begunAtMs: this.#clock.nowMs(), bytes: null,
    });
    journal.push({ topic: TOPICS.transactions, key: claimKey, value: payload, seq, epoch });
    return { status: 'begun', epoch, seq, histories };
  }

  async #answerFromLog(decided: DecidedClaim, fingerprint: string): Promise<BeginResult> {
    const bytes = await this.#readDecision(decided.position);
    const isSame = decided.fingerprint === '' || decided.fingerprint === fingerprint;
    return isSame ? { status: 'decided', bytes } : { status: 'fingerprint_mismatch', first: bytes };
  }

  async #readDecision(position: number): Promise<Uint8Array> {
    const { records } = await this.#log.read({ after: position - 1, recordCountMax: 1 });
    const record = records[0];
    const event = record?.position === position ? this.#historyEventOf(record) : null;
    invariant(event?.type === 'decided', `record ${position} of the log is not the decision that the index says it is`);
    return event.bytes;
  }

  /** Queues journal records, in order of seq. A journal that fails takes the store with it: what it holds is not on the log. */
  #append(records: readonly LogRecord[], relaxed: boolean): Promise<void> {
    this.#journalWaitingCount += records.length;
    const logged = this.#log.append(records, { relaxed }).then(
      () => {
        this.#journalWaitingCount -= records.length;
      },
      (cause: unknown) => {
        this.#journalWaitingCount -= records.length;
        this.#failure ??= new VetoError('store_unavailable', `the log did not take an event: ${String(cause)}`, { retryable: true, cause });
        throw this.#failure;
      },
    );
    this.#journaled = logged.catch(() => undefined);
    return logged;
  }

  async commit(requests: readonly CommitRequest[]): Promise<readonly CommitResult[]> {
    this.#requireServing();
    return allOf(requests.map((request) => this.#commitOne(request)));
  }

  #commitOne(request: CommitRequest): CommitResult | Promise<CommitResult> {
    const claimKey = claimKeyOf(request);
    const claim = this.#claims.get(claimKey);
    if (claim !== undefined) {
      if (claim.bytes !== null) return { won: false, bytes: claim.bytes };
      this.#claims.commit(claimKey, claim, request.bytes);
      return { won: true, bytes: request.bytes };
    }
    const decided = this.#index.decided(claimKey);
    invariant(decided !== null, `commit of ${claimKey}, which was not begun`);
    return this.#readDecision(decided.position).then((bytes) => ({ won: false, bytes }));
  }

  async appendLabel(request: AppendLabelRequest): Promise<{ readonly seq: number; readonly duplicate: boolean }> {
    this.#requireServing();
    const labelKey = labelKeyOf(request);
    const underWay = this.#labelSeqs.get(labelKey);
    if (underWay !== undefined) {
      await underWay.logged;
      return { seq: underWay.seq, duplicate: true };
    }
    const known = this.#index.labelSeq(labelKey);
    if (known !== null) return { seq: known, duplicate: true };
    const seq = (this.#lastSeq += 1);
    this.#appendToHistories(request.entityKeys, request.record, seq);
    this.#labelKeys.set(seq, labelKey);
    const record = { topic: TOPICS.labels, key: labelKey, value: request.payload, seq, epoch: this.#epoch };
    const logged = this.#append([record], false);
    this.#labelSeqs.set(labelKey, { seq, logged });
    await logged;
    return { seq, duplicate: false };
  }

  async find(id: ClaimId): Promise<Uint8Array | null> {
    const claimKey = claimKeyOf(id);
    const claim = this.#claims.get(claimKey);
    if (claim !== undefined) return claim.bytes;
    const decided = this.#index.decided(claimKey);
    return decided === null ? null : this.#readDecision(decided.position);
  }

  async waitFor(id: ClaimId, timeoutMs: number): Promise<Uint8Array | null> {
    const claimKey = claimKeyOf(id);
    const claim = this.#claims.get(claimKey);
    if (claim === undefined || claim.bytes !== null) return this.find(id);
    return this.#claims.waitFor(claimKey, timeoutMs);
  }

  pending(query: { readonly ageMs: number; readonly countMax: number }): Promise<readonly PendingClaim[]> {
    const latestMs = this.#clock.nowMs() - query.ageMs;
    const found: PendingClaim[] = [];
    for (const claim of this.#claims.pending()) {
      if (found.length >= query.countMax) break;
      if (claim.begunAtMs > latestMs) continue;
      const { tenantId, transactionId, epoch, seq, payload, histories } = claim;
      found.push({ tenantId, transactionId, epoch, seq, payload, histories });
    }
    return Promise.resolve(found);
  }

  async digest(): Promise<string> {
    await this.#journaled;
    return this.#histories.digest(`epoch ${this.#epoch}\nseq ${this.#lastSeq}\n`);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#journaled;
    this.#unsubscribe();
    this.#claims.clear();
    await this.#index.close();
  }
}

/** Answers of which some have to be read from the log; most often none. */
async function allOf<T extends object>(answers: readonly (T | Promise<T>)[]): Promise<readonly T[]> {
  if (answers.every((answer): answer is T => !(answer instanceof Promise))) return answers;
  return Promise.all(answers.map((answer) => Promise.resolve(answer)));
}

/** What a second `begin` of an id hears while its decision is not yet on the log. */
function answerAgain(claim: Claim, fingerprint: string): BeginResult {
  if (claim.fingerprint !== fingerprint) return { status: 'fingerprint_mismatch', first: claim.bytes ?? claim.payload };
  return claim.bytes === null ? { status: 'in_flight' } : { status: 'decided', bytes: claim.bytes, isLogged: false };
}

function labelKeyOf(label: { readonly tenantId: string; readonly labelKey: string }): string {
  return `${label.tenantId}|${label.labelKey}`;
}
