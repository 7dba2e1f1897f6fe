import {
  recommendedActionOf,
  type CaseEvent,
  type Decision,
  type DecisionRevisionRecord,
} from '@veto/domain';
import type { DecisionStory } from '../views/decision-reader';

/**
 * An analyst's outcome in place of the current one: the next version of the decision. Nothing of the earlier ones is
 * edited. A function of the log alone: whoever writes it, and however often, the bytes are the same.
 * @returns null while an earlier version is not on the log
 */
export function revisionOf(of: {
  readonly story: DecisionStory;
  readonly decided: Extract<CaseEvent, { type: 'case_decided' }>;
  readonly effected: Pick<Extract<CaseEvent, { type: 'case_effected' }>, 'decision_version' | 'at_ms'>;
}): DecisionRevisionRecord | null {
  const { story, decided, effected } = of;
  const { record } = story;
  const { outcome, analyst, reason } = decided;
  const before = versionOf(story, effected.decision_version - 1);
  if (before === undefined) return null;
  return {
    schema: 'decision-revision.v1',
    tenant_id: record.tenant_id,
    transaction_id: record.transaction.transaction.id,
    revised_at_ms: effected.at_ms,
    revised_by: analyst.name,
    reason,
    decision: {
      ...before,
      version: effected.decision_version,
      outcome,
      recommended_action: recommendedActionOf(outcome, record.transaction.transaction.stage),
      decided_by: { kind: 'analyst', id: analyst.id, clause: `${analyst.name}: ${reason}` },
      rules: before.rules.map((rule) => ({ ...rule, deciding: false })),
      review:
        before.review === null
          ? null
          : { ...before.review, status: 'closed', version: before.review.version + 1 },
    },
  };
}

function versionOf({ record, revisions }: DecisionStory, version: number): Decision | undefined {
  return [record, ...revisions].find(({ decision }) => decision.version === version)?.decision;
}
