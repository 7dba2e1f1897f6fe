import type { Label, TransactionPayload } from '@veto/domain';

/** Something that Veto should know and could not be told yet. */
export type Owed =
  | { readonly kind: 'transaction'; readonly payload: TransactionPayload }
  | { readonly kind: 'label'; readonly label: Label };

const keyOf = (owed: Owed): string =>
  owed.kind === 'transaction'
    ? `transaction ${owed.payload.transaction.id}`
    : `label ${owed.label.transaction_id} ${owed.label.source} ${owed.label.reported_at}`;

/**
 * What is owed to Veto, oldest first, each thing once. Bounded: when it is full, the oldest is dropped and counted,
 * since the newest matters most to the next decision.
 */
export class Backlog {
  private readonly owed = new Map<string, Owed>();
  private dropped = 0;

  /** @param countMax ≥ 1 */
  constructor(private readonly countMax: number) {}

  get size(): number {
    return this.owed.size;
  }

  /** How many were dropped because there was no room. */
  get droppedCount(): number {
    return this.dropped;
  }

  add(owed: Owed): void {
    const key = keyOf(owed);
    if (!this.owed.has(key) && this.owed.size >= this.countMax) {
      this.owed.delete(this.owed.keys().next().value!);
      this.dropped++;
    }
    this.owed.set(key, owed);
  }

  settle(owed: Owed): void {
    this.owed.delete(keyOf(owed));
  }

  /** Oldest first; payments before labels, since a label needs its payment. */
  list(): readonly Owed[] {
    const all = [...this.owed.values()];
    return [
      ...all.filter(({ kind }) => kind === 'transaction'),
      ...all.filter(({ kind }) => kind === 'label'),
    ];
  }
}
