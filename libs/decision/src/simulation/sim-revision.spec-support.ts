import { TOPICS, type DecisionRevisionRecord } from '@veto/domain';
import { encodeRecord, parseDecisionRecord } from '../record-codec';
import { keyOf, type Payment } from './journal.spec-support';
import type { SimInstance } from './sim-instance.spec-support';
import type { VirtualTime } from './virtual-time.spec-support';

/** An analyst approves what was decided, where its decision can be read: a revision under the same key. */
export function aRevision(instance: SimInstance, payment: Payment, time: VirtualTime): void {
  const { running, disk } = instance;
  if (running === null) return;
  const key = keyOf(payment);
  const decided = disk.copy.find((record) => record.topic === TOPICS.decisions && record.key === key);
  if (decided === undefined) return;
  const { tenant_id, decision } = parseDecisionRecord(decided.value);
  const revision: DecisionRevisionRecord = {
    schema: 'decision-revision.v1',
    tenant_id,
    transaction_id: payment.transactionId,
    revised_at_ms: Math.floor(time.nowMs),
    revised_by: 'Ana',
    reason: 'known customer',
    decision: { ...decision, version: decision.version + 1, outcome: 'approve' },
  };
  const record = { topic: TOPICS.decisions, key, value: encodeRecord(revision) };
  // Whether it arrives is the analyst's concern, who looks at the log.
  time.after(0, () => void running.log.append([record]).catch(() => undefined), running.owner);
}
