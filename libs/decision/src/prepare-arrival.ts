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
}

// Without a regular expression's range over control characters: NFC leaves every text of these bytes as it is.
const isAscii = (text: string): boolean => Buffer.byteLength(text, 'utf8') === text.length;

/** What is decided on is what is recorded: a payment with texts that are not in NFC is taken in the form that is. */
export function prepare(of: {
  readonly tenantId: TenantId;
  readonly payload: TransactionPayload;
  readonly receivedAtMs: number;
}): Prepared {
  const canonical = canonicalJson(of.payload);
  const payload = isAscii(canonical) ? of.payload : (JSON.parse(canonical) as TransactionPayload);
  const transaction = transactionOf(payload, of);
  return {
    transaction,
    receivedAtMs: of.receivedAtMs,
    canonical,
    fingerprint: fingerprintOfText(canonical),
    entities: entityKeysOf(transaction),
  };
}

export function beginRequestOf({
  transaction,
  receivedAtMs,
  canonical,
  fingerprint,
  entities,
}: Prepared): BeginRequest {
  const { tenantId, id } = transaction;
  return {
    tenantId,
    transactionId: id,
    fingerprint,
    entityKeys: entities.map(({ key }) => key),
    record: encodePaymentRecord(transaction),
    payload: encodeReceived(
      { schema: 'transaction-received.v1', tenant_id: tenantId, fingerprint, received_at_ms: receivedAtMs },
      canonical,
    ),
  };
}
