import { encodeRecord } from '@veto/decision';
import { invariant, TOPICS, type CaseEvent, type ListEvent, type LogRecord } from '@veto/domain';
import type { DecisionStory } from '../views/decision-reader';
import type { ListView } from '../views/list-view';
import { blockEntryOf } from './card-block';
import { revisionOf } from './case-revision';

type Decided = Extract<CaseEvent, { type: 'case_decided' }>;

/**
 * What a step that counts brings about elsewhere on the log: an entry of a list, its removal, a revision. A function of
 * the log alone, so that any instance can write it, and a second time changes nothing.
 * @param story as it was before the step, at least
 * @returns null when it brings nothing about, or not yet
 */
export function consequenceOf(story: DecisionStory, event: CaseEvent): LogRecord | null {
  if (event.type === 'case_decided') return listRecordOf(blockEntryOf(story, event));
  if (event.type === 'case_undone') return listRecordOf(removalOf(story, event));
  if (event.type !== 'case_effected') return null;
  const decided = decidedOf(story, event.decided_version);
  const revision = revisionOf({ story, decided, effected: event });
  if (revision === null) return null;
  return {
    topic: TOPICS.decisions,
    key: `${event.tenant_id}|${event.transaction_id}`,
    value: encodeRecord(revision),
  };
}

/** True when the consequence of a step is on the log. */
export function isBroughtAbout(story: DecisionStory, event: CaseEvent, lists: ListView): boolean {
  if (event.type === 'case_decided')
    return event.list_entry_id === null || lists.statusOf(event.tenant_id, event.list_entry_id) !== 'unknown';
  if (event.type === 'case_undone') {
    const id = decidedOf(story, event.undoes_version).list_entry_id;
    return id === null || lists.statusOf(event.tenant_id, id) === 'removed';
  }
  if (event.type !== 'case_effected') return true;
  return story.revisions.some(({ decision }) => decision.version === event.decision_version);
}

function removalOf(
  story: DecisionStory,
  event: Extract<CaseEvent, { type: 'case_undone' }>,
): ListEvent | null {
  const id = decidedOf(story, event.undoes_version).list_entry_id;
  if (id === null) return null;
  return {
    type: 'list_entry_removed',
    tenant_id: event.tenant_id,
    id,
    removed_by: event.analyst.id,
    removed_at_ms: event.at_ms,
  };
}

/** The latest decision of the case at this version: claims may have come after it. */
export function decidedOf(story: DecisionStory, version: number): Decided {
  const decided = story.caseEvents.findLast(
    (event): event is Decided => event.type === 'case_decided' && event.version <= version,
  );
  invariant(decided !== undefined, `case ${story.record.decision.id}: deciding without a decision`);
  return decided;
}

function listRecordOf(event: ListEvent | null): LogRecord | null {
  if (event === null) return null;
  const id = event.type === 'list_entry_added' ? event.entry.id : event.id;
  return { topic: TOPICS.lists, key: `${event.tenant_id}|${id}`, value: encodeRecord(event) };
}
