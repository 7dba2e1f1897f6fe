import {
  HISTORY_RECORD_BYTES,
  writeHistorySeq,
  type BeginRequest,
  type BeginResult,
  type CommitResult,
} from '@veto/domain';
import { claimKeyOf } from '../embedded/claim-book';
import { HistoryBook } from '../embedded/history-book';

/** Two books of so many entities at most: some 280 bytes for each entity, more for those with many records. */
const BOOK_ENTITY_COUNT_MAX = 100_000;
const CLAIM_COUNT_MAX = 100_000;

interface LocalClaim {
  readonly fingerprint: string;
  readonly payload: Uint8Array;
  bytes: Uint8Array | null;
}

/** A decision of which the shared state was not told. */
export interface Untold {
  readonly claimKey: string;
  readonly bytes: Uint8Array;
  /** Null where the shared state has it: the id was begun there. */
  readonly fingerprint: string | null;
}

/** What this process saw itself: what it decides by while the shared state does not answer. Bounded: the oldest goes. */
export class LocalMemory {
  readonly #entityCountMax: number;
  readonly #claims = new Map<string, LocalClaim>();
  readonly #untold = new Map<string, Untold>();
  readonly #scratch = new Uint8Array(HISTORY_RECORD_BYTES);
  #book = new HistoryBook();
  #older = new HistoryBook();

  constructor(entityCountMax: number = BOOK_ENTITY_COUNT_MAX) {
    this.#entityCountMax = entityCountMax;
  }

  /** A payment that was begun, here or in the shared state; `seq` 0 = here. */
  note(entityKeys: readonly string[], record: Uint8Array, seq: number): void {
    this.#scratch.set(record);
    writeHistorySeq(this.#scratch, seq);
    for (const key of entityKeys) {
      this.#recall(key);
      this.#book.append(key, this.#scratch);
    }
    if (this.#book.entityCount < this.#entityCountMax) return;
    this.#older = this.#book;
    this.#book = new HistoryBook();
  }

  /** A history that was touched while the older book was filled lives on in this one. */
  #recall(key: string): void {
    if (this.#older.entityCount === 0 || this.#book.has(key)) return;
    const bytes = this.#older.visible(key);
    if (bytes.length > 0) this.#book.restore({ key, touchedMinute: 0, bytes });
  }

  #historyOf(key: string): Uint8Array {
    const bytes = this.#book.visible(key);
    return bytes.length > 0 ? bytes : this.#older.visible(key);
  }

  /** An id that was begun or decided here; null when it was not. */
  answer({
    fingerprint,
    ...id
  }: Pick<BeginRequest, 'tenantId' | 'transactionId' | 'fingerprint'>): BeginResult | null {
    const claim = this.#claims.get(claimKeyOf(id));
    if (claim === undefined) return null;
    if (claim.fingerprint !== fingerprint)
      return { status: 'fingerprint_mismatch', first: claim.bytes ?? claim.payload };
    return claim.bytes === null
      ? { status: 'in_flight' }
      : { status: 'decided', bytes: claim.bytes, isLogged: false };
  }

  /** Begins an id here. */
  begin(request: BeginRequest, epoch: number): BeginResult {
    const { fingerprint, payload, entityKeys, record } = request;
    const histories = entityKeys.map((key) => this.#historyOf(key));
    this.#claims.set(claimKeyOf(request), { fingerprint, payload, bytes: null });
    this.note(entityKeys, record, 0);
    for (const oldest of this.#claims.keys()) {
      if (this.#claims.size <= CLAIM_COUNT_MAX) break;
      this.forget(oldest);
    }
    return { status: 'begun', epoch, seq: 0, histories, local: true, provisional: true };
  }

  has(claimKey: string): boolean {
    return this.#claims.has(claimKey);
  }

  fingerprintOf(claimKey: string): string | null {
    return this.#claims.get(claimKey)?.fingerprint ?? null;
  }

  /** The first commit of an id that was begun here; null when it was not. */
  commit(claimKey: string, bytes: Uint8Array): CommitResult | null {
    const claim = this.#claims.get(claimKey);
    if (claim === undefined) return null;
    const won = claim.bytes === null;
    claim.bytes ??= bytes;
    if (won) this.noteUntold({ claimKey, bytes, fingerprint: claim.fingerprint });
    return { won, bytes: claim.bytes, provisional: true };
  }

  /** The bytes of an id that was decided here; null when it was not, or is pending. */
  find(claimKey: string): Uint8Array | null {
    return this.#claims.get(claimKey)?.bytes ?? null;
  }

  /** A decision that could not be told when it was made. */
  noteUntold(untold: Untold): void {
    this.#untold.set(untold.claimKey, untold);
    if (this.#untold.size <= CLAIM_COUNT_MAX) return;
    const [oldest] = this.#untold.keys();
    if (oldest !== undefined) this.#untold.delete(oldest);
  }

  /** What was decided here and is neither told nor on the log, oldest first. */
  untold(countMax: number): readonly Untold[] {
    const some: Untold[] = [];
    for (const untold of this.#untold.values()) if (some.push(untold) >= countMax) break;
    return some;
  }

  isUntold(claimKey: string): boolean {
    return this.#untold.has(claimKey);
  }

  /** The shared state knows what was decided here. */
  noteTold(claimKey: string): void {
    this.#untold.delete(claimKey);
  }

  /** Its decision came on the log, which has the last word. */
  forget(claimKey: string): void {
    this.#claims.delete(claimKey);
    this.#untold.delete(claimKey);
  }
}
