import { createHash } from 'node:crypto';
import {
  HISTORY_RECORD_COUNT_MAX,
  writeHistorySeq,
  type AppendLabelRequest,
  type BeginRequest,
  type BeginResult,
  type ClaimId,
  type Clock,
  type CommitRequest,
  type CommitResult,
  type PendingClaim,
  type StateStore,
} from '@veto/domain';

type Journaled =
  | (BeginRequest & { readonly type: 'begun'; readonly seq: number; readonly begunAtMs: number })
  | (AppendLabelRequest & { readonly type: 'label'; readonly seq: number })
  | (ClaimId & { readonly type: 'decided'; readonly bytes: Uint8Array });

type Begun = Extract<Journaled, { type: 'begun' }>;

/** What outlives a `PlainStateStore`: everything that happened, in order. */
export class PlainJournal {
  readonly events: Journaled[] = [];

  logDecision(id: ClaimId, bytes: Uint8Array): void {
    this.events.push({ type: 'decided', ...id, bytes });
  }
}

const EPOCH = 1;

function isSame(a: ClaimId, b: ClaimId): boolean {
  return a.tenantId === b.tenantId && a.transactionId === b.transactionId;
}

/**
 * The oracle beside every state store: it keeps nothing but what happened, and looks through all of it to answer
 * anything. Slow, and easily seen to be right.
 */
export class PlainStateStore implements StateStore {
  /** Decisions that are not yet on the log, so that a restart forgets them. */
  readonly #committed: (ClaimId & { readonly bytes: Uint8Array })[] = [];
  readonly #waiting: { readonly id: ClaimId; readonly wake: (bytes: Uint8Array) => void }[] = [];

  constructor(
    protected readonly journal: PlainJournal,
    protected readonly clock: Clock,
  ) {}

  protected lastSeq(): number {
    return Math.max(0, ...this.journal.events.map((event) => (event.type === 'decided' ? 0 : event.seq)));
  }

  protected begunOf(id: ClaimId): Begun | undefined {
    return this.journal.events.find((event): event is Begun => event.type === 'begun' && isSame(event, id));
  }

  protected loggedDecisionOf(id: ClaimId): Uint8Array | undefined {
    const found = this.journal.events.find((event) => event.type === 'decided' && isSame(event, id));
    return found?.type === 'decided' ? found.bytes : undefined;
  }

  protected decisionOf(id: ClaimId): Uint8Array | undefined {
    return this.loggedDecisionOf(id) ?? this.#committed.find((committed) => isSame(committed, id))?.bytes;
  }

  /** The records of an entity before `seq`, the latest of them. */
  protected historyBefore(key: string, seq: number): Uint8Array {
    const records: Uint8Array[] = [];
    for (const event of this.journal.events) {
      if (event.type === 'decided' || event.seq >= seq || !event.entityKeys.includes(key)) continue;
      const record = event.record.slice();
      writeHistorySeq(record, event.seq);
      records.push(record);
    }
    return new Uint8Array(Buffer.concat(records.slice(-HISTORY_RECORD_COUNT_MAX)));
  }

  async begin(requests: readonly BeginRequest[]): Promise<readonly BeginResult[]> {
    return Promise.resolve(requests.map((request) => this.beginOne(request)));
  }

  protected beginOne(request: BeginRequest): BeginResult {
    const begun = this.begunOf(request);
    const bytes = this.decisionOf(request);
    if (begun !== undefined && begun.fingerprint !== request.fingerprint) {
      return { status: 'fingerprint_mismatch', first: bytes ?? begun.payload };
    }
    if (bytes !== undefined) {
      return {
        status: 'decided',
        bytes,
        ...(this.loggedDecisionOf(request) === undefined && { isLogged: false }),
      };
    }
    if (begun !== undefined) return { status: 'in_flight' };
    const seq = this.lastSeq() + 1;
    const histories = request.entityKeys.map((key) => this.historyBefore(key, seq));
    this.journal.events.push({ ...request, type: 'begun', seq, begunAtMs: this.clock.nowMs() });
    return { status: 'begun', epoch: EPOCH, seq, histories };
  }

  async commit(requests: readonly CommitRequest[]): Promise<readonly CommitResult[]> {
    return Promise.resolve(requests.map((request) => this.commitOne(request)));
  }

  protected commitOne(request: CommitRequest): CommitResult {
    const known = this.decisionOf(request);
    if (known !== undefined) return { won: false, bytes: known };
    this.#committed.push(request);
    for (const { id, wake } of this.#waiting) if (isSame(id, request)) wake(request.bytes);
    return { won: true, bytes: request.bytes };
  }

  async appendLabel(
    request: AppendLabelRequest,
  ): Promise<{ readonly seq: number; readonly duplicate: boolean }> {
    const known = this.journal.events.find(
      (event) =>
        event.type === 'label' && event.tenantId === request.tenantId && event.labelKey === request.labelKey,
    );
    if (known?.type === 'label') return Promise.resolve({ seq: known.seq, duplicate: true });
    const seq = this.lastSeq() + 1;
    this.journal.events.push({ ...request, type: 'label', seq });
    return Promise.resolve({ seq, duplicate: false });
  }

  async find(id: ClaimId): Promise<Uint8Array | null> {
    return Promise.resolve(this.decisionOf(id) ?? null);
  }

  async winnerOnLog(id: ClaimId): Promise<Uint8Array | null> {
    return Promise.resolve(this.loggedDecisionOf(id) ?? null);
  }

  async waitFor(id: ClaimId, timeoutMs: number): Promise<Uint8Array | null> {
    const decided = this.decisionOf(id);
    if (decided !== undefined || this.begunOf(id) === undefined) return decided ?? null;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs, null);
      this.#waiting.push({
        id,
        wake: (bytes) => {
          clearTimeout(timer);
          resolve(bytes);
        },
      });
    });
  }

  async pending(query: {
    readonly ageMs: number;
    readonly countMax: number;
  }): Promise<readonly PendingClaim[]> {
    const found = this.journal.events.filter(
      (event): event is Begun =>
        event.type === 'begun' &&
        this.decisionOf(event) === undefined &&
        event.begunAtMs <= this.clock.nowMs() - query.ageMs,
    );
    return Promise.resolve(
      found.slice(0, query.countMax).map(({ tenantId, transactionId, seq, payload, entityKeys }) => {
        const histories = entityKeys.map((key) => this.historyBefore(key, seq));
        return { tenantId, transactionId, epoch: EPOCH, seq, payload, histories };
      }),
    );
  }

  async digest(): Promise<string> {
    const keys = new Set(
      this.journal.events.flatMap((event) => (event.type === 'decided' ? [] : event.entityKeys)),
    );
    const hash = createHash('sha256');
    for (const key of [...keys].sort()) hash.update(`${key}\n`).update(this.historyBefore(key, Infinity));
    return Promise.resolve(hash.digest('hex'));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
