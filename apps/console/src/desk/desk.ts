import type { Alert, DeskSession } from '@veto/domain';
import { CaseActions, type ActionEvents } from './case-actions';
import { deskApi } from './desk-api';
import { Drafts } from './drafts';
import { LiveConnection, openDeskSocket, tabVisibility } from './live-connection';
import { nextUndecided } from './next-undecided';
import { QueueStore } from './queue-store';
import type { AnalystOutcome } from './reasons';
import { ServerClock } from './server-clock';
import { ValueStore } from './value-store';

/** The time after which an alert that is only looked at counts as opened, in ms. */
export const CLAIM_AFTER_DWELL_MS = 2_000;

/** Below this width the pane lies over the list: the same number as in frame.module.css. */
const PANE_OVERLAYS_BELOW_PX = 1_100;

/** A reason palette that is open. */
export interface ReasonPalette {
  readonly alert: Alert;
  readonly outcome: AnalystOutcome;
  /** Choosing a reason also decides. */
  readonly decides: boolean;
}

/** Everything that one signed-in analyst's console consists of, outside React. */
export class Desk {
  readonly session: DeskSession;
  readonly clock = new ServerClock();
  readonly queue: QueueStore;
  readonly live: LiveConnection;
  readonly actions: CaseActions;
  readonly drafts = new Drafts();
  /** The alert that the keys act upon: by id, never by place. */
  readonly selection = new ValueStore<string | null>(null);
  readonly reasonPalette = new ValueStore<ReasonPalette | null>(null);
  /** Grows when the note wants the focus. */
  readonly noteRequest = new ValueStore<number>(0);
  /** Whether the selected alert stands beside the list; on a narrow screen it would cover it. */
  readonly isPaneOpen = new ValueStore<boolean>(window.innerWidth > PANE_OVERLAYS_BELOW_PX);

  constructor(
    session: DeskSession,
    events: Omit<ActionEvents, 'returned'> & { readonly onUnauthenticated: () => void },
  ) {
    this.session = session;
    this.queue = new QueueStore(this.clock.now);
    this.live = new LiveConnection({
      socket: openDeskSocket(),
      api: deskApi,
      queue: this.queue,
      clock: this.clock,
      page: tabVisibility,
      onUnauthenticated: events.onUnauthenticated,
    });
    this.actions = new CaseActions({
      api: deskApi,
      queue: this.queue,
      clock: this.clock,
      undoWindowMs: session.undoWindowMs,
      events: { ...events, returned: (decisionId) => this.selection.set(decisionId) },
    });
  }

  get me(): string {
    return this.session.analyst.name;
  }

  selected(): Alert | undefined {
    const id = this.selection.get();
    return id === null ? undefined : this.queue.alert(id);
  }

  /** Esc: on a narrow screen the list comes back. */
  closeOverlayingPane(): void {
    if (window.innerWidth <= PANE_OVERLAYS_BELOW_PX) this.isPaneOpen.set(false);
  }

  /** Somebody else's claim that has not run out, or null. */
  claimedByOther(alert: Alert): string | null {
    const { claimedBy, claimedUntilMs } = alert.case;
    if (claimedBy === null || claimedBy === this.me) return null;
    return claimedUntilMs !== null && claimedUntilMs > this.clock.now() ? claimedBy : null;
  }

  /**
   * Why no action can be taken on this alert, in a sentence; null when it can.
   * @param anew also where the effect has left: a new decision then revises the old one, which one key alone never does
   */
  whyNot(alert: Alert, anew = false): string | null {
    const { status, decidedBy, outcome } = alert.case;
    if (this.actions.state.get().pending.has(alert.decisionId))
      return 'Your decision is under way; Z takes it back.';
    if (status === 'deciding' || (status === 'closed' && !anew)) {
      const name = decidedBy === this.me ? 'You' : (decidedBy ?? 'Somebody');
      return `${name} decided ${(outcome ?? 'this').toUpperCase()}.${status === 'closed' ? ' Shift+A, B or C decides anew.' : ''}`;
    }
    const other = this.claimedByOther(alert);
    return other === null ? null : `${other} is working on this payment.`;
  }

  /**
   * One key, one decision, and on to the next. Undo is the safety.
   * @returns the sentence that says why not, or null when it was done
   */
  decide(alert: Alert, outcome: AnalystOutcome, anew = false): string | null {
    const whyNot = this.whyNot(alert, anew);
    if (whyNot !== null) return whyNot;
    const { decisionId } = alert;
    this.actions.decide(alert, {
      outcome,
      reason: this.drafts.reasonOf(alert, outcome),
      note: this.drafts.draft(decisionId).note.trim(),
      blockCard: this.drafts.blocksCard(alert, outcome),
    });
    if (this.selection.get() === decisionId) this.selectNext();
    return null;
  }

  /** On to the next row that wants a decision: below, then above; stays where nothing is left. */
  selectNext(): void {
    const isOpen = (id: string): boolean => {
      const alert = this.queue.alert(id);
      return alert !== undefined && this.whyNot(alert) === null;
    };
    const next = nextUndecided(this.queue.getView().ids, this.selection.get(), isOpen);
    if (next !== null) this.selection.set(next);
  }

  /** Opened is claimed, so that two analysts do not work on one payment. A refusal changes nothing and says nothing. */
  claim(alert: Alert): void {
    if (this.whyNot(alert) !== null || alert.case.claimedBy === this.me) return;
    void deskApi.claim(alert.decisionId, alert.case.version).then(
      (state) => {
        this.queue.patchCase(alert.decisionId, state);
        this.queue.commit();
      },
      () => undefined,
    );
  }
}
