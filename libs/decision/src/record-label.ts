import {
  transactionOf,
  VetoError,
  type ClaimId,
  type Label,
  type LabelRecord,
  type TenantId,
} from '@veto/domain';
import { entityKeysOf } from '@veto/features';
import { labelHistoryRecordOf, labelKeyOf } from './history-event-of';
import type { Line } from './line';
import { encodeRecord, parseDecidedTransaction } from './record-codec';

/** How long a label waits for this instance to have read all that is on the log, in ms. */
const READING_MS_MAX = 1_000;

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
  line: Pick<Line, 'store' | 'log'>,
  of: { readonly tenantId: TenantId; readonly label: Label; readonly receivedAtMs: number },
): Promise<LabelRecorded> {
  const { tenantId, label } = of;
  const bytes = await decidedBytes(line, { tenantId, transactionId: label.transaction_id });
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

/**
 * The decision of an id, wherever it was decided: before it is said that there is none, this instance has read
 * everything that is on the log now.
 */
async function decidedBytes(
  { store, log }: Pick<Line, 'store' | 'log'>,
  id: ClaimId,
): Promise<Uint8Array | null> {
  const known = await store.find(id);
  if (known !== null) return known;
  if (await log.reached(await log.latest(), READING_MS_MAX)) return store.winnerOnLog(id, log.end());
  throw new VetoError(
    'store_unavailable',
    'this instance has not read all of the log; deliver the label again',
    {
      retryable: true,
    },
  );
}
