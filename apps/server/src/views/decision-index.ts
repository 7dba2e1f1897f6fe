import { open, type RootDatabase } from 'lmdb';
import type { View } from './view-feed';
import { decisionIdOfView, type ViewRecord } from './view-record';

const WATERMARK = 'position';
const UNWRITTEN_COUNT_MAX = 20_000;
const WRITE_INTERVAL_MS = 1_000;

/**
 * Decision id → positions of everything on the log about it: the decision first, then its revisions and case events.
 * Derived from the log: the folder may be deleted at any time and is filled again at the next start.
 */
export class DecisionIndex implements View {
  readonly #database: RootDatabase<number | readonly number[], string>;
  /** Rows that are not written down yet; a crash folds them again from the log. */
  #unwritten = new Map<string, number[]>();
  #position: number;
  /** The position that the database holds. */
  #written: number;
  #writing: Promise<void> = Promise.resolve();
  readonly #timer: NodeJS.Timeout;

  /** @param logEnd an index that knows more than the log holds belongs to another log and is begun anew */
  constructor(directory: string, logEnd: number) {
    // A torn index is rebuilt, so that no write of it needs to wait for the disk.
    this.#database = open<number | readonly number[], string>({
      path: directory,
      compression: false,
      noSync: true,
      noSubdir: false,
    });
    const position = this.#database.get(WATERMARK);
    this.#position = typeof position === 'number' ? position : -1;
    if (this.#position > logEnd) {
      this.#database.clearSync();
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
      if (decisionId === null || record.position <= this.#position) continue;
      const key = keyOf(record.tenantId, decisionId);
      let row = this.#unwritten.get(key);
      if (row === undefined) {
        // A decision's own record is the first about it: nothing has to be read for it.
        row = isFirst(record) ? [] : [...this.#row(key)];
        this.#unwritten.set(key, row);
      }
      if (record.position > (row.at(-1) ?? -1)) row.push(record.position);
    }
    this.#position = Math.max(this.#position, to);
    if (this.#unwritten.size < UNWRITTEN_COUNT_MAX) return;
    await this.#writing;
    this.#write();
  }

  /** @returns empty when nothing on the log is about it */
  positionsOf(tenantId: string, decisionId: string): readonly number[] {
    return this.#row(keyOf(tenantId, decisionId));
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
    return row === undefined || typeof row === 'number' ? [] : row;
  }

  #beingWritten: ReadonlyMap<string, readonly number[]> = new Map();

  /** Many rows in one transaction: one by one they would cost as much as the decisions. */
  #write(): void {
    if (this.#beingWritten.size > 0 || this.#position === this.#written) return;
    const rows = this.#unwritten;
    const position = this.#position;
    this.#beingWritten = rows;
    this.#unwritten = new Map();
    this.#writing = this.#database
      .transaction(() => {
        for (const [key, row] of rows) void this.#database.put(key, row);
        void this.#database.put(WATERMARK, position);
      })
      .then(() => {
        this.#beingWritten = new Map();
        this.#written = position;
      });
  }
}

function isFirst(record: ViewRecord): boolean {
  return record.kind === 'decision' || record.kind === 'approval';
}

/** LMDB takes keys up to 1 978 bytes; ours are far shorter. */
function keyOf(tenantId: string, decisionId: string): string {
  return `${tenantId}|${decisionId}`;
}
