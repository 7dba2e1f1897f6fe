import type { CaseState, Issue } from '@veto/domain';
import { Refusal } from '../http/refusal';
import type { Analyst } from '../keys/analyst-ring';
import type { DecisionStory } from '../views/decision-reader';

const DONE = {
  case_decided: 'decided',
  case_undone: 'took back a decision on',
  case_effected: 'closed',
  case_claimed: 'claimed',
  case_released: 'released',
} as const;

/** 409: who acted first, what they did, when, and the version that the case has now. */
export function versionConflict(state: CaseState, story: DecisionStory): Refusal {
  const last = story.caseEvents.findLast((event) => event.version === state.version);
  const issue = (code: string, detail: string): Issue => ({ pointer: '/expected_version', code, detail });
  if (last === undefined) {
    return new Refusal('version_conflict', 'Nobody has acted on this case.', {
      issues: [issue('version', String(state.version))],
    });
  }
  const when = new Date(last.at_ms).toISOString();
  const what = last.type === 'case_decided' ? last.outcome : last.type;
  const outcome = last.type === 'case_decided' ? `: ${last.outcome}` : '';
  return new Refusal(
    'version_conflict',
    `${last.analyst.name} ${DONE[last.type]} this case at ${when}${outcome}.`,
    {
      issues: [
        issue('who', last.analyst.name),
        issue('what', what),
        issue('when', when),
        issue('version', String(state.version)),
      ],
    },
  );
}

/** True while somebody else is on it. */
export function isClaimedByOther(state: CaseState, analyst: Analyst, nowMs: number): boolean {
  return state.claimedBy !== null && state.claimedBy !== analyst.name && (state.claimedUntilMs ?? 0) > nowMs;
}
