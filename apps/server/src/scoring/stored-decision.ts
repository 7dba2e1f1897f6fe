import { decisionSchema } from '@veto/domain';
import { z } from 'zod';
import type { DecisionStory } from '../views/decision-reader';

/** A decision as it stands now, and every version that it had. */
export const storedDecisionSchema = decisionSchema.extend({
  revisions: z
    .array(
      z.strictObject({
        version: z.int().min(1),
        outcome: decisionSchema.shape.outcome,
        recommended_action: decisionSchema.shape.recommended_action,
        decided_by: decisionSchema.shape.decided_by,
        created_at: z.string().describe('RFC 3339, ms'),
        reason: z.string().nullable().describe("The analyst's reason; null for the automatic decision"),
      }),
    )
    .describe('Oldest first; the last one is in force'),
});
export type StoredDecision = z.infer<typeof storedDecisionSchema>;

export function storedDecisionOf(story: DecisionStory): StoredDecision {
  const first = story.record.decision;
  const version = (
    decision: typeof first,
    createdAt: string,
    reason: string | null,
  ): StoredDecision['revisions'][number] => ({
    version: decision.version,
    outcome: decision.outcome,
    recommended_action: decision.recommended_action,
    decided_by: decision.decided_by,
    created_at: createdAt,
    reason,
  });
  return {
    ...story.current,
    revisions: [
      version(first, first.created_at, null),
      ...story.revisions.map((revision) =>
        version(revision.decision, new Date(revision.revised_at_ms).toISOString(), revision.reason),
      ),
    ],
  };
}
