import { queueUrgencyAt, type Alert, type AlertCase, type AlertPatch } from '@veto/domain';
import { Listeners } from './listeners';
import { sortAlerts, type QueueOrder } from './queue-order';

/** Alerts held back or shown, each, at most. */
export const QUEUE_ALERT_COUNT_MAX = 5_000;
/** The buffer is cut back only when it is this much over, so that a flood is sorted once per 500 and not once per alert. */
const SLACK_COUNT = 500;
/** A row is marked as changed for this long, ms: `--dur-flash`. */
const FRESH_FOR_MS = 1_200;

/** What the list shows; a new object for every commit, equal content means the same object. */
export interface QueueView {
  /** Rows on the list that match the filter, in order. Fixed until the analyst takes new ones or re-sorts. */
  readonly ids: readonly string[];
  /** Rows on the list, filtered or not. */
  readonly totalCount: number;
  /** New alerts that match the filter and wait behind the bar. */
  readonly heldCount: number;
  readonly heldCriticalCount: number;
  /** New alerts that had to be let go because more than 5,000 waited; the least urgent went first. */
  readonly letGoCount: number;
  /** Rows that somebody decided; they stay where they are until the list is refreshed. */
  readonly decidedCount: number;
  readonly order: QueueOrder;
  readonly follow: boolean;
  /** Grows with every change of a row. */
  readonly revision: number;
}

const EMPTY_VIEW: QueueView = {
  ids: [],
  totalCount: 0,
  heldCount: 0,
  heldCriticalCount: 0,
  letGoCount: 0,
  decidedCount: 0,
  order: 'urgency',
  follow: false,
  revision: 0,
};

/**
 * The alerts of this console, outside React. Frames change it at any rate; it is shown only when `commit` is called.
 * New alerts are held; nothing moves on the list unless the analyst asks (`takeHeld`, `setOrder`) or follows.
 */
export class QueueStore {
  readonly #listeners = new Listeners();
  readonly #now: () => number;
  readonly #alerts = new Map<string, Alert>();
  /** Known by their address only. */
  readonly #unlisted = new Set<string>();
  readonly #held = new Set<string>();
  /** When a row's case was last changed by somebody, this console's clock; emptied with every commit of old ones. */
  readonly #changedAtMs = new Map<string, number>();
  #shown: string[] = [];
  #matches: (alert: Alert) => boolean = () => true;
  #order: QueueOrder = 'urgency';
  #follow = false;
  #letGoCount = 0;
  #revision = 0;
  #isDirty = false;
  #view: QueueView = EMPTY_VIEW;

  /** @param now the server's time, ms since epoch */
  constructor(now: () => number) {
    this.#now = now;
  }

  readonly subscribe = this.#listeners.subscribe;
  readonly getView = (): QueueView => this.#view;

  alert(id: string): Alert | undefined {
    return this.#alerts.get(id);
  }

  /** Every alert that this console holds, for looking one up by any of its ids. */
  alerts(): IterableIterator<Alert> {
    return this.#alerts.values();
  }

  /** True for a moment after the case of this row was changed. */
  isFresh(id: string): boolean {
    return Date.now() - (this.#changedAtMs.get(id) ?? 0) < FRESH_FOR_MS;
  }

  /** Starts anew from what is open now. */
  load(alerts: readonly Alert[]): void {
    this.#alerts.clear();
    this.#held.clear();
    this.#unlisted.clear();
    this.#letGoCount = 0;
    for (const alert of alerts) this.#alerts.set(alert.decisionId, alert);
    this.#shown = sortAlerts(alerts, this.#order, this.#now()).map((alert) => alert.decisionId);
    this.#touch();
    this.commit();
  }

  /** Takes alerts and changes in. An alert seen before (a resume sends some twice) only brings its newer case. */
  receive(alerts: readonly Alert[], patches: readonly AlertPatch[]): void {
    for (const alert of alerts) this.#add(alert);
    for (const patch of patches) this.patchCase(patch.decisionId, patch.case);
    if (this.#held.size > QUEUE_ALERT_COUNT_MAX + SLACK_COUNT) this.#letLeastUrgentGo();
  }

  /** An alert that is looked at by its address and may be on no list: it can be decided, and takes no row until it arrives. */
  know(alert: Alert): void {
    if (this.#alerts.has(alert.decisionId)) return;
    this.#alerts.set(alert.decisionId, alert);
    this.#unlisted.add(alert.decisionId);
    this.#touch();
    this.commit();
  }

  /** A case as the server has it; an older version than the known one is an echo and is dropped. */
  patchCase(decisionId: string, next: AlertCase): void {
    const alert = this.#alerts.get(decisionId);
    if (alert === undefined || next.version <= alert.case.version) return;
    if (next.status === 'closed' && this.#held.delete(decisionId)) this.#alerts.delete(decisionId);
    else this.#alerts.set(decisionId, { ...alert, case: next });
    this.#changedAtMs.set(decisionId, Date.now());
    this.#touch();
  }

  setMatches(matches: (alert: Alert) => boolean): void {
    this.#matches = matches;
    this.#touch();
    this.commit();
  }

  setOrder(order: QueueOrder): void {
    if (order === this.#order) return;
    this.#order = order;
    this.#arrange();
    this.commit();
  }

  setFollow(follow: boolean): void {
    this.#follow = follow;
    if (follow) this.takeHeld();
    this.#touch();
    this.commit();
  }

  /** "Show N new": everything that waited takes its place, and what is decided leaves. */
  takeHeld(): void {
    for (const id of this.#held) this.#shown.push(id);
    this.#held.clear();
    this.#letGoCount = 0;
    this.#arrange();
    this.commit();
  }

  /** Makes the changes since the last commit visible. Called at most four times a second, and at once after a key. */
  commit(): void {
    if (!this.#isDirty) return;
    if (this.#follow && this.#held.size > 0) {
      for (const id of this.#held) this.#shown.push(id);
      this.#held.clear();
      this.#arrange();
    }
    this.#isDirty = false;
    for (const id of this.#changedAtMs.keys()) if (!this.isFresh(id)) this.#changedAtMs.delete(id);
    this.#view = this.#compose();
    this.#listeners.notify();
  }

  #touch(): void {
    this.#isDirty = true;
    this.#revision += 1;
  }

  #add(alert: Alert): void {
    if (this.#alerts.has(alert.decisionId)) {
      this.patchCase(alert.decisionId, alert.case);
      if (!this.#unlisted.delete(alert.decisionId)) return;
    } else {
      // A resume also brings what was decided meanwhile: nothing is left to do about it.
      if (alert.case.status === 'closed') return;
      this.#alerts.set(alert.decisionId, alert);
    }
    this.#held.add(alert.decisionId);
    this.#touch();
  }

  /** Sorts the list, drops what is decided, keeps the most urgent within the limit. */
  #arrange(): void {
    const open: Alert[] = [];
    for (const id of this.#shown) {
      const alert = this.#alerts.get(id);
      if (alert === undefined) continue;
      if (alert.case.status === 'closed') this.#alerts.delete(id);
      else open.push(alert);
    }
    const kept = this.#mostUrgent(open, QUEUE_ALERT_COUNT_MAX);
    this.#shown = sortAlerts(kept, this.#order, this.#now()).map((alert) => alert.decisionId);
    this.#touch();
  }

  #letLeastUrgentGo(): void {
    const held = [...this.#held].flatMap((id) => this.#alerts.get(id) ?? []);
    const before = held.length;
    const kept = this.#mostUrgent(held, QUEUE_ALERT_COUNT_MAX);
    this.#held.clear();
    for (const alert of kept) this.#held.add(alert.decisionId);
    this.#letGoCount += before - kept.length;
  }

  #mostUrgent(alerts: Alert[], countMax: number): Alert[] {
    if (alerts.length <= countMax) return alerts;
    const nowMs = this.#now();
    const sorted = alerts
      .map((alert) => ({ alert, priority: queueUrgencyAt(alert, nowMs) }))
      .sort((a, b) => b.priority - a.priority);
    for (const { alert } of sorted.slice(countMax)) this.#alerts.delete(alert.decisionId);
    return sorted.slice(0, countMax).map(({ alert }) => alert);
  }

  #compose(): QueueView {
    const ids: string[] = [];
    let decidedCount = 0;
    for (const id of this.#shown) {
      const alert = this.#alerts.get(id)!;
      if (alert.case.status === 'closed') decidedCount += 1;
      if (this.#matches(alert)) ids.push(id);
    }
    let heldCount = 0;
    let heldCriticalCount = 0;
    for (const id of this.#held) {
      const alert = this.#alerts.get(id)!;
      if (!this.#matches(alert)) continue;
      heldCount += 1;
      if (alert.severity === 'critical') heldCriticalCount += 1;
    }
    const sameIds =
      ids.length === this.#view.ids.length && ids.every((id, index) => id === this.#view.ids[index]);
    return {
      ids: sameIds ? this.#view.ids : ids,
      totalCount: this.#shown.length,
      heldCount,
      heldCriticalCount,
      letGoCount: this.#letGoCount,
      decidedCount,
      order: this.#order,
      follow: this.#follow,
      revision: this.#revision,
    };
  }
}
