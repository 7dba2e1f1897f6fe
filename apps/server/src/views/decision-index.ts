import { open, type RootDatabase } from 'lmdb';
import type { View } from './view-feed';
import { decisionIdOfView, type ViewRecord } from './view-record';

const WATERMARK = 'position';
/** Under which the log is named that the rows speak of. */
const OF_LOG = 'log';
/** In place of the decision's position while only what came after it was read. */
const NOT_YET = -1;
/** The end of a decision's id is the hash of its tenant and transaction: the same for every decision about one payment. */
const HASH_CHAR_COUNT = 16;
const UNWRITTEN_COUNT_MAX = 20_000;
const WRITE_INTERVAL_MS = 1_000;

/** The log that is indexed. */
export interface IndexedLog {
  /** Where the database lies. */
  readonly directory: string;
  /** An index of another log is begun anew. */
  readonly logId: string;
  readonly logEnd: number;
  /**
   * True for a log that several instances write: a payment may then have been decided twice, of which the first counts,
   * and an analyst's step may be read before the decision that it is about.
   */
  readonly isShared: boolean;
}

/**
 * Payment → positions of everything on the log about it: the decision that counts first, then its revisions and case
 * events. Derived from the log: the folder may be deleted at any time and is filled again at the next start.
 */
export class DecisionIndex implements View {
  readonly #database: RootDatabase<string | number | readonly number[], string>;
  readonly #isShared: boolean;
  /** Rows that are not written down yet; a crash folds them again from the log. */
  #unwritten = new Map<string, number[]>();
  #position: number;
  /** The position that the database holds. */
  #written: number;
  #writing: Promise<void> = Promise.resolve();
  readonly #timer: NodeJS.Timeout;

  constructor({ directory, logId, logEnd, isShared }: IndexedLog) {
    // A torn index is rebuilt, so that no write of it needs to wait for the disk.
    this.#database = open<string | number | readonly number[], string>({
      path: directory,
      compression: false,
      noSync: true,
      noSubdir: false,
      // Writes are batched here: what LMDB itself batches fails on a full disk by a promise that nobody holds.
      eventTurnBatching: false,
    });
    this.#isShared = isShared;
    const position = this.#database.get(WATERMARK);
    this.#position = typeof position === 'number' ? position : -1;
    if (this.#database.get(OF_LOG) !== logId || this.#position > logEnd) {
      this.#database.clearSync();
      this.#database.putSync(OF_LOG, logId);
      this.#position = -1;
    }
    this.#written = this.#position;
    this.#timer = setInterval(() => this.#write(), WRITE_INTERVAL_MS);
  }

  get position(): number {
    return this.#position;
  }

  async apply(records: readonly ViewRecord[], to: number): Promise<void> {
    for (const record of records) {
      const decisionId = decisionIdOfView(record);
      if (decisionId !== null && record.position > this.#position) this.#add(decisionId, record);
    }
    this.#position = Math.max(this.#position, to);
    if (this.#unwritten.size < UNWRITTEN_COUNT_MAX) return;
    await this.#writing;
    this.#write();
  }

  #add(decisionId: string, record: ViewRecord): void {
    const key = keyOf(record.tenantId, decisionId);
    const isDecision = record.kind === 'decision' || record.kind === 'approval';
    // On a log of one process a decision's own record is the only one and the first about it: nothing has to be read.
    const known = this.#unwritten.get(key) ?? (isDecision && !this.#isShared ? [] : this.#row(key));
    if (isDecision && (known[0] ?? NOT_YET) !== NOT_YET) return;
    const rest = known.slice(1);
    const row = isDecision ? [record.position, ...rest] : [known[0] ?? NOT_YET, ...rest, record.position];
    this.#unwritten.set(key, row);
  }

  /**
   * Positions of everything about the payment of this decision, the decision's own first.
   * @returns empty while the decision itself was not read
   */
  positionsOf(tenantId: string, decisionId: string): readonly number[] {
    const row = this.#row(keyOf(tenantId, decisionId));
    return row[0] === NOT_YET ? [] : row;
  }

  /** Positions of what was done about a decision, also while the decision itself was not read. */
  laterPositionsOf(tenantId: string, decisionId: string): readonly number[] {
    return this.#row(keyOf(tenantId, decisionId)).slice(1);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#writing;
    this.#write();
    await this.#writing;
    await this.#database.close();
  }

  #row(key: string): readonly number[] {
    const unwritten = this.#unwritten.get(key) ?? this.#beingWritten.get(key);
    if (unwritten !== undefined) return unwritten;
    const row = this.#database.get(key);
    return typeof row === 'object' ? row : [];
  }

  #beingWritten: ReadonlyMap<string, readonly number[]> = new Map();

  /** Many rows in one transaction: one by one they would cost as much as the decisions. */
  #write(): void {
    if (this.#beingWritten.size > 0 || this.#position === this.#written) return;
    const rows = this.#unwritten;
    const position = this.#position;
    this.#beingWritten = rows;
    this.#unwritten = new Map();
    this.#writing = this.#writeRows(rows, position);
  }

  /** On a full disk they wait again, so that reads still see them and the next write takes them along. */
  async #writeRows(rows: Map<string, number[]>, position: number): Promise<void> {
    try {
      await this.#database.batch(() => {
        for (const [key, row] of rows) void this.#database.put(key, row);
        void this.#database.put(WATERMARK, position);
      });
      this.#written = position;
    } catch (error) {
      // LMDB tells why by a second promise inside the error; unheard, it would end the process.
      (error as { readonly commitError?: Promise<unknown> }).commitError?.catch(() => undefined);
      this.#unwritten = new Map([...rows, ...this.#unwritten]);
    }
    this.#beingWritten = new Map();
  }
}

/** LMDB takes keys up to 1 978 bytes; ours are far shorter. */
function keyOf(tenantId: string, decisionId: string): string {
  return `${tenantId}|${decisionId.slice(-HASH_CHAR_COUNT)}`;
}
