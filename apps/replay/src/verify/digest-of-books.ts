import { createHash } from 'node:crypto';
import type { HistoryBook } from '@veto/store';

/** SHA-256 (hex) over the histories of several shards, in key order: what one store of them all would say. */
export function digestOfBooks(books: readonly HistoryBook[]): string {
  const [only, ...others] = books;
  if (only !== undefined && others.length === 0) return only.digest();
  const bookOf = new Map<string, HistoryBook>();
  for (const book of books)
    for (let slot = 0; slot < book.slotCount; slot++) {
      const entry = book.entryAt(slot, Number.POSITIVE_INFINITY);
      if (entry !== null) bookOf.set(entry.key, book);
    }
  const hash = createHash('sha256');
  for (const key of [...bookOf.keys()].sort()) hash.update(`${key}\n`).update(bookOf.get(key)!.visible(key));
  return hash.digest('hex');
}
