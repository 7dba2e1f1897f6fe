import { randomBytes } from 'node:crypto';
import type { ListEvent } from '@veto/domain';
import { Refusal } from '../http/refusal';
import type { Analyst } from '../keys/analyst-ring';
import type { DecisionStory } from '../views/decision-reader';

/** The payment's card on the block list, in force as soon as it is on the log. @throws Refusal invalid_request when the payment has no card */
export function blockEntryOf(
  story: DecisionStory,
  by: { readonly analyst: Analyst; readonly atMs: number; readonly reason: string },
): Extract<ListEvent, { type: 'list_entry_added' }> {
  const fingerprint = story.record.transaction.card?.fingerprint;
  if (fingerprint === undefined) {
    const issue = {
      pointer: '/block_card',
      code: 'no_card',
      detail: 'the payment was made without a card; send false',
    };
    throw new Refusal('invalid_request', '/block_card: the payment was made without a card.', {
      issues: [issue],
    });
  }
  return {
    type: 'list_entry_added',
    tenant_id: by.analyst.tenant,
    entry: {
      id: `le_${randomBytes(10).toString('hex')}`,
      kind: 'card',
      value: fingerprint,
      effect: 'block',
      expires_at_ms: null,
      reason: by.reason,
      created_at_ms: by.atMs,
      created_by: by.analyst.name,
      decision_id: story.record.decision.id,
    },
  };
}
