import { transactionOf, type Label, type LabelRecord, type TenantId } from '@veto/domain';
import { entityKeysOf } from '@veto/features';
import { labelHistoryRecordOf, labelKeyOf } from './history-event-of';
import type { Line } from './line';
import { encodeRecord, parseDecidedTransaction } from './record-codec';

/** What became of a label. */
export type LabelRecorded =
  | { readonly status: 'recorded' | 'duplicate'; readonly seq: number }
  /** This tenant has no decided payment of that id. */
  | { readonly status: 'not_found' };

/**
 * Brings a label into the histories of the payment's entities, from which features see it from its `reported_at`.
 * @returns when it is durable
 * @throws VetoError store_unavailable | log_unavailable (retryable): deliver it again, it counts once
 */
export async function recordLabel(
  line: Pick<Line, 'store'>,
  of: { readonly tenantId: TenantId; readonly label: Label; readonly receivedAtMs: number },
): Promise<LabelRecorded> {
  const { tenantId, label } = of;
  const bytes = await line.store.find({ tenantId, transactionId: label.transaction_id });
  if (bytes === null) return { status: 'not_found' };
  const decided = parseDecidedTransaction(bytes);
  const transaction = transactionOf(decided.transaction, { tenantId, receivedAtMs: decided.received_at_ms });
  const entityKeys = entityKeysOf(transaction).map(({ key }) => key);
  const record: LabelRecord = {
    schema: 'label.v1',
    tenant_id: tenantId,
    received_at_ms: of.receivedAtMs,
    occurred_at_ms: transaction.occurredAtMs,
    amount_base_minor: transaction.amountBaseMinor,
    entity_keys: entityKeys,
    label,
  };
  const { seq, duplicate } = await line.store.appendLabel({
    tenantId,
    labelKey: labelKeyOf(tenantId, label),
    entityKeys,
    record: labelHistoryRecordOf(record),
    payload: encodeRecord(record),
  });
  return { status: duplicate ? 'duplicate' : 'recorded', seq };
}
