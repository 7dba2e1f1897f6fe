import { randomBytes } from 'node:crypto';
import { invariant, type CaseEvent, type ListEvent } from '@veto/domain';
import { Refusal } from '../http/refusal';
import type { DecisionStory } from '../views/decision-reader';

/** The id of an entry that puts this payment's card on the block list. @throws Refusal invalid_request when the payment has no card */
export function newBlockEntryId(story: DecisionStory): string {
  if (story.record.transaction.card === undefined) {
    const issue = {
      pointer: '/block_card',
      code: 'no_card',
      detail: 'the payment was made without a card; send false',
    };
    throw new Refusal('invalid_request', '/block_card: the payment was made without a card.', {
      issues: [issue],
    });
  }
  return `le_${randomBytes(10).toString('hex')}`;
}

/** The payment's card on the block list, as the analyst's step says: a function of the log alone. */
export function blockEntryOf(
  story: DecisionStory,
  decided: Extract<CaseEvent, { type: 'case_decided' }>,
): Extract<ListEvent, { type: 'list_entry_added' }> | null {
  if (decided.list_entry_id === null) return null;
  const { card } = story.record.transaction;
  invariant(card !== undefined, `case ${decided.decision_id}: a card was blocked that the payment has not`);
  return {
    type: 'list_entry_added',
    tenant_id: decided.tenant_id,
    entry: {
      id: decided.list_entry_id,
      kind: 'card',
      value: card.fingerprint,
      effect: 'block',
      expires_at_ms: null,
      reason: decided.reason,
      created_at_ms: decided.at_ms,
      created_by: decided.analyst.name,
      decision_id: decided.decision_id,
    },
  };
}
