import {
  UNDO_WINDOW_MS,
  VetoError,
  type CaseAction,
  type CaseEvent,
  type CaseState,
  type Clock,
} from '@veto/domain';
import { Refusal } from '../http/refusal';
import type { Analyst } from '../keys/analyst-ring';
import type { Telemetry } from '../telemetry/telemetry';
import type { DecisionReader, DecisionStory } from '../views/decision-reader';
import { newBlockEntryId } from './card-block';
import { isClaimedByOther, versionConflict } from './case-conflict';
import { decidedOf } from './case-consequence';
import type { CaseLog } from './case-log';
import { CaseQueue } from './case-queue';
import type { DeskView } from './desk-view';

/** A claim lasts this long without a further one, in ms. */
export const CLAIM_MS = 10 * 60_000;
/** An effect leaves from where the analyst acted; another instance lets it leave this much later, in ms. */
const OTHERS_EFFECT_DELAY_MS = 2_000;

export interface CaseDeskParts {
  readonly log: CaseLog;
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

/** Who takes a step, on what, and when. */
interface Standing {
  readonly story: DecisionStory;
  readonly state: CaseState;
  readonly analyst: Pick<Analyst, 'id' | 'name' | 'tenant'>;
  readonly atMs: number;
}

/**
 * What analysts do about alerts. Every step is appended to the log first and takes effect by being folded from it;
 * steps on one case come one after the other.
 */
export class CaseDesk {
  readonly #parts: CaseDeskParts;
  readonly #queue = new CaseQueue();
  /** Decided here, the effect still to come. */
  readonly #mine = new Set<string>();
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
      const decided = await this.#take(
        { story, state, analyst, atMs },
        {
          type: 'case_decided',
          outcome: action.outcome,
          reason: action.reason,
          note: action.note ?? null,
          list_entry_id: action.block_card ? newBlockEntryId(story) : null,
          effective_at_ms: atMs + UNDO_WINDOW_MS,
        },
      );
      this.#mine.add(decisionId);
      this.#parts.telemetry.caseDecided({
        decisionId,
        outcome: action.outcome,
        analystId: analyst.id,
        blocksCard: action.block_card,
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
      const standing = { story, state, analyst, atMs };
      const undone = await this.#take(standing, { type: 'case_undone', undoes_version: state.version });
      this.#mine.delete(decisionId);
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
      const standing = { story, state, analyst, atMs };
      return this.#take(standing, { type: 'case_claimed', until_ms: atMs + CLAIM_MS });
    });
  }

  async release(analyst: Analyst, decisionId: string, expectedVersion: number): Promise<CaseState> {
    return this.#onCase(analyst.tenant, decisionId, async (story, state) => {
      this.#refuseStale(state, expectedVersion, story);
      const atMs = this.#parts.clock.nowMs();
      if (isClaimedByOther(state, analyst, atMs)) throw versionConflict(state, story);
      return this.#take({ story, state, analyst, atMs }, { type: 'case_released' });
    });
  }

  /**
   * Lets every effect leave whose undo window has passed, and brings about what instances that died owe. Each leaves
   * once: the step that says so is folded once, whoever appended it.
   */
  async effectDue(): Promise<void> {
    const nowMs = this.#parts.clock.nowMs();
    for (const tenantId of this.#parts.view.tenantIds) {
      for (const state of this.#parts.view.of(tenantId).deciding()) {
        if (nowMs >= this.#dueAtMs(state)) await this.#effect(tenantId, state.decisionId);
      }
    }
    for (const step of this.#parts.log.owed()) {
      await this.#unlessDelayed(step.decisionId, () =>
        this.#onCase(step.tenantId, step.decisionId, (story) => this.#parts.log.settle(step, story)),
      );
    }
  }

  #dueAtMs({ effectiveAtMs, decisionId }: CaseState): number {
    const isOthers = this.#parts.log.isShared && !this.#mine.has(decisionId);
    return (effectiveAtMs ?? Infinity) + (isOthers ? OTHERS_EFFECT_DELAY_MS : 0);
  }

  async #effect(tenantId: string, decisionId: string): Promise<void> {
    await this.#unlessDelayed(decisionId, () =>
      this.#onCase(tenantId, decisionId, async (story, state) => {
        const atMs = this.#parts.clock.nowMs();
        if (state.status !== 'deciding' || atMs < (state.effectiveAtMs ?? Infinity)) return;
        const decided = decidedOf(story, state.version);
        const version = story.current.version + 1;
        const analyst = { ...decided.analyst, tenant: tenantId };
        await this.#take(
          { story, state, analyst, atMs },
          { type: 'case_effected', decided_version: decided.version, decision_version: version },
        );
        this.#mine.delete(decisionId);
        this.#parts.telemetry.caseEffected({ decisionId, outcome: decided.outcome, version });
      }),
    );
  }

  /** The log may be full, away or closing, or another desk was first: the case is on the log, and is looked at again at the next tick. */
  async #unlessDelayed(decisionId: string, step: () => Promise<void>): Promise<void> {
    try {
      await step();
      this.#delayed.delete(decisionId);
    } catch (error) {
      if (error instanceof Refusal && error.code === 'version_conflict') return;
      if (!(error instanceof VetoError)) throw error;
      if (!this.#delayed.has(decisionId)) this.#parts.telemetry.caseEffectDelayed({ decisionId, error });
      this.#delayed.add(decisionId);
    }
  }

  /** One step after the other on one case. */
  #onCase<T>(
    tenantId: string,
    decisionId: string,
    step: (story: DecisionStory, state: CaseState) => Promise<T>,
  ): Promise<T> {
    return this.#queue.run(`${tenantId}|${decisionId}`, async () => {
      const story = await this.#parts.reader.byId(tenantId, decisionId);
      if (story === null) throw new Refusal('not_found', 'There is no such decision.');
      return step(story, await this.#parts.view.caseOf(tenantId, decisionId));
    });
  }

  #refuseStale(state: CaseState, expectedVersion: number, story: DecisionStory): void {
    if (state.version !== expectedVersion) throw versionConflict(state, story);
  }

  #take({ story, state, analyst, atMs }: Standing, step: CaseStep): Promise<CaseState> {
    const stamp: Stamp = {
      tenant_id: analyst.tenant,
      decision_id: state.decisionId,
      transaction_id: story.record.transaction.transaction.id,
      version: state.version + 1,
      at_ms: atMs,
      analyst: { id: analyst.id, name: analyst.name },
    };
    return this.#parts.log.take(story, { ...stamp, ...step });
  }
}
