import {
  ENTITY_KINDS,
  type EntityKey,
  type EntityKind,
  type Transaction,
  type TransactionPayload,
} from '@veto/domain';
import { emailAddressOf } from './email';
import { ipEntityOf } from './ip-entity';

/** An entity of a transaction: whose past matters. */
export interface EntityRef {
  readonly kind: EntityKind;
  /** As lists and the console name it: a card fingerprint, an e-mail address in canonical form … */
  readonly value: string;
  /** `<tenant>|<kind>:<value>` */
  readonly key: EntityKey;
}

/** The entity of one kind that a payment names, in canonical form, or null. */
export function entityValueOf(payload: TransactionPayload, kind: EntityKind): string | null {
  switch (kind) {
    case 'card':
      return payload.card?.fingerprint ?? null;
    case 'customer':
      return payload.customer?.id ?? null;
    case 'device':
      return payload.device?.fingerprint ?? null;
    case 'ip':
      return payload.ip === undefined ? null : ipEntityOf(payload.ip.address);
    case 'email':
      return payload.customer?.email === undefined ? null : emailAddressOf(payload.customer.email);
    case 'merchant':
      return payload.merchant?.id ?? null;
    case 'bin':
      return payload.card?.bin ?? null;
  }
}

/** Whose past matters for this transaction, in the order of `ENTITY_KINDS`; 1 … 7 of them, no key twice. */
export function entityKeysOf(transaction: Transaction): readonly EntityRef[] {
  const refs: EntityRef[] = [];
  for (const kind of ENTITY_KINDS) {
    const value = entityValueOf(transaction.payload, kind);
    if (value !== null)
      refs.push({ kind, value, key: `${transaction.tenantId}|${kind}:${value}` as EntityKey });
  }
  return refs;
}
