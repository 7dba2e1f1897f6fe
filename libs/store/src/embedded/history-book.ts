import { createHash } from 'node:crypto';
import { HISTORY_RECORD_BYTES, HISTORY_RECORD_COUNT_MAX } from '@veto/domain';

const VISIBLE_BYTES_MAX = HISTORY_RECORD_COUNT_MAX * HISTORY_RECORD_BYTES;
const NOTHING = new Uint8Array(0);

interface History {
  /** Grown by replacement; bytes that were handed out are never written again. */
  bytes: Uint8Array;
  byteLength: number;
}

/** The histories of all entities, by key. */
export class HistoryBook {
  readonly #histories = new Map<string, History>();

  get entityCount(): number {
    return this.#histories.size;
  }

  /** The latest records of an entity, oldest first; empty when it was never seen. The bytes never change afterwards. */
  visible(key: string): Uint8Array {
    const history = this.#histories.get(key);
    if (history === undefined) return NOTHING;
    return history.bytes.subarray(Math.max(0, history.byteLength - VISIBLE_BYTES_MAX), history.byteLength);
  }

  append(key: string, record: Uint8Array): void {
    const history = this.#histories.get(key);
    if (history === undefined) {
      const bytes = new Uint8Array(HISTORY_RECORD_BYTES * 2);
      bytes.set(record);
      this.#histories.set(key, { bytes, byteLength: HISTORY_RECORD_BYTES });
      return;
    }
    if (history.byteLength === history.bytes.length) {
      const kept = history.bytes.subarray(Math.max(0, history.byteLength - VISIBLE_BYTES_MAX), history.byteLength);
      const larger = new Uint8Array(kept.length * 2);
      larger.set(kept);
      history.bytes = larger;
      history.byteLength = kept.length;
    }
    history.bytes.set(record, history.byteLength);
    history.byteLength += HISTORY_RECORD_BYTES;
  }

  clear(): void {
    this.#histories.clear();
  }

  /** SHA-256 (hex) over what a reader can see of every history, in key order, and over `trailer`. */
  digest(trailer: string): string {
    const hash = createHash('sha256');
    for (const key of [...this.#histories.keys()].sort()) {
      hash.update(`${key}\n`);
      hash.update(this.visible(key));
    }
    return hash.update(trailer).digest('hex');
  }
}
