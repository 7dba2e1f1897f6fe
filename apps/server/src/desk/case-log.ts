import { encodeRecord } from '@veto/decision';
import {
  TOPICS,
  VetoError,
  type CaseEvent,
  type CaseState,
  type Clock,
  type EventLog,
  type LogRecord,
} from '@veto/domain';
import type { DecisionReader, DecisionStory } from '../views/decision-reader';
import type { ListView } from '../views/list-view';
import type { ViewFeed } from '../views/view-feed';
import { versionConflict } from './case-conflict';
import { consequenceOf, isBroughtAbout } from './case-consequence';
import type { DeskView, OwedStep } from './desk-view';

/** An action that is on the log is in the views this soon, or the server is in trouble. */
const FOLD_DEADLINE_MS = 5_000;
/** Whoever took a step has brought about what follows from it within this time, or died over it, in ms. */
const OWED_AFTER_MS = 3_000;
/** Steps that are looked at in one round, at most. */
const OWED_COUNT_MAX = 50;

export interface CaseLogParts {
  readonly log: EventLog;
  readonly feed: ViewFeed;
  readonly reader: DecisionReader;
  readonly view: DeskView;
  readonly lists: ListView;
  readonly clock: Clock;
  /** True when other instances append to the same log. */
  readonly isShared: boolean;
}

/**
 * Steps on cases, on the log. In one process a step and what follows from it are one append. On a shared log another
 * analyst's step may have been first: the step is appended, and what follows only when the fold says that it counts.
 * If the instance dies in between, any other brings it about.
 */
export class CaseLog {
  readonly #parts: CaseLogParts;

  constructor(parts: CaseLogParts) {
    this.#parts = parts;
  }

  get isShared(): boolean {
    return this.#parts.isShared;
  }

  /**
   * Takes a step.
   * @returns the case, when the step is in the views
   * @throws Refusal version_conflict when somebody else was first
   * @throws VetoError log_unavailable | store_unavailable (retryable)
   */
  async take(story: DecisionStory, event: CaseEvent): Promise<CaseState> {
    const { log, view, isShared } = this.#parts;
    const { tenant_id: tenantId, decision_id: decisionId } = event;
    // What waits in a local file is in nobody's order yet: whether the step counts could not be said.
    if (log.durability() === 'wal') throw unarbitrated(decisionId);
    const step: LogRecord = {
      topic: TOPICS.caseEvents,
      key: `${tenantId}|${decisionId}`,
      value: encodeRecord(event),
    };
    const consequence = consequenceOf(story, event);
    const position = await this.#append(decisionId, [
      step,
      ...(isShared || consequence === null ? [] : [consequence]),
    ]);
    if (isShared && !view.of(tenantId).hasCounted(position)) {
      const now = await this.#parts.reader.byId(tenantId, decisionId);
      throw versionConflict(await view.caseOf(tenantId, decisionId), now ?? story);
    }
    if (isShared) {
      if (consequence !== null) await this.#append(decisionId, [consequence]);
      view.settle({ tenantId, decisionId, version: event.version });
    }
    return view.caseOf(tenantId, decisionId);
  }

  /** Steps whose consequences nobody brought about in time. */
  owed(): readonly OwedStep[] {
    const latestMs = this.#parts.clock.nowMs() - OWED_AFTER_MS;
    const due: OwedStep[] = [];
    for (const step of this.#parts.view.owed()) {
      if (step.sinceMs <= latestMs && due.push(step) === OWED_COUNT_MAX) break;
    }
    return due;
  }

  /** Brings about what is owed, if it is. @throws VetoError log_unavailable | store_unavailable (retryable) */
  async settle(step: OwedStep, story: DecisionStory): Promise<void> {
    const { view, lists } = this.#parts;
    const event = story.caseEvents.find(({ version }) => version === step.version);
    if (event === undefined) return;
    if (!isBroughtAbout(story, event, lists)) {
      const consequence = consequenceOf(story, event);
      // An earlier step's revision comes first.
      if (consequence === null) return;
      await this.#append(step.decisionId, [consequence]);
    }
    view.settle(step);
  }

  /** @returns position of the last record, when the views have it */
  async #append(decisionId: string, records: readonly LogRecord[]): Promise<number> {
    const position = await this.#parts.log.appendReadable(records);
    if (position === null) throw unarbitrated(decisionId);
    if (await this.#parts.feed.reached(position, FOLD_DEADLINE_MS)) return position;
    throw new VetoError(
      'store_unavailable',
      `case ${decisionId}: the views are more than 5 s behind the log`,
      { retryable: true },
    );
  }
}

function unarbitrated(decisionId: string): VetoError {
  return new VetoError(
    'log_unavailable',
    `case ${decisionId}: the log does not answer; whether a step counts is known when it does`,
    { retryable: true },
  );
}
