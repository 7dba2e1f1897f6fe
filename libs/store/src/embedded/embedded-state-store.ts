import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  invariant,
  TOPICS,
  type VetoError,
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
} from '@veto/domain';
import { claimKeyOf } from './claim-book';
import { createMemoryClaimIndex, type ClaimIndex } from './claim-index';
import { allOf, answerAgain, LoggedDecisions } from './begin-answers';
import { Journal, unavailable } from './journal';
import { openLmdbClaimIndex } from './lmdb-claim-index';
import { restoreState, type Ignored, type RestoredState, type RestoreOptions } from './restore-state';
import { takeSnapshot } from './snapshots';
import { labelKeyOf, type HistoryEventOf, type StateOfLog } from './state-of-log';

export interface EmbeddedStoreOptions {
  /** Where the index of decided ids and the snapshots lie; null = in memory only, made again from the log at every start. */
  readonly directory: string | null;
  readonly log: EventLog;
  readonly clock: Clock;
  /** What a record of the log means to the state. */
  readonly historyEventOf: HistoryEventOf;
  /** Layout of the history records: a snapshot of another one is not read, and the state is made again from the log. */
  readonly historyVersion?: number;
  /** Time between two snapshots in ms, where there were events; 5 minutes. One is taken at `close` too. */
  readonly snapshotEveryMs?: number;
  /** Told of files that were passed over and why: a damaged snapshot, an index of another log. */
  readonly onIgnored?: (ignored: Ignored) => void;
  /** Told of a snapshot that could not be written. The log has everything; only the next start takes longer. */
  readonly onSnapshotFailed?: (error: unknown) => void;
}

const SNAPSHOT_EVERY_MS = 5 * 60_000;
/** After the log refused an event, the state is made again from the log; this is the time between two attempts. */
const RECOVERY_INTERVAL_MS = 250;

/**
 * Opens the state that lives in this process, as the log has it.
 * @throws VetoError store_unavailable | log_corrupt
 */
export async function openEmbeddedStore(options: EmbeddedStoreOptions): Promise<StateStore> {
  const { directory, log, historyEventOf, historyVersion = 0 } = options;
  if (directory !== null) await mkdir(directory, { recursive: true });
  const onIgnored = options.onIgnored ?? (() => undefined);
  const index =
    directory === null ? createMemoryClaimIndex() : await openIndex(join(directory, 'decided'), onIgnored);
  const restore = { directory, log, index, historyEventOf, historyVersion, onIgnored };
  try {
    return new EmbeddedStateStore(options, restore, await restoreState(restore));
  } catch (error) {
    await index.close();
    throw error;
  }
}

function openIndex(path: string, onIgnored: (ignored: Ignored) => void): Promise<ClaimIndex> {
  return openLmdbClaimIndex(path, (why) => {
    onIgnored({ what: path, why });
  });
}

class EmbeddedStateStore implements StateStore {
  readonly #log: EventLog;
  readonly #clock: Clock;
  readonly #decisions: LoggedDecisions;
  readonly #index: ClaimIndex;
  readonly #restore: RestoreOptions;
  readonly #onSnapshotFailed: (error: unknown) => void;
  readonly #snapshotTimer: NodeJS.Timeout | null;
  readonly #journal: Journal;
  #state: StateOfLog;
  #unsubscribe: () => void;
  #failure: VetoError | null = null;
  #recoveryTimer: NodeJS.Timeout | null = null;
  #recoveryCount = 0;
  #snapshotSeq = 0;
  #snapshotUnderWay: Promise<void> = Promise.resolve();
  #closing: Promise<void> | null = null;

  constructor(options: EmbeddedStoreOptions, restore: RestoreOptions, restored: RestoredState) {
    this.#log = options.log;
    this.#clock = options.clock;
    this.#decisions = new LoggedDecisions(options.log, options.historyEventOf);
    this.#index = restore.index;
    this.#restore = restore;
    this.#onSnapshotFailed = options.onSnapshotFailed ?? (() => undefined);
    this.#journal = new Journal(options.log, (cause) => this.#fail(cause));
    this.#state = restored.state;
    this.#unsubscribe = restored.unsubscribe;
    this.#snapshotTimer =
      options.directory === null
        ? null
        : setInterval(() => {
            this.#snapshot();
          }, options.snapshotEveryMs ?? SNAPSHOT_EVERY_MS).unref();
  }

  async begin(requests: readonly BeginRequest[]): Promise<readonly BeginResult[]> {
    this.#requireServing();
    this.#journal.requireRoom(requests.length);
    const journal: LogRecord[] = [];
    const results = requests.map((request) => this.#beginOne(request, journal));
    if (journal.length > 0) void this.#journal.append(journal, { relaxed: true });
    return allOf(results);
  }

  #beginOne(request: BeginRequest, journal: LogRecord[]): BeginResult | Promise<BeginResult> {
    const state = this.#state;
    const claimKey = claimKeyOf(request);
    const claim = state.claims.get(claimKey);
    if (claim !== undefined) return answerAgain(claim, request.fingerprint);
    const decided = this.#index.decided(claimKey);
    if (decided !== null) return this.#decisions.answer(decided, request.fingerprint);
    const { tenantId, transactionId, fingerprint, payload } = request;
    const { epoch } = state;
    const seq = state.takeSeq();
    const histories = state.appendPayment(request.entityKeys, request.record, seq);
    const begunAtMs = this.#clock.nowMs();
    state.claims.add(claimKey, {
      tenantId,
      transactionId,
      fingerprint,
      epoch,
      seq,
      payload,
      histories,
      begunAtMs,
      bytes: null,
    });
    journal.push({ topic: TOPICS.transactions, key: claimKey, value: payload, seq, epoch });
    return { status: 'begun', epoch, seq, histories };
  }

  async commit(requests: readonly CommitRequest[]): Promise<readonly CommitResult[]> {
    this.#requireServing();
    return allOf(requests.map((request) => this.#commitOne(request)));
  }

  #commitOne(request: CommitRequest): CommitResult | Promise<CommitResult> {
    const claimKey = claimKeyOf(request);
    const claim = this.#state.claims.get(claimKey);
    if (claim === undefined) {
      const decided = this.#index.decided(claimKey);
      if (decided === null) return this.#refuseUnbegun(claimKey);
      return this.#decisions.read(decided.position).then((bytes) => ({ won: false, bytes }));
    }
    if (claim.bytes !== null) return { won: false, bytes: claim.bytes };
    this.#state.claims.commit(claimKey, claim, request.bytes);
    return { won: true, bytes: request.bytes };
  }

  /** Only a recovery, which forgets what never came on the log, makes an id unbegun. */
  #refuseUnbegun(claimKey: string): never {
    invariant(this.#recoveryCount > 0, `commit of ${claimKey}, which was not begun`);
    throw unavailable(`${claimKey} was begun, but its event never came on the log; begin it again`);
  }

  async appendLabel(
    request: AppendLabelRequest,
  ): Promise<{ readonly seq: number; readonly duplicate: boolean }> {
    this.#requireServing();
    const labelKey = labelKeyOf(request);
    const known = this.#state.knownLabel(labelKey);
    if (known !== null) {
      await known.logged;
      return { seq: known.seq, duplicate: true };
    }
    const { epoch } = this.#state;
    const seq = this.#state.takeSeq();
    this.#state.appendLabel(request.entityKeys, request.record, seq);
    const record = { topic: TOPICS.labels, key: labelKey, value: request.payload, seq, epoch };
    const logged = this.#journal.append([record], { relaxed: false });
    this.#state.noteLabelUnderWay(labelKey, { seq, logged });
    await logged;
    return { seq, duplicate: false };
  }

  /** The state holds an event that is not on the log: nothing more is answered from it, and it is made again from the log. */
  #fail(cause: unknown): VetoError {
    this.#failure ??= unavailable(`the log did not take an event: ${String(cause)}`, cause);
    this.#scheduleRecovery();
    return this.#failure;
  }

  #scheduleRecovery(): void {
    if (this.#recoveryTimer !== null || this.#closing !== null) return;
    this.#recoveryTimer = setTimeout(() => {
      void this.#recover();
    }, RECOVERY_INTERVAL_MS).unref();
  }

  async #recover(): Promise<void> {
    try {
      // Resolves only when the log takes records again.
      await this.#log.append([]);
      this.#unsubscribe();
      const restored = await restoreState(this.#restore);
      this.#state.claims.clear();
      this.#state = restored.state;
      this.#unsubscribe = restored.unsubscribe;
      this.#failure = null;
      this.#journal.reset();
      this.#recoveryCount += 1;
      this.#recoveryTimer = null;
    } catch {
      // Whoever calls meanwhile is told why the log failed; the next attempt is due.
      this.#recoveryTimer = null;
      this.#scheduleRecovery();
    }
  }

  #requireServing(): void {
    if (this.#closing !== null) throw unavailable('the state store is closed');
    if (this.#failure !== null) throw this.#failure;
  }

  async find(id: ClaimId): Promise<Uint8Array | null> {
    const claimKey = claimKeyOf(id);
    const claim = this.#state.claims.get(claimKey);
    if (claim !== undefined) return claim.bytes;
    const decided = this.#index.decided(claimKey);
    return decided === null ? null : this.#decisions.read(decided.position);
  }

  async winnerOnLog(id: ClaimId): Promise<Uint8Array | null> {
    const decided = this.#index.decided(claimKeyOf(id));
    return decided === null ? null : this.#decisions.read(decided.position);
  }

  async waitFor(id: ClaimId, timeoutMs: number): Promise<Uint8Array | null> {
    const claimKey = claimKeyOf(id);
    const claim = this.#state.claims.get(claimKey);
    if (claim === undefined || claim.bytes !== null) return this.find(id);
    return this.#state.claims.waitFor(claimKey, timeoutMs);
  }

  pending(query: { readonly ageMs: number; readonly countMax: number }): Promise<readonly PendingClaim[]> {
    const latestMs = this.#clock.nowMs() - query.ageMs;
    const found: PendingClaim[] = [];
    for (const claim of this.#state.claims.pending()) {
      if (found.length >= query.countMax) break;
      if (claim.begunAtMs > latestMs) continue;
      const { tenantId, transactionId, epoch, seq, payload, histories } = claim;
      found.push({ tenantId, transactionId, epoch, seq, payload, histories });
    }
    return Promise.resolve(found);
  }

  async digest(): Promise<string> {
    await this.#journal.settled;
    return this.#state.digest();
  }

  /** One at a time, and only when there was an event since the last. */
  #snapshot(): void {
    this.#snapshotUnderWay = this.#snapshotUnderWay.then(async () => {
      const { lastSeq } = this.#state;
      const { directory, historyVersion } = this.#restore;
      if (directory === null || lastSeq === this.#snapshotSeq || this.#failure !== null) return;
      const whenJournaled = (): Promise<void> => this.#journal.settled;
      try {
        if (await takeSnapshot(this.#state, { directory, historyVersion, whenJournaled }))
          this.#snapshotSeq = lastSeq;
      } catch (error) {
        this.#onSnapshotFailed(error);
      }
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#snapshotTimer !== null) clearInterval(this.#snapshotTimer);
    if (this.#recoveryTimer !== null) clearTimeout(this.#recoveryTimer);
    await this.#journal.settled.catch(() => undefined);
    this.#snapshot();
    await this.#snapshotUnderWay;
    this.#unsubscribe();
    this.#state.claims.clear();
    await this.#index.close();
  }
}
