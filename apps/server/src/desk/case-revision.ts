import { recommendedActionOf, type CaseEvent, type DecisionRevisionRecord } from '@veto/domain';
import type { DecisionStory } from '../views/decision-reader';

/** An analyst's outcome in place of the current one: the next version of the decision. Nothing of the earlier ones is edited. */
export function revisionOf(of: {
  readonly story: DecisionStory;
  readonly decided: Extract<CaseEvent, { type: 'case_decided' }>;
  readonly atMs: number;
}): DecisionRevisionRecord {
  const { story, decided, atMs } = of;
  const { current, record } = story;
  const { outcome, analyst, reason } = decided;
  return {
    schema: 'decision-revision.v1',
    tenant_id: record.tenant_id,
    transaction_id: record.transaction.transaction.id,
    revised_at_ms: atMs,
    revised_by: analyst.name,
    reason,
    decision: {
      ...current,
      version: current.version + 1,
      outcome,
      recommended_action: recommendedActionOf(outcome, record.transaction.transaction.stage),
      decided_by: { kind: 'analyst', id: analyst.id, clause: `${analyst.name}: ${reason}` },
      rules: current.rules.map((rule) => ({ ...rule, deciding: false })),
      review:
        current.review === null
          ? null
          : { ...current.review, status: 'closed', version: current.review.version + 1 },
    },
  };
}
