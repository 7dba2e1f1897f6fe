import { TOPICS, type ClaimId, type DecisionRecord, type LogRecord, type TenantId } from '@veto/domain';
import { prepare, type Prepared } from './prepare-arrival';
import { encodeApplied, parseAutomaticDecision } from './record-codec';

/** A payment's place in the order of effects on histories; seq 0 = it has none, since the shared state did not answer. */
export interface Place {
  readonly epoch: number;
  readonly seq: number;
}

/** `tenant|transaction id`: the key of the log, and the identity of a decision. */
export function decisionKeyOf({ tenantId, transactionId }: ClaimId): string {
  return `${tenantId}|${transactionId}`;
}

/** A decision as it goes onto the log: with its place, and with what its payment does to histories. */
export function decisionLogRecord(prepared: Prepared, { epoch, seq }: Place, value: Uint8Array): LogRecord {
  const { transaction, entities, historyRecord } = prepared;
  const key = `${transaction.tenantId}|${transaction.id}`;
  const applied = encodeApplied(entities, historyRecord);
  // An event without a seq is placed by the next epoch, whichever that is.
  if (seq === 0) return { topic: TOPICS.decisions, key, value, applied };
  return { topic: TOPICS.decisions, key, value, seq, epoch, applied };
}

/**
 * The same, from nothing but the decision's bytes: what whoever decided it would have appended.
 * @throws InvariantError when the bytes are no automatic decision
 */
export function decisionLogRecordOf(bytes: Uint8Array): LogRecord {
  const record = parseAutomaticDecision(bytes);
  return decisionLogRecord(preparedFrom(record), record, bytes);
}

/** The payment that was decided, as it was made ready. @throws InvariantError when the bytes are no automatic decision */
export function preparedOf(bytes: Uint8Array): Prepared {
  return preparedFrom(parseAutomaticDecision(bytes));
}

function preparedFrom(record: DecisionRecord): Prepared {
  return prepare({
    tenantId: record.tenant_id as TenantId,
    payload: record.transaction,
    receivedAtMs: record.received_at_ms,
  });
}
