/** What the verifier checks, in order; what each one says is in `INVARIANT_WORDS`. */
export const INVARIANTS = ['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'I8', 'I9', 'I10'] as const;
export type Invariant = (typeof INVARIANTS)[number];

/** Kinds of damage, by the invariant that each one breaks. A kind is a stable code; the sentence beside it is for people. */
export const FINDING_KINDS = {
  I1: ['decision_lost', 'payment_lost'],
  I2: ['void_answered', 'second_truth', 'record_unreadable', 'fingerprint_differs'],
  I3: ['answer_differs'],
  I4: ['vector_differs', 'decision_differs', 'place_unknown', 'applied_missing'],
  I5: ['applied_differs', 'not_conserved', 'redis_differs'],
  I6: ['counts_repeat'],
  I7: ['tenant_foreign'],
  I8: [],
  I9: ['seq_gap', 'seq_twice', 'epoch_wrong'],
  I10: ['memory_grew'],
} as const satisfies Record<Invariant, readonly string[]>;
export type FindingKind = (typeof FINDING_KINDS)[Invariant][number];

/** One thing that is not as it was promised. */
export interface Finding {
  readonly invariant: Invariant;
  readonly kind: FindingKind;
  /** What it is about: `tenant|transaction id`, an entity, an epoch. */
  readonly subject: string;
  readonly says: string;
}

/** Findings of one kind that are kept to be shown; all are counted. */
const SHOWN_COUNT_MAX = 20;

/** Everything that was found, counted by invariant and kind. */
export class Findings {
  readonly #shown: Finding[] = [];
  readonly #counts = new Map<FindingKind, number>();

  add(invariant: Invariant, kind: FindingKind, subject: string, says: string): void {
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    if (count <= SHOWN_COUNT_MAX) this.#shown.push({ invariant, kind, subject, says });
  }

  /** The first of each kind, in the order in which they were found. */
  get shown(): readonly Finding[] {
    return this.#shown;
  }

  get total(): number {
    let total = 0;
    for (const count of this.#counts.values()) total += count;
    return total;
  }

  countOf(invariant: Invariant): number {
    const kinds: readonly FindingKind[] = FINDING_KINDS[invariant];
    return kinds.reduce((sum, kind) => sum + (this.#counts.get(kind) ?? 0), 0);
  }

  countOfKind(kind: FindingKind): number {
    return this.#counts.get(kind) ?? 0;
  }
}
