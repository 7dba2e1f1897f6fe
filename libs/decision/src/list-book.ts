import { isIP } from 'node:net';
import type { EntityKind, ListEntry, ListEvent, ListHit, TransactionPayload } from '@veto/domain';
import { entityValueOf } from '@veto/features';

/** A view of the lists, folded from their events: what is listed now, held in memory. */
export interface ListBook {
  /** Applies one event; the same event again changes nothing, and the order of events is that of the log. */
  apply(event: ListEvent): void;
  /** The entries that name one of these entities and have not expired, in the order of the entities and then by id. */
  hits(tenantId: string, entities: readonly ListedEntity[], nowMs: number): readonly ListHit[];
  /** All of a tenant's entries, expired ones included, by id. */
  entries(tenantId: string): readonly ListEntry[];
}

/** An entity as a list names it. */
export interface ListedEntity {
  readonly kind: EntityKind;
  readonly value: string;
}

const NOTHING: readonly ListHit[] = [];

/** As entity keys have it: one e-mail address however it was typed, the network of an IPv6 address. */
function canonicalValue(kind: EntityKind, value: string): string {
  // No more of a payload is read for these kinds than what is given here.
  if (kind === 'email')
    return entityValueOf({ customer: { email: value } } as TransactionPayload, kind) ?? value;
  if (kind === 'ip' && isIP(value) !== 0)
    return entityValueOf({ ip: { address: value } } as TransactionPayload, kind) ?? value;
  return value;
}

const keyOf = (tenantId: string, kind: EntityKind, value: string): string => `${tenantId}|${kind}:${value}`;

export function createListBook(): ListBook {
  /** tenant → id → entry */
  const entriesByTenant = new Map<string, Map<string, ListEntry>>();
  /** entity key → entries that name it, by id */
  const entriesByKey = new Map<string, readonly ListEntry[]>();

  function add(tenantId: string, entry: ListEntry): void {
    const entries = entriesByTenant.get(tenantId) ?? new Map<string, ListEntry>();
    if (entries.has(entry.id)) return;
    entriesByTenant.set(tenantId, entries.set(entry.id, entry));
    const key = keyOf(tenantId, entry.kind, canonicalValue(entry.kind, entry.value));
    entriesByKey.set(
      key,
      [...(entriesByKey.get(key) ?? []), entry].sort((a, b) => (a.id < b.id ? -1 : 1)),
    );
  }

  function remove(tenantId: string, id: string): void {
    const entry = entriesByTenant.get(tenantId)?.get(id);
    if (entry === undefined) return;
    entriesByTenant.get(tenantId)?.delete(id);
    const key = keyOf(tenantId, entry.kind, canonicalValue(entry.kind, entry.value));
    const left = (entriesByKey.get(key) ?? []).filter((other) => other.id !== id);
    if (left.length === 0) entriesByKey.delete(key);
    else entriesByKey.set(key, left);
  }

  return {
    apply(event) {
      if (event.type === 'list_entry_added') add(event.tenant_id, event.entry);
      else remove(event.tenant_id, event.id);
    },
    hits(tenantId, entities, nowMs) {
      if (entriesByKey.size === 0) return NOTHING;
      return entities.flatMap(({ kind, value }) =>
        (entriesByKey.get(keyOf(tenantId, kind, value)) ?? [])
          .filter((entry) => entry.expires_at_ms === null || nowMs < entry.expires_at_ms)
          .map((entry) => ({
            entry_id: entry.id,
            kind: entry.kind,
            effect: entry.effect,
            reason: entry.reason,
          })),
      );
    },
    entries: (tenantId) =>
      [...(entriesByTenant.get(tenantId)?.values() ?? [])].sort((a, b) => (a.id < b.id ? -1 : 1)),
  };
}
