import {
  invariant,
  TOPICS,
  UNDO_WINDOW_MS,
  VetoError,
  type CaseAction,
  type CaseEvent,
  type CaseState,
  type Clock,
  type EventLog,
  type ListEvent,
  type LogRecord,
} from '@veto/domain';
import { encodeRecord } from '@veto/decision';
import { Refusal } from '../http/refusal';
import type { Analyst } from '../keys/analyst-ring';
import type { Telemetry } from '../telemetry/telemetry';
import type { DecisionReader, DecisionStory } from '../views/decision-reader';
import type { ViewFeed } from '../views/view-feed';
import { revisionOf } from './case-revision';
import { blockEntryOf } from './card-block';
import { isClaimedByOther, versionConflict } from './case-conflict';
import type { DeskView } from './desk-view';

/** A claim lasts this long without a further one, in ms. */
export const CLAIM_MS = 10 * 60_000;
/** An action that is on the log is in the views this soon, or the server is in trouble. */
const FOLD_DEADLINE_MS = 5_000;

export interface CaseDeskParts {
  readonly log: EventLog;
  readonly feed: ViewFeed;
  readonly reader: DecisionReader;
  readonly view: DeskView;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/** What every event of a case bears. */
interface Stamp {
  readonly tenant_id: string;
  readonly decision_id: string;
  readonly transaction_id: string;
  readonly version: number;
  readonly at_ms: number;
  readonly analyst: { readonly id: string; readonly name: string };
}
type Unstamped<E> = E extends CaseEvent ? Omit<E, keyof Stamp> : never;
type CaseStep = Unstamped<CaseEvent>;

/**
 * What analysts do about alerts. Every step is appended to the log first and takes effect by being folded from it;
 * steps on one case come one after the other.
 */
export class CaseDesk {
  readonly #parts: CaseDeskParts;
  readonly #queues = new Map<string, Promise<unknown>>();
  /** Effects that failed last time and were reported. */
  readonly #delayed = new Set<string>();

  constructor(parts: CaseDeskParts) {
    this.#parts = parts;
  }

  /** Decides a case. The card is listed at once; the decision is revised when the undo window has passed. */
  async act(analyst: Analyst, decisionId: string, action: CaseAction): Promise<CaseState> {
    return this.#onCase(analyst.tenant, decisionId, async (story, state) => {
      this.#refuseStale(state, action.expected_version, story);
      if (state.status === 'deciding') throw versionConflict(state, story);
      const atMs = this.#parts.clock.nowMs();
      const entry = action.block_card ? blockEntryOf(story, { analyst, atMs, reason: action.reason }) : null;
      const event: CaseStep = {
        type: 'case_decided',
        outcome: action.outcome,
        reason: action.reason,
        note: action.note ?? null,
        list_entry_id: entry?.entry.id ?? null,
        effective_at_ms: atMs + UNDO_WINDOW_MS,
      };
      const decided = await this.#append({
        story,
        state,
        analyst,
        atMs,
        event,
        ...(entry !== null && { list: entry }),
      });
      const { telemetry } = this.#parts;
      telemetry.caseDecided({
        decisionId,
        outcome: action.outcome,
        analystId: analyst.id,
        blocksCard: entry !== null,
      });
      return decided;
    });
  }

  /** Takes the last decision back, its list entry with it. */
  async undo(analyst: Analyst, decisionId: string, expectedVersion: number): Promise<CaseState> {
    return this.#onCase(analyst.tenant, decisionId, async (story, state) => {
      const atMs = this.#parts.clock.nowMs();
      const isOver =
        state.status === 'closed' || (state.effectiveAtMs !== null && atMs >= state.effectiveAtMs);
      if (isOver)
        throw new Refusal('undo_expired', 'The undo window has passed; decide the case anew instead.');
      this.#refuseStale(state, expectedVersion, story);
      if (state.status !== 'deciding') throw versionConflict(state, story);
      const list: ListEvent | undefined =
        state.listEntryId === null
          ? undefined
          : {
              type: 'list_entry_removed',
              tenant_id: analyst.tenant,
              id: state.listEntryId,
              removed_by: analyst.id,
              removed_at_ms: atMs,
            };
      const event: CaseStep = { type: 'case_undone', undoes_version: state.version };
      const undone = await this.#append({
        story,
        state,
        analyst,
        atMs,
        event,
        ...(list !== undefined && { list }),
      });
      this.#parts.telemetry.caseUndone({ decisionId, analystId: analyst.id });
      return undone;
    });
  }

  /** Says "I am on it", or keeps saying so. Somebody else's claim that still runs is a conflict. */
  async claim(analyst: Analyst, decisionId: string, expectedVersion: number): Promise<CaseState> {
    return this.#onCase(analyst.tenant, decisionId, async (story, state) => {
      this.#refuseStale(state, expectedVersion, story);
      const atMs = this.#parts.clock.nowMs();
      if (isClaimedByOther(state, analyst, atMs)) throw versionConflict(state, story);
      return this.#append({
        story,
        state,
        analyst,
        atMs,
        event: { type: 'case_claimed', until_ms: atMs + CLAIM_MS },
      });
    });
  }

  async release(analyst: Analyst, decisionId: string, expectedVersion: number): Promise<CaseState> {
    return this.#onCase(analyst.tenant, decisionId, async (story, state) => {
      this.#refuseStale(state, expectedVersion, story);
      const atMs = this.#parts.clock.nowMs();
      if (isClaimedByOther(state, analyst, atMs)) throw versionConflict(state, story);
      return this.#append({ story, state, analyst, atMs, event: { type: 'case_released' } });
    });
  }

  /** Lets every effect leave whose undo window has passed. Each leaves once: the revision and the event that says so are one append. */
  async effectDue(): Promise<void> {
    const nowMs = this.#parts.clock.nowMs();
    for (const tenantId of this.#parts.view.tenantIds) {
      for (const state of this.#parts.view.of(tenantId).deciding()) {
        if (nowMs >= (state.effectiveAtMs ?? Infinity)) await this.#effect(tenantId, state.decisionId);
      }
    }
  }

  async #effect(tenantId: string, decisionId: string): Promise<void> {
    try {
      await this.#onCase(tenantId, decisionId, async (story, state) => {
        const atMs = this.#parts.clock.nowMs();
        if (state.status !== 'deciding' || atMs < (state.effectiveAtMs ?? Infinity)) return state;
        const decided = story.caseEvents.findLast(
          (event) => event.type === 'case_decided' && event.version <= state.version,
        );
        invariant(decided?.type === 'case_decided', `case ${decisionId}: deciding without a decision`);
        const revision = revisionOf({ story, decided, atMs });
        const event: CaseStep = {
          type: 'case_effected',
          decided_version: decided.version,
          decision_version: revision.decision.version,
        };
        const analyst = { ...decided.analyst, tenant: tenantId };
        const key = `${tenantId}|${story.record.transaction.transaction.id}`;
        const revised: LogRecord = { topic: TOPICS.decisions, key, value: encodeRecord(revision) };
        const effected = await this.#append({ story, state, analyst, atMs, event, before: [revised] });
        this.#delayed.delete(decisionId);
        this.#parts.telemetry.caseEffected({
          decisionId,
          outcome: decided.outcome,
          version: revision.decision.version,
        });
        return effected;
      });
    } catch (error) {
      // The log may be full or closing: the case stays as it is, on the log, and is looked at again at the next tick.
      if (!(error instanceof VetoError)) throw error;
      if (!this.#delayed.has(decisionId)) this.#parts.telemetry.caseEffectDelayed({ decisionId, error });
      this.#delayed.add(decisionId);
    }
  }

  /** One step after the other on one case. */
  async #onCase(
    tenantId: string,
    decisionId: string,
    step: (story: DecisionStory, state: CaseState) => Promise<CaseState>,
  ): Promise<CaseState> {
    const key = `${tenantId}|${decisionId}`;
    const before = this.#queues.get(key) ?? Promise.resolve();
    const mine = before.then(async () => {
      const story = await this.#parts.reader.byId(tenantId, decisionId);
      if (story === null) throw new Refusal('not_found', 'There is no such decision.');
      return step(story, await this.#parts.view.caseOf(tenantId, decisionId));
    });
    const settled = mine.then(
      () => undefined,
      () => undefined,
    );
    this.#queues.set(key, settled);
    void settled.then(() => {
      if (this.#queues.get(key) === settled) this.#queues.delete(key);
    });
    return mine;
  }

  #refuseStale(state: CaseState, expectedVersion: number, story: DecisionStory): void {
    if (state.version !== expectedVersion) throw versionConflict(state, story);
  }

  /** Appends a step, with what belongs to it, and waits until the views have it. */
  async #append(step: {
    readonly story: DecisionStory;
    readonly state: CaseState;
    readonly analyst: Pick<Analyst, 'id' | 'name' | 'tenant'>;
    readonly atMs: number;
    readonly event: CaseStep;
    readonly list?: ListEvent;
    readonly before?: readonly LogRecord[];
  }): Promise<CaseState> {
    const { story, state, analyst, atMs } = step;
    const tenantId = analyst.tenant;
    const stamp: Stamp = {
      tenant_id: tenantId,
      decision_id: state.decisionId,
      transaction_id: story.record.transaction.transaction.id,
      version: state.version + 1,
      at_ms: atMs,
      analyst: { id: analyst.id, name: analyst.name },
    };
    const event = { ...stamp, ...step.event } as CaseEvent;
    const records: LogRecord[] = [...(step.before ?? [])];
    if (step.list !== undefined) {
      const id = step.list.type === 'list_entry_added' ? step.list.entry.id : step.list.id;
      records.push({ topic: TOPICS.lists, key: `${tenantId}|${id}`, value: encodeRecord(step.list) });
    }
    records.push({
      topic: TOPICS.caseEvents,
      key: `${tenantId}|${state.decisionId}`,
      value: encodeRecord(event),
    });
    const position = await this.#parts.log.appendReadable(records);
    const isFolded = position !== null && (await this.#parts.feed.reached(position, FOLD_DEADLINE_MS));
    if (!isFolded)
      throw new VetoError(
        'store_unavailable',
        `case ${state.decisionId}: the views are more than 5 s behind the log`,
        { retryable: true },
      );
    return this.#parts.view.caseOf(tenantId, state.decisionId);
  }
}
