import {
  evolveCase,
  expectedLossOf,
  newCase,
  queueUrgencyAt,
  type Alert,
  type AlertPatch,
  type CaseEvent,
  type CaseState,
  type DecisionRecord,
  type QueueCounts,
} from '@veto/domain';
import { PositionList } from '../views/position-list';
import { alertCaseOf, alertOf, opensAlert } from './alert';
import { DecisionRate } from './decision-rate';
import { OpenAlerts, type OpenAlertsSnapshot } from './open-alerts';

/** Rows that are held ready for people, at most; beyond it only the most urgent are. Counts stay exact. */
export const KEPT_ALERT_COUNT_MAX = 5_000;
/** Rows above the limit that are tolerated before the least urgent are let go, so that not every alert sorts all. */
const KEPT_SLACK = 500;
/** Fetch rows again when so few are left while more are open. */
const KEPT_REFILL_BELOW = 2_500;
/** What recently went by, for consoles that are a little behind. */
const RECENT_ITEM_COUNT_MAX = 20_000;
/** Closed cases held in memory; older ones are folded again from the log when asked for. */
const CLOSED_CASE_COUNT_MAX = 20_000;

/** Something that a console is told: an alert, or a change to one. */
export type LiveItem =
  | { readonly kind: 'alert'; readonly appendedAtMs: number; readonly alert: Alert }
  | { readonly kind: 'patch'; readonly appendedAtMs: number; readonly patch: AlertPatch };

export const positionOfItem = (item: LiveItem): number =>
  item.kind === 'alert' ? item.alert.position : item.patch.position;

export interface TenantSnapshot {
  readonly alertPositions: string;
  readonly casePositions: string;
  readonly open: OpenAlertsSnapshot;
  readonly deciding: readonly string[];
}

/** One tenant's queue: a fold of its decisions and case events, and nothing else. */
export class TenantDesk {
  readonly alertPositions: PositionList;
  readonly casePositions: PositionList;
  readonly open: OpenAlerts;
  readonly #kept = new Map<string, Alert>();
  readonly #recent = new Map<number, LiveItem>();
  readonly #rate = new DecisionRate();
  readonly #activeCases = new Map<string, CaseState>();
  readonly #closedCases = new Map<string, CaseState>();

  constructor(snapshot: TenantSnapshot | null) {
    this.alertPositions =
      snapshot === null ? new PositionList() : PositionList.fromBase64(snapshot.alertPositions);
    this.casePositions =
      snapshot === null ? new PositionList() : PositionList.fromBase64(snapshot.casePositions);
    this.open = snapshot === null ? new OpenAlerts() : OpenAlerts.restore(snapshot.open);
  }

  applyApproval(at: { readonly appendedAtMs: number }): void {
    this.#rate.add('approve', at.appendedAtMs);
  }

  /** @param state its case, when what was done about it was read before it */
  applyDecision(
    record: DecisionRecord,
    at: { readonly position: number; readonly appendedAtMs: number },
    state?: CaseState,
  ): void {
    this.#rate.add(record.decision.outcome, at.appendedAtMs);
    if (!opensAlert(record)) return;
    const alert = alertOf(record, at.position, state);
    this.alertPositions.append(at.position);
    this.open.add({
      position: at.position,
      decidedAtMs: alert.decidedAtMs,
      dueAtMs: alert.dueAtMs ?? Number.NaN,
      urgency: expectedLossOf(alert),
      critical: alert.severity === 'critical',
    });
    if (alert.case.status !== 'open') this.open.setStatus(at.position, alert.case.status);
    if (alert.case.status !== 'closed') this.keep(alert);
    this.#remember({ kind: 'alert', appendedAtMs: at.appendedAtMs, alert });
  }

  /**
   * @param at.before the case before this event, for one that is not in memory; `alertPosition` is its decision's
   * @returns false when the event came too late to count
   */
  applyCaseEvent(
    event: CaseEvent,
    at: {
      readonly position: number;
      readonly appendedAtMs: number;
      readonly before: CaseState | null;
      readonly alertPosition: number;
    },
  ): boolean {
    const id = event.decision_id;
    const before = this.caseInMemory(id) ?? at.before ?? newCase(id);
    const state = evolveCase(before, event);
    if (state === before) return false;
    this.holdCase(state);
    this.open.setStatus(at.alertPosition, state.status);
    const alert = this.#kept.get(id);
    if (state.status === 'closed') this.#kept.delete(id);
    else if (alert !== undefined) this.#kept.set(id, { ...alert, case: alertCaseOf(state) });
    this.casePositions.append(at.position);
    const patch = { position: at.position, decisionId: id, case: alertCaseOf(state) };
    this.#remember({ kind: 'patch', appendedAtMs: at.appendedAtMs, patch });
    return true;
  }

  /** True when the case event at this position changed its case: of two with one version, the first. */
  hasCounted(position: number): boolean {
    return this.casePositions.countBetween(position - 1, position) === 1;
  }

  caseInMemory(decisionId: string): CaseState | undefined {
    return this.#activeCases.get(decisionId) ?? this.#closedCases.get(decisionId);
  }

  holdCase(state: CaseState): void {
    this.#activeCases.delete(state.decisionId);
    this.#closedCases.delete(state.decisionId);
    (state.status === 'closed' ? this.#closedCases : this.#activeCases).set(state.decisionId, state);
    if (this.#closedCases.size > CLOSED_CASE_COUNT_MAX) forgetFirst(this.#closedCases);
  }

  /** Cases whose undo window runs. */
  deciding(): CaseState[] {
    return [...this.#activeCases.values()].filter((state) => state.status === 'deciding');
  }

  recent(position: number): LiveItem | undefined {
    return this.#recent.get(position);
  }

  /** The rows held ready, most urgent first. */
  mostUrgent(countMax: number, nowMs: number): Alert[] {
    return [...this.#kept.values()]
      .map((alert) => ({ alert, urgency: queueUrgencyAt(alert, nowMs) }))
      .sort((a, b) => b.urgency - a.urgency || b.alert.position - a.alert.position)
      .slice(0, countMax)
      .map(({ alert }) => alert);
  }

  /** Positions of rows that could be held ready and are not. */
  missingRows(): number[] {
    if (this.#kept.size >= KEPT_REFILL_BELOW || this.open.openCount <= this.#kept.size) return [];
    const kept = new Set([...this.#kept.values()].map((alert) => alert.position));
    return this.open.mostUrgent(KEPT_ALERT_COUNT_MAX).filter((position) => !kept.has(position));
  }

  keep(alert: Alert): void {
    this.#kept.set(alert.decisionId, alert);
    if (this.#kept.size <= KEPT_ALERT_COUNT_MAX + KEPT_SLACK) return;
    const byUrgency = [...this.#kept.values()].sort((a, b) => expectedLossOf(b) - expectedLossOf(a));
    for (const each of byUrgency.slice(KEPT_ALERT_COUNT_MAX)) this.#kept.delete(each.decisionId);
  }

  get keptCount(): number {
    return this.#kept.size;
  }

  counts(nowMs: number): QueueCounts {
    return {
      open: this.open.openCount,
      critical: this.open.criticalCount,
      oldestDecidedAtMs: this.open.oldestDecidedAtMs(),
      nextDueAtMs: this.open.nextDueAtMs(),
      decisionsPerSecond: this.#rate.perSecond(nowMs),
      outcomesLastMinute: this.#rate.lastMinute(nowMs),
    };
  }

  snapshot(): TenantSnapshot {
    return {
      alertPositions: this.alertPositions.toBase64(),
      casePositions: this.casePositions.toBase64(),
      open: this.open.snapshot(),
      deciding: this.deciding().map((state) => state.decisionId),
    };
  }

  #remember(item: LiveItem): void {
    this.#recent.set(positionOfItem(item), item);
    if (this.#recent.size > RECENT_ITEM_COUNT_MAX) forgetFirst(this.#recent);
  }
}

/** Maps keep the order of insertion: the first is the oldest. */
function forgetFirst<K>(map: Map<K, unknown>): void {
  const first = map.keys().next();
  if (first.done !== true) map.delete(first.value);
}
