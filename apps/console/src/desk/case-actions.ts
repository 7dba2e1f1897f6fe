import type { Alert, AlertCase, CaseState } from '@veto/domain';
import type { DeskApi } from './desk-api';
import { ProblemError } from './problem-error';
import type { QueueStore } from './queue-store';
import type { AnalystOutcome } from './reasons';
import type { ServerClock } from './server-clock';
import { ValueStore } from './value-store';

/** What an analyst decided about one alert, and how far it has come. */
export interface PendingAction {
  readonly alert: Alert;
  readonly outcome: AnalystOutcome;
  readonly reason: string;
  readonly note: string;
  readonly blockCard: boolean;
  /** `sending`: not yet acknowledged · `undoable`: the effect has not left · `undoing`: being taken back. */
  readonly phase: 'sending' | 'undoable' | 'undoing';
  /** The server's clock; an estimate while sending. */
  readonly effectiveAtMs: number;
}

/** Somebody else acted first. The analyst's own choice and note are kept. */
export interface Conflict {
  readonly alert: Alert;
  readonly mine: {
    readonly outcome: AnalystOutcome;
    readonly reason: string;
    readonly note: string;
    readonly version: number;
  };
  readonly theirs: CaseState;
}

export interface Decide {
  readonly outcome: AnalystOutcome;
  readonly reason: string;
  readonly note: string;
  readonly blockCard: boolean;
}

export interface CaseActionsState {
  readonly pending: ReadonlyMap<string, PendingAction>;
  readonly conflict: Conflict | null;
  /** Decisions of this console that were not taken back, by the time they were made (this console's clock). */
  readonly decidedAtMs: readonly number[];
}

/** What the screen is told; the texts are for a status region and a notice. */
export interface ActionEvents {
  readonly announce: (text: string) => void;
  readonly failed: (text: string, requestId: string | null) => void;
  /** An item came back to the list: show it. */
  readonly returned: (decisionId: string) => void;
}

/** Kept to say how many decisions were made in the last hour, at most. */
const DECIDED_COUNT_MAX = 1_000;

/**
 * Optimistic actions: on the screen at once, sent at once, and taken back within the server's undo window.
 * One action per alert is under way at any time.
 */
export class CaseActions {
  readonly state = new ValueStore<CaseActionsState>({ pending: new Map(), conflict: null, decidedAtMs: [] });
  readonly #api: DeskApi;
  readonly #queue: QueueStore;
  readonly #clock: ServerClock;
  readonly #undoWindowMs: number;
  readonly #events: ActionEvents;
  readonly #undoOnceSent = new Set<string>();

  constructor(parts: {
    readonly api: DeskApi;
    readonly queue: QueueStore;
    readonly clock: ServerClock;
    readonly undoWindowMs: number;
    readonly events: ActionEvents;
  }) {
    this.#api = parts.api;
    this.#queue = parts.queue;
    this.#clock = parts.clock;
    this.#undoWindowMs = parts.undoWindowMs;
    this.#events = parts.events;
  }

  /** True when a decision about this alert can be begun: nobody's effect is on its way, and nothing of ours. */
  canDecide(alert: Alert): boolean {
    return alert.case.status !== 'deciding' && !this.state.get().pending.has(alert.decisionId);
  }

  /** @returns false when nothing was begun: the alert is decided, or an action is under way */
  decide(alert: Alert, decide: Decide): boolean {
    if (!this.canDecide(alert)) return false;
    const { decisionId } = alert;
    this.#put({ alert, ...decide, phase: 'sending', effectiveAtMs: this.#clock.now() + this.#undoWindowMs });
    this.state.update((state) => ({
      ...state,
      decidedAtMs: [...state.decidedAtMs, Date.now()].slice(-DECIDED_COUNT_MAX),
    }));
    this.#events.announce(
      `${DONE_WORDS[decide.outcome]}. Undo available ${Math.round(this.#undoWindowMs / 1000)} seconds.`,
    );
    void this.#send(decisionId, alert.case.version, decide);
    return true;
  }

  /** Takes the latest action back that can be. @returns its decision, or null when there is none */
  undoLatest(): string | null {
    const undoable = [...this.state.get().pending.values()].filter((action) => action.phase !== 'undoing');
    const latest = undoable.at(-1);
    if (latest === undefined) return null;
    this.undo(latest.alert.decisionId);
    return latest.alert.decisionId;
  }

  undoAll(): void {
    for (const id of [...this.state.get().pending.keys()].reverse()) this.undo(id);
  }

  undo(decisionId: string): void {
    const action = this.state.get().pending.get(decisionId);
    if (action === undefined || action.phase === 'undoing') return;
    if (action.phase === 'sending') this.#undoOnceSent.add(decisionId);
    this.#put({ ...action, phase: 'undoing' });
    if (action.phase === 'undoable') void this.#takeBack(decisionId);
  }

  closeConflict(): void {
    this.state.update((state) => ({ ...state, conflict: null }));
  }

  /** Drops what can no longer be taken back, and adopts what this analyst decided in another window. */
  settle(me: string): void {
    const nowMs = this.#clock.now();
    for (const [id, action] of this.state.get().pending) {
      if (action.phase === 'undoable' && nowMs >= action.effectiveAtMs) this.#remove(id);
    }
    for (const alert of this.#queue.alerts()) this.#adopt(alert, me, nowMs);
  }

  #adopt(alert: Alert, me: string, nowMs: number): void {
    const { status, decidedBy, outcome, effectiveAtMs } = alert.case;
    const isMine = status === 'deciding' && decidedBy === me && outcome !== null;
    if (
      !isMine ||
      effectiveAtMs === null ||
      effectiveAtMs <= nowMs ||
      this.state.get().pending.has(alert.decisionId)
    )
      return;
    this.#put({ alert, outcome, reason: '', note: '', blockCard: false, phase: 'undoable', effectiveAtMs });
  }

  async #send(decisionId: string, version: number, decide: Decide): Promise<void> {
    try {
      this.#acknowledge(decisionId, await this.#post(decisionId, version, decide));
    } catch (error) {
      await this.#refused(decisionId, version, decide, error);
    }
  }

  #post(decisionId: string, version: number, decide: Decide): Promise<CaseState> {
    return this.#api.act(decisionId, {
      outcome: decide.outcome,
      reason: decide.reason,
      ...(decide.note !== '' && { note: decide.note }),
      block_card: decide.blockCard,
      expected_version: version,
    });
  }

  #acknowledge(decisionId: string, state: CaseState): void {
    this.#queue.patchCase(decisionId, state);
    this.#queue.commit();
    const action = this.state.get().pending.get(decisionId);
    if (action === undefined) return;
    const effectiveAtMs = state.effectiveAtMs ?? action.effectiveAtMs;
    if (this.#undoOnceSent.delete(decisionId)) void this.#takeBack(decisionId);
    else this.#put({ ...action, phase: 'undoable', effectiveAtMs });
  }

  /** A 409 is a conflict only when somebody decided; a claim or a release moves the version and changes nothing. */
  async #refused(decisionId: string, version: number, decide: Decide, error: unknown): Promise<void> {
    const wasUndone = this.#undoOnceSent.delete(decisionId);
    const isConflict = error instanceof ProblemError && error.code === 'version_conflict';
    if (!isConflict) {
      this.#remove(decisionId);
      this.#report(`Not ${DONE_WORDS[decide.outcome].toLowerCase()}`, error);
      this.#events.returned(decisionId);
      return;
    }
    try {
      const { alert, case: theirs } = await this.#api.decision(decisionId);
      this.#queue.patchCase(decisionId, theirs);
      if (theirs.status === 'open' && theirs.version > version && !wasUndone) {
        this.#acknowledge(decisionId, await this.#post(decisionId, theirs.version, decide));
        return;
      }
      this.#remove(decisionId);
      if (wasUndone && theirs.status === 'open') return;
      const mine = { outcome: decide.outcome, reason: decide.reason, note: decide.note, version };
      this.state.update((state) => ({ ...state, conflict: { alert, mine, theirs } }));
    } catch (again) {
      this.#remove(decisionId);
      this.#report(`Not ${DONE_WORDS[decide.outcome].toLowerCase()}`, again);
    } finally {
      this.#queue.commit();
    }
  }

  async #takeBack(decisionId: string): Promise<void> {
    const version =
      this.#queue.alert(decisionId)?.case.version ??
      this.state.get().pending.get(decisionId)?.alert.case.version;
    if (version === undefined) return;
    try {
      const state = await this.#undoAt(decisionId, version);
      this.#queue.patchCase(decisionId, state);
      this.state.update((before) => ({ ...before, decidedAtMs: before.decidedAtMs.slice(0, -1) }));
      this.#events.announce('Undone. The payment is back on the list.');
    } catch (error) {
      this.#report('Not undone', error);
    } finally {
      this.#remove(decisionId);
      this.#queue.commit();
      this.#events.returned(decisionId);
    }
  }

  /** A claim moves the version and changes nothing: then the undo is sent once more, for the case as it is now. */
  async #undoAt(decisionId: string, version: number): Promise<CaseState> {
    try {
      return await this.#api.undo(decisionId, version);
    } catch (error) {
      if (!(error instanceof ProblemError) || error.code !== 'version_conflict') throw error;
      const { case: now } = await this.#api.decision(decisionId);
      this.#queue.patchCase(decisionId, now);
      if (now.status !== 'deciding' || now.version === version) throw error;
      return this.#api.undo(decisionId, now.version);
    }
  }

  #report(what: string, error: unknown): void {
    const isProblem = error instanceof ProblemError;
    const why =
      isProblem && error.code === 'undo_expired'
        ? 'The undo window has passed; the effect has left.'
        : error instanceof Error
          ? error.message
          : 'Unknown reason.';
    this.#events.failed(`${what}. ${why}`, isProblem ? error.requestId : null);
  }

  #put(action: PendingAction): void {
    this.state.update((state) => ({
      ...state,
      pending: new Map(state.pending).set(action.alert.decisionId, action),
    }));
  }

  #remove(decisionId: string): void {
    this.state.update((state) => {
      const pending = new Map(state.pending);
      pending.delete(decisionId);
      return { ...state, pending };
    });
  }
}

/** What an outcome is called once it was given. */
export const DONE_WORDS: Readonly<Record<AnalystOutcome, string>> = {
  approve: 'Approved',
  block: 'Blocked',
  challenge: 'Challenged',
};

/** A case's fields that a row shows, with a pending action laid over it. */
export function shownOutcome(
  alert: Alert,
  pending: PendingAction | undefined,
): { readonly outcome: Alert['outcome']; readonly case: AlertCase } {
  if (pending !== undefined && pending.phase !== 'undoing')
    return { outcome: pending.outcome, case: alert.case };
  return { outcome: alert.case.outcome ?? alert.outcome, case: alert.case };
}
