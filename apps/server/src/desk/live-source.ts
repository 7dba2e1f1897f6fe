import type { Alert, AlertPage, Clock, EventLog, QueueCounts, QueueSnapshot } from '@veto/domain';
import type { DecisionReader } from '../views/decision-reader';
import { alertCaseOf, alertOf } from './alert';
import type { DeskView } from './desk-view';
import type { LiveItem } from './tenant-desk';

/** `GET /desk/queue` returns at most this many rows. */
export const QUEUE_ALERT_COUNT_MAX = 1_000;

/** What a console is due after its cursor. */
export interface DueItems {
  readonly items: readonly LiveItem[];
  /** Position that the console has seen once it has these. */
  readonly to: number;
  /** Age of the oldest item in ms; 0 when the console is up to date. */
  readonly lagMs: number;
}

/** The desk's queue for consoles: what is open, what came after a cursor, and how much that is. */
export class LiveSource {
  readonly #view: DeskView;
  readonly #reader: DecisionReader;
  readonly #log: EventLog;
  /** What positions belong to: another instance has others. */
  readonly logId: string;
  readonly #clock: Clock;

  constructor(parts: {
    readonly view: DeskView;
    readonly reader: DecisionReader;
    readonly log: EventLog;
    readonly logId: string;
    readonly clock: Clock;
  }) {
    this.#view = parts.view;
    this.#reader = parts.reader;
    this.#log = parts.log;
    this.logId = parts.logId;
    this.#clock = parts.clock;
  }

  /** Position up to which consoles can be told. */
  get position(): number {
    return this.#view.position;
  }

  counts(tenantId: string): QueueCounts {
    return this.#view.of(tenantId).counts(this.#clock.nowMs());
  }

  snapshot(tenantId: string): QueueSnapshot {
    const nowMs = this.#clock.nowMs();
    const desk = this.#view.of(tenantId);
    return {
      alerts: desk.mostUrgent(QUEUE_ALERT_COUNT_MAX, nowMs),
      counts: desk.counts(nowMs),
      to: this.#view.position,
      logId: this.logId,
    };
  }

  /** Alerts after a position, oldest first, with their cases as they are now. */
  async page(
    tenantId: string,
    query: { readonly after: number; readonly limit: number },
  ): Promise<AlertPage> {
    const end = this.#view.position;
    const desk = this.#view.of(tenantId);
    const positions = desk.alertPositions.after(query.after, query.limit);
    const alerts: Alert[] = [];
    for (const position of positions) {
      const alert = await this.#alertAt(tenantId, position);
      if (alert === null) continue;
      const state = await this.#view.caseOf(tenantId, alert.decisionId);
      alerts.push({ ...alert, case: alertCaseOf(state) });
    }
    const more =
      positions.length === query.limit && desk.alertPositions.countBetween(positions.at(-1) ?? end) > 0;
    return {
      alerts,
      to: more ? (positions.at(-1) ?? end) : Math.max(end, query.after),
      more,
      logId: this.logId,
    };
  }

  /** Alerts that a console at `after` has not been sent. */
  alertCountAfter(tenantId: string, after: number): number {
    return this.#view.of(tenantId).alertPositions.countBetween(after);
  }

  /** The position from which only the latest `count` alerts are still to come. */
  positionBeforeLast(tenantId: string, count: number): number {
    return this.#view.of(tenantId).alertPositions.positionBeforeLast(count);
  }

  /** Changes to alerts in (after, to], the latest for each alert. */
  async patchesBetween(tenantId: string, after: number, to: number): Promise<readonly LiveItem[]> {
    const desk = this.#view.of(tenantId);
    const positions = desk.casePositions.after(after, desk.casePositions.countBetween(after, to));
    const latest = new Map<string, LiveItem>();
    for (const position of positions) {
      const item = await this.#patchAt(tenantId, position);
      if (item?.kind === 'patch') latest.set(item.patch.decisionId, item);
    }
    return [...latest.values()];
  }

  /** At most `countMax` items after a cursor, in log order: from memory when they are recent, else read back from the log. */
  async due(tenantId: string, after: number, countMax: number): Promise<DueItems> {
    const end = this.#view.position;
    const desk = this.#view.of(tenantId);
    const positions = firstOf(
      desk.alertPositions.after(after, countMax),
      desk.casePositions.after(after, countMax),
      countMax,
    );
    const items: LiveItem[] = [];
    for (const { position, isAlert } of positions) {
      const item =
        desk.recent(position) ??
        (isAlert ? await this.#alertItemAt(position) : await this.#patchAt(tenantId, position));
      if (item !== null) items.push(item);
    }
    const to = positions.length === countMax ? (positions.at(-1)?.position ?? end) : Math.max(end, after);
    return { items, to, lagMs: this.#lagMs(items[0], to) };
  }

  #lagMs(first: LiveItem | undefined, to: number): number {
    if (first === undefined || to >= this.#log.end()) return 0;
    return Math.max(0, this.#clock.nowMs() - first.appendedAtMs);
  }

  async #alertAt(tenantId: string, position: number): Promise<Alert | null> {
    const recent = this.#view.of(tenantId).recent(position);
    if (recent?.kind === 'alert') return recent.alert;
    const item = await this.#alertItemAt(position);
    return item?.kind === 'alert' ? item.alert : null;
  }

  async #alertItemAt(position: number): Promise<LiveItem | null> {
    const [record] = await this.#reader.recordsAt([position]);
    if (record?.kind !== 'decision') return null;
    return { kind: 'alert', appendedAtMs: record.appendedAtMs, alert: alertOf(record.record, position) };
  }

  /** An old change is told as the case is now: whatever came in between is overtaken. */
  async #patchAt(tenantId: string, position: number): Promise<LiveItem | null> {
    const recent = this.#view.of(tenantId).recent(position);
    if (recent !== undefined) return recent;
    const [record] = await this.#reader.recordsAt([position]);
    if (record?.kind !== 'case') return null;
    const state = await this.#view.caseOf(tenantId, record.event.decision_id);
    const patch = { position, decisionId: record.event.decision_id, case: alertCaseOf(state) };
    return { kind: 'patch', appendedAtMs: record.appendedAtMs, patch };
  }
}

/** Merges two ascending lists of positions and keeps the first `countMax`. */
function firstOf(
  alerts: readonly number[],
  cases: readonly number[],
  countMax: number,
): { readonly position: number; readonly isAlert: boolean }[] {
  const merged: { position: number; isAlert: boolean }[] = [];
  let a = 0;
  let c = 0;
  while (merged.length < countMax && (a < alerts.length || c < cases.length)) {
    const isAlert = (alerts[a] ?? Infinity) < (cases[c] ?? Infinity);
    merged.push({ position: (isAlert ? alerts[a++] : cases[c++]) ?? -1, isAlert });
  }
  return merged;
}
