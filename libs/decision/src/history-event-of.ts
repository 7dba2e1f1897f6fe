import {
  TOPICS,
  transactionOf,
  writeHistorySeq,
  type HistoryEvent,
  type Label,
  type LabelRecord,
  type StoredLogRecord,
  type TenantId,
} from '@veto/domain';
import { encodeLabelRecord, encodePaymentRecord, entityKeysOf } from '@veto/features';
import { parseDecidedHead, parseReceived } from './record-codec';

const decoder = new TextDecoder();

/** What this record does to claims and histories; null for one that does nothing to them. */
export function historyEventOf(record: StoredLogRecord): HistoryEvent | null {
  switch (record.topic) {
    case TOPICS.transactions:
      return begunEventOf(record);
    case TOPICS.labels:
      return labelEventOf(record);
    case TOPICS.decisions:
      return decidedEventOf(record);
    default:
      return null;
  }
}

function begunEventOf(record: StoredLogRecord): HistoryEvent {
  const received = parseReceived(record.value);
  const transaction = transactionOf(received.transaction, {
    tenantId: received.tenant_id as TenantId,
    receivedAtMs: received.received_at_ms,
  });
  return {
    type: 'begun',
    tenantId: transaction.tenantId,
    transactionId: transaction.id,
    fingerprint: received.fingerprint,
    entityKeys: entityKeysOf(transaction).map(({ key }) => key),
    record: withSeq(encodePaymentRecord(transaction), record.seq),
  };
}

function labelEventOf(record: StoredLogRecord): HistoryEvent {
  const labelled = JSON.parse(decoder.decode(record.value)) as LabelRecord;
  return {
    type: 'label',
    tenantId: labelled.tenant_id,
    labelKey: labelKeyOf(labelled.tenant_id, labelled.label),
    entityKeys: labelled.entity_keys,
    record: withSeq(labelHistoryRecordOf(labelled), record.seq),
  };
}

/** Reads only the record's first bytes: every decision that is made passes here on its way into the index. */
function decidedEventOf({ key, value }: StoredLogRecord): HistoryEvent | null {
  const head = parseDecidedHead(value);
  if (head === null) return null;
  const { tenant_id: tenantId, fingerprint } = head;
  return {
    type: 'decided',
    tenantId,
    transactionId: key.slice(tenantId.length + 1),
    fingerprint,
    bytes: value,
  };
}

function withSeq(record: Uint8Array, seq: number | undefined): Uint8Array {
  if (seq !== undefined) writeHistorySeq(record, seq);
  return record;
}

/** What makes two deliveries the same label: who says what of which payment, and since when. */
export function labelKeyOf(tenantId: string, { transaction_id, label, source, reported_at }: Label): string {
  return `${tenantId}|${transaction_id}|${source}|${label}|${Date.parse(reported_at)}`;
}

/** A label as it lies in the histories of the payment's entities. */
export function labelHistoryRecordOf({ label, occurred_at_ms, amount_base_minor }: LabelRecord): Uint8Array {
  return encodeLabelRecord({
    transactionId: label.transaction_id,
    occurredAtMs: occurred_at_ms,
    amountBaseMinor: amount_base_minor,
    reportedAtMs: Date.parse(label.reported_at),
    verdict: label.label,
  });
}
