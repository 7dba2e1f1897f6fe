import { open, type RootDatabase } from 'lmdb';
import type { View } from './view-feed';
import { decisionIdOfView, type ViewRecord } from './view-record';

const WATERMARK = 'position';
const UNWRITTEN_COUNT_MAX = 10_000;

/**
 * Decision id → positions of everything on the log about it: the decision first, then its revisions and case events.
 * Derived from the log: the folder may be deleted at any time and is filled again at the next start.
 */
export class DecisionIndex implements View {
  readonly #database: RootDatabase<number | readonly number[], string>;
  #position: number;
  /** The position that the database holds. */
  #written: number;

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
  }

  get position(): number {
    return this.#position;
  }

  async apply(records: readonly ViewRecord[], to: number): Promise<void> {
    const rows = new Map<string, number[]>();
    for (const record of records) {
      const decisionId = decisionIdOfView(record);
      if (decisionId === null || record.position <= this.#position) continue;
      const key = keyOf(record.tenantId, decisionId);
      let row = rows.get(key);
      // A decision's own record is the first about it: nothing has to be read for it.
      if (row === undefined) rows.set(key, (row = record.kind === 'decision' ? [] : [...this.#row(key)]));
      if (record.position > (row.at(-1) ?? -1)) row.push(record.position);
    }
    const position = Math.max(this.#position, to);
    // Positions without decisions are written down only now and then: to look at them again costs little.
    if (rows.size === 0 && position - this.#written < UNWRITTEN_COUNT_MAX) {
      this.#position = position;
      return;
    }
    await this.#database.transaction(() => {
      for (const [key, row] of rows) void this.#database.put(key, row);
      void this.#database.put(WATERMARK, position);
    });
    this.#position = position;
    this.#written = position;
  }

  /** @returns empty when nothing on the log is about it */
  positionsOf(tenantId: string, decisionId: string): readonly number[] {
    return this.#row(keyOf(tenantId, decisionId));
  }

  async close(): Promise<void> {
    await this.#database.flushed;
    await this.#database.close();
  }

  #row(key: string): readonly number[] {
    const row = this.#database.get(key);
    return row === undefined || typeof row === 'number' ? [] : row;
  }
}

/** LMDB takes keys up to 1 978 bytes; ours are far shorter. */
function keyOf(tenantId: string, decisionId: string): string {
  return `${tenantId}|${decisionId}`;
}
