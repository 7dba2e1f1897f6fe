import { evolveCase, newCase, type CaseEvent, type CaseState } from '@veto/domain';
import type { View } from '../views/view-feed';
import type { ViewRecord } from '../views/view-record';
import { alertOf } from './alert';
import { TenantDesk, type TenantSnapshot } from './tenant-desk';

/** What the desk's view needs of the log beyond what it is fed. */
export interface DeskSource {
  /** Positions of everything about a decision's payment, first that of the decision that counts; empty while that was not read. */
  positionsOf(tenantId: string, decisionId: string): readonly number[];
  /** Positions of what was done about it, also while the decision itself was not read. */
  laterPositionsOf(tenantId: string, decisionId: string): readonly number[];
  recordsAt(positions: readonly number[]): Promise<readonly ViewRecord[]>;
}

/** A step on a case from which something has to follow elsewhere on the log. */
export interface OwedStep {
  readonly tenantId: string;
  readonly decisionId: string;
  readonly version: number;
  /** When the step came onto the log. */
  readonly sinceMs: number;
}

export interface DeskSnapshot {
  readonly position: number;
  readonly owed: readonly OwedStep[];
  readonly tenants: Readonly<Record<string, TenantSnapshot>>;
}

const HAVE_CONSEQUENCES: readonly CaseEvent['type'][] = ['case_decided', 'case_undone', 'case_effected'];

/** Every tenant's queue, folded from the log. */
export class DeskView implements View {
  readonly #source: DeskSource;
  readonly #isShared: boolean;
  readonly #tenants = new Map<string, TenantDesk>();
  readonly #owed = new Map<string, OwedStep>();
  #position = -1;

  /** @param isShared true for a log that several instances write, where what follows from a step is an append of its own */
  constructor(source: DeskSource, isShared: boolean) {
    this.#source = source;
    this.#isShared = isShared;
  }

  /** Takes up where an earlier process was, then reads the rows and cases that it shows. Call before the first `apply`. */
  async restore(snapshot: DeskSnapshot): Promise<void> {
    for (const [tenantId, tenant] of Object.entries(snapshot.tenants)) {
      this.#tenants.set(tenantId, new TenantDesk(tenant));
      for (const decisionId of tenant.deciding) await this.caseOf(tenantId, decisionId, snapshot.position);
    }
    for (const step of snapshot.owed) this.#owed.set(keyOf(step), step);
    this.#position = snapshot.position;
    for (const tenantId of this.#tenants.keys()) await this.#fillRows(tenantId);
  }

  get position(): number {
    return this.#position;
  }

  async apply(records: readonly ViewRecord[], to: number): Promise<void> {
    for (const record of records) {
      if (record.position <= this.#position) continue;
      const desk = this.of(record.tenantId);
      if (record.kind === 'approval' && this.#counts(record, record.decisionId)) desk.applyApproval(record);
      if (record.kind === 'decision' && this.#counts(record, record.record.decision.id))
        await this.#applyDecision(desk, record);
      if (record.kind === 'case') await this.#applyCase(desk, record);
    }
    this.#position = Math.max(this.#position, to);
    for (const tenantId of new Set(records.map((record) => record.tenantId))) await this.#fillRows(tenantId);
  }

  of(tenantId: string): TenantDesk {
    let desk = this.#tenants.get(tenantId);
    if (desk === undefined) {
      desk = new TenantDesk(null);
      this.#tenants.set(tenantId, desk);
    }
    return desk;
  }

  get tenantIds(): readonly string[] {
    return [...this.#tenants.keys()];
  }

  /** Reviews that wait for an analyst, over all tenants. */
  openReviews(): number {
    let count = 0;
    for (const desk of this.#tenants.values()) count += desk.open.reviewCount;
    return count;
  }

  openAlerts(): number {
    let count = 0;
    for (const desk of this.#tenants.values()) count += desk.open.openCount;
    return count;
  }

  /** The fold of a case's events up to `upTo`; from the log when it is no longer in memory. */
  async caseOf(tenantId: string, decisionId: string, upTo = this.#position): Promise<CaseState> {
    const desk = this.of(tenantId);
    const known = desk.caseInMemory(decisionId);
    if (known !== undefined) return known;
    const positions = this.#source.laterPositionsOf(tenantId, decisionId);
    const records = await this.#source.recordsAt(positions.filter((position) => position <= upTo));
    const events = records.flatMap((record) => (record.kind === 'case' ? [record.event] : []));
    const state = events.reduce(evolveCase, newCase(decisionId));
    // Somebody else may have folded further while this one was reading.
    const now = desk.caseInMemory(decisionId);
    if (now !== undefined) return now;
    if (state.version > 0) desk.holdCase(state);
    return state;
  }

  /** Steps from which something has to follow, of which nobody said yet that it did. */
  owed(): IterableIterator<OwedStep> {
    return this.#owed.values();
  }

  settle(step: Omit<OwedStep, 'sinceMs'>): void {
    this.#owed.delete(keyOf(step));
  }

  snapshot(): DeskSnapshot {
    return {
      position: this.#position,
      owed: [...this.#owed.values()],
      tenants: Object.fromEntries([...this.#tenants].map(([id, desk]) => [id, desk.snapshot()])),
    };
  }

  /** False for a second decision about a payment: the first on the log is the one. */
  #counts(record: ViewRecord, decisionId: string): boolean {
    return this.#source.positionsOf(record.tenantId, decisionId)[0] === record.position;
  }

  async #applyDecision(desk: TenantDesk, record: Extract<ViewRecord, { kind: 'decision' }>): Promise<void> {
    const { tenantId, position } = record;
    const { id } = record.record.decision;
    const isFresh = this.#source.laterPositionsOf(tenantId, id).length === 0;
    desk.applyDecision(
      record.record,
      record,
      isFresh ? undefined : await this.caseOf(tenantId, id, position),
    );
  }

  async #applyCase(desk: TenantDesk, record: Extract<ViewRecord, { kind: 'case' }>): Promise<void> {
    const { tenantId, event, position, appendedAtMs } = record;
    const before = await this.caseOf(tenantId, event.decision_id, position - 1);
    const alertPosition = this.#source.positionsOf(tenantId, event.decision_id)[0] ?? -1;
    const hasCounted = desk.applyCaseEvent(event, { position, appendedAtMs, before, alertPosition });
    if (!hasCounted || !this.#isShared || !HAVE_CONSEQUENCES.includes(event.type)) return;
    const { decision_id: decisionId, version } = event;
    const step = { tenantId, decisionId, version, sinceMs: appendedAtMs };
    this.#owed.set(keyOf(step), step);
  }

  /** Reads rows back that were let go, when there is room for them again. */
  async #fillRows(tenantId: string): Promise<void> {
    const desk = this.of(tenantId);
    const positions = desk.missingRows();
    if (positions.length === 0) return;
    for (const record of await this.#source.recordsAt(positions)) {
      if (record.kind !== 'decision' || !desk.open.has(record.position)) continue;
      const state = await this.caseOf(tenantId, record.record.decision.id);
      desk.keep(alertOf(record.record, record.position, state));
    }
  }
}

const keyOf = ({ tenantId, decisionId, version }: Omit<OwedStep, 'sinceMs'>): string =>
  `${tenantId}|${decisionId}|${version}`;
