import { z } from 'zod';
import { ENTITY_KINDS } from './feature';

/** An entry of a list: an entity that is blocked, allowed or watched, until when, and why. Immutable; a removal is an event. */
export const listEntrySchema = z.strictObject({
  id: z.string().regex(/^le_[0-9a-z]{8,40}$/),
  kind: z.enum(ENTITY_KINDS),
  /** As in the entity key: a card fingerprint, a device fingerprint, an IP … */
  value: z.string().min(1).max(256),
  effect: z.enum(['block', 'allow', 'watch']),
  /** ms since epoch; null = until removed. */
  expires_at_ms: z.int().nullable(),
  reason: z.string().min(1).max(300),
  created_at_ms: z.int(),
  created_by: z.string().min(1).max(120),
  /** The decision that gave rise to it, if one did. */
  decision_id: z.string().nullable(),
});
export type ListEntry = z.infer<typeof listEntrySchema>;

/** What is on `veto.lists.v1`. */
export type ListEvent =
  | { readonly type: 'list_entry_added'; readonly tenant_id: string; readonly entry: ListEntry }
  | {
      readonly type: 'list_entry_removed';
      readonly tenant_id: string;
      readonly id: string;
      readonly removed_by: string;
      readonly removed_at_ms: number;
    };

/** An entry that matched a transaction, as recorded with its decision. */
export interface ListHit {
  readonly entry_id: string;
  readonly kind: ListEntry['kind'];
  readonly effect: ListEntry['effect'];
  readonly reason: string;
}
