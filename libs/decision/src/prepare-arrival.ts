import {
  canonicalJson,
  transactionOf,
  type BeginRequest,
  type TenantId,
  type Transaction,
  type TransactionPayload,
} from '@veto/domain';
import { encodePaymentRecord, entityKeysOf, type EntityRef } from '@veto/features';
import { fingerprintOfText } from './fingerprint';
import { encodeReceived } from './record-codec';

/** A payment made ready for `begin`: its canonical text, written once for fingerprint, journal and record. */
export interface Prepared {
  readonly transaction: Transaction;
  readonly receivedAtMs: number;
  readonly canonical: string;
  readonly fingerprint: string;
  readonly entities: readonly EntityRef[];
  /** What it adds to the history of each of its entities; its seq is not yet written. */
  readonly historyRecord: Uint8Array;
}

/** NFC changes no character before this one: a text of smaller ones, all of Latin-1 among them, is in NFC. */
const MAY_CHANGE = /[\u0300-\uffff]/;

/**
 * False when a name or a text in it may not be in NFC. The canonical text does not tell: U+212A, the sign for kelvin,
 * is a plain K there.
 */
function isSurelyInNfc(value: unknown): boolean {
  if (typeof value === 'string') return !MAY_CHANGE.test(value);
  if (typeof value !== 'object' || value === null) return true;
  for (const name of Object.keys(value)) {
    if (MAY_CHANGE.test(name) || !isSurelyInNfc((value as Readonly<Record<string, unknown>>)[name]))
      return false;
  }
  return true;
}

/** What is decided on is what is recorded: a payment with texts that are not in NFC is taken in the form that is. */
export function prepare(of: {
  readonly tenantId: TenantId;
  readonly payload: TransactionPayload;
  readonly receivedAtMs: number;
}): Prepared {
  const canonical = canonicalJson(of.payload);
  const payload = isSurelyInNfc(of.payload) ? of.payload : (JSON.parse(canonical) as TransactionPayload);
  const transaction = transactionOf(payload, of);
  return {
    transaction,
    receivedAtMs: of.receivedAtMs,
    canonical,
    fingerprint: fingerprintOfText(canonical),
    entities: entityKeysOf(transaction),
    historyRecord: encodePaymentRecord(transaction),
  };
}

export function beginRequestOf({
  transaction,
  receivedAtMs,
  canonical,
  fingerprint,
  entities,
  historyRecord,
}: Prepared): BeginRequest {
  const { tenantId, id } = transaction;
  return {
    tenantId,
    transactionId: id,
    fingerprint,
    entityKeys: entities.map(({ key }) => key),
    record: historyRecord,
    payload: encodeReceived(
      { schema: 'transaction-received.v1', tenant_id: tenantId, fingerprint, received_at_ms: receivedAtMs },
      canonical,
    ),
  };
}
