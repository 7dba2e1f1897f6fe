import { describeFeatureValue } from '@veto/features';
import type {
  CaseEvent,
  CaseState,
  DecisionDetail,
  Explanation,
  FeatureSeen,
  FeatureSet,
  ModelScorer,
} from '@veto/domain';
import type { DecisionStory } from '../views/decision-reader';
import { alertOf } from './alert';
import { maskedPayload } from './mask';

/** The whole story of one decision, for the detail pane and the decision's page. */
export function decisionDetailOf(of: {
  readonly story: DecisionStory;
  readonly state: CaseState;
  readonly featureSet: FeatureSet;
  readonly scorer: ModelScorer | null;
}): DecisionDetail {
  const { story, state } = of;
  const { record } = story;
  return {
    alert: alertOf(record, story.position, state),
    decision: record.decision,
    revisions: story.revisions.map((revision) => ({
      decision: revision.decision,
      revisedAtMs: revision.revised_at_ms,
      revisedBy: revision.revised_by,
      reason: revision.reason,
    })),
    transaction: maskedPayload(record.transaction),
    features: featuresSeen(of),
    ruleHits: record.rule_hits.map(({ id, name, mode, effect, seen }) => ({ id, name, mode, effect, seen })),
    rulesEvaluated: record.rules_evaluated,
    timeline: timelineOf(story),
    case: state,
    loggedAfterMs: Math.max(0, story.appendedAtMs - record.decided_at_ms),
  };
}

/** Every feature as the model saw it, with its part of the score; an approval's parts are computed when somebody asks. */
function featuresSeen(of: {
  readonly story: DecisionStory;
  readonly featureSet: FeatureSet;
  readonly scorer: ModelScorer | null;
}): FeatureSeen[] {
  const { record } = of.story;
  const contributions = record.scored?.contributions ?? explainNow(of)?.contributions ?? null;
  return of.featureSet.definitions.map((definition, index) => {
    const value = record.features[index] ?? null;
    return {
      name: definition.name,
      description: value === null ? definition.description : describeFeatureValue(definition.name, value),
      unit: definition.unit,
      value,
      typical: of.scorer?.manifest.typical[definition.name] ?? null,
      contribution: contributions?.[index] ?? null,
      truncated: record.truncated.includes(definition.name),
    };
  });
}

/** @returns null when nothing was scored, or by another model than the one that is loaded */
function explainNow(of: {
  readonly story: DecisionStory;
  readonly scorer: ModelScorer | null;
}): Explanation | null {
  const { record } = of.story;
  const { scorer } = of;
  if (
    scorer === null ||
    record.scored === null ||
    record.decision.model?.sha256 !== scorer.manifest.files.model.sha256
  )
    return null;
  return scorer.explain(Float64Array.from(record.features, (value) => value ?? Number.NaN));
}

function timelineOf(story: DecisionStory): { readonly atMs: number; readonly text: string }[] {
  const { record, revisions, caseEvents, appendedAtMs } = story;
  const { decision } = record;
  const entries = [
    { atMs: record.received_at_ms, text: 'Payment received' },
    { atMs: record.decided_at_ms, text: `Decided ${decision.outcome}: ${decision.decided_by.clause}` },
    { atMs: appendedAtMs, text: 'On the log, and answered' },
    ...caseEvents.map((event) => ({ atMs: event.at_ms, text: textOfCaseEvent(event) })),
    ...revisions.map((revision) => ({
      atMs: revision.revised_at_ms,
      text: `Version ${revision.decision.version}: ${revision.decision.outcome} by ${revision.revised_by}`,
    })),
  ];
  return entries.sort((a, b) => a.atMs - b.atMs);
}

function textOfCaseEvent(event: CaseEvent): string {
  const { name } = event.analyst;
  switch (event.type) {
    case 'case_decided': {
      const note = event.note === null ? '' : ` — ${event.note}`;
      const card = event.list_entry_id === null ? '' : ', card blocked';
      return `${name} decided ${event.outcome} (${event.reason}${card})${note}`;
    }
    case 'case_undone':
      return `${name} took it back`;
    case 'case_effected':
      return `The decision of ${name} took effect`;
    case 'case_claimed':
      return `${name} claimed it`;
    case 'case_released':
      return `${name} released it`;
  }
}
