import type { ListBook } from '@veto/decision';
import type { ListEvent } from '@veto/domain';
import type { View } from './view-feed';
import type { ViewRecord } from './view-record';

type Added = Extract<ListEvent, { type: 'list_entry_added' }>;

/** What of the lists is in force, as it can be written down. */
export interface ListSnapshot {
  readonly position: number;
  readonly added: readonly Added[];
  /** `tenant|id` of entries that were taken out. */
  readonly removed: readonly string[];
}

/** Keeps the line's book of lists as the log says: an entry is in force as soon as it is on the log. */
export class ListView implements View {
  readonly #book: ListBook;
  readonly #active = new Map<string, Added>();
  /** An entry that was taken out stays out, also when its beginning is appended again. */
  readonly #removed = new Set<string>();
  #position = -1;

  constructor(book: ListBook, snapshot: ListSnapshot | null) {
    this.#book = book;
    if (snapshot === null) return;
    for (const key of snapshot.removed) this.#removed.add(key);
    for (const event of snapshot.added) this.#fold(event);
    this.#position = snapshot.position;
  }

  get position(): number {
    return this.#position;
  }

  apply(records: readonly ViewRecord[], to: number): void {
    for (const record of records) {
      if (record.kind === 'list' && record.position > this.#position) this.#fold(record.event);
    }
    this.#position = Math.max(this.#position, to);
  }

  snapshot(): ListSnapshot {
    return { position: this.#position, added: [...this.#active.values()], removed: [...this.#removed] };
  }

  /** What became of an entry so far. */
  statusOf(tenantId: string, id: string): 'unknown' | 'active' | 'removed' {
    const key = `${tenantId}|${id}`;
    if (this.#removed.has(key)) return 'removed';
    return this.#active.has(key) ? 'active' : 'unknown';
  }

  #fold(event: ListEvent): void {
    const isAdded = event.type === 'list_entry_added';
    const key = `${event.tenant_id}|${isAdded ? event.entry.id : event.id}`;
    if (isAdded) {
      if (this.#removed.has(key)) return;
      this.#active.set(key, event);
    } else {
      this.#removed.add(key);
      this.#active.delete(key);
    }
    this.#book.apply(event);
  }
}
