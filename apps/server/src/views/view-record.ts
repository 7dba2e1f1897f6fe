import {
  TOPICS,
  type CaseEvent,
  type DecisionRecord,
  type DecisionRevisionRecord,
  type ListEvent,
  type StoredLogRecord,
  type Topic,
} from '@veto/domain';
import { glanceAtApproval } from './approval-glance';

/** The topics that the views fold. */
export const VIEW_TOPICS: readonly Topic[] = [TOPICS.decisions, TOPICS.caseEvents, TOPICS.lists];

/** A record of the log as the views read it: parsed once, for all of them. */
export type ViewRecord = {
  readonly position: number;
  readonly appendedAtMs: number;
  readonly tenantId: string;
} & (
  | { readonly kind: 'decision'; readonly record: DecisionRecord }
  /** An automatic approval that opens no alert, not parsed. */
  | { readonly kind: 'approval'; readonly decisionId: string }
  | { readonly kind: 'revision'; readonly record: DecisionRevisionRecord }
  | { readonly kind: 'case'; readonly event: CaseEvent }
  | { readonly kind: 'list'; readonly event: ListEvent }
);

/** Records on the log were written by us and validated before, so they are parsed and trusted. @returns null for other topics */
export function viewRecordOf(stored: StoredLogRecord): ViewRecord | null {
  const { position, appendedAtMs, topic } = stored;
  if (!VIEW_TOPICS.includes(topic)) return null;
  const value: unknown = JSON.parse(
    Buffer.from(stored.value.buffer, stored.value.byteOffset, stored.value.byteLength).toString('utf8'),
  );
  if (topic === TOPICS.caseEvents) {
    const event = value as CaseEvent;
    return { kind: 'case', position, appendedAtMs, tenantId: event.tenant_id, event };
  }
  if (topic === TOPICS.lists) {
    const event = value as ListEvent;
    return { kind: 'list', position, appendedAtMs, tenantId: event.tenant_id, event };
  }
  const record = value as DecisionRecord | DecisionRevisionRecord;
  return record.schema === 'decision.v1'
    ? { kind: 'decision', position, appendedAtMs, tenantId: record.tenant_id, record }
    : { kind: 'revision', position, appendedAtMs, tenantId: record.tenant_id, record };
}

/** As `viewRecordOf`, but a plain approval is only glanced at: for folds, which need no more of it. */
export function foldRecordOf(stored: StoredLogRecord): ViewRecord | null {
  if (stored.topic === TOPICS.decisions) {
    const approval = glanceAtApproval(stored.value);
    if (approval !== null) {
      const { position, appendedAtMs, key } = stored;
      return {
        kind: 'approval',
        position,
        appendedAtMs,
        tenantId: key.slice(0, key.indexOf('|')),
        ...approval,
      };
    }
  }
  return viewRecordOf(stored);
}

/** Which decision a record belongs to; null for lists. */
export function decisionIdOfView(record: ViewRecord): string | null {
  if (record.kind === 'approval') return record.decisionId;
  if (record.kind === 'case') return record.event.decision_id;
  return record.kind === 'list' ? null : record.record.decision.id;
}
