import type { ListBook } from '@veto/decision';
import type { ListEvent } from '@veto/domain';
import type { View } from './view-feed';
import type { ViewRecord } from './view-record';

type Added = Extract<ListEvent, { type: 'list_entry_added' }>;

/** What of the lists is in force, as it can be written down. */
export interface ListSnapshot {
  readonly position: number;
  readonly added: readonly Added[];
}

/** Keeps the line's book of lists as the log says: an entry is in force as soon as it is on the log. */
export class ListView implements View {
  readonly #book: ListBook;
  readonly #active = new Map<string, Added>();
  #position = -1;

  constructor(book: ListBook, snapshot: ListSnapshot | null) {
    this.#book = book;
    if (snapshot === null) return;
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
    return { position: this.#position, added: [...this.#active.values()] };
  }

  #fold(event: ListEvent): void {
    this.#book.apply(event);
    if (event.type === 'list_entry_added') this.#active.set(`${event.tenant_id}|${event.entry.id}`, event);
    else this.#active.delete(`${event.tenant_id}|${event.id}`);
  }
}
