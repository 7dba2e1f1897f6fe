import { evolveCase, newCase, type CaseState } from '@veto/domain';
import type { View } from '../views/view-feed';
import type { ViewRecord } from '../views/view-record';
import { alertOf } from './alert';
import { TenantDesk, type TenantSnapshot } from './tenant-desk';

/** What the desk's view needs of the log beyond what it is fed. */
export interface DeskSource {
  /** Positions of everything about a decision, its own first. */
  positionsOf(tenantId: string, decisionId: string): readonly number[];
  recordsAt(positions: readonly number[]): Promise<readonly ViewRecord[]>;
}

export interface DeskSnapshot {
  readonly position: number;
  readonly tenants: Readonly<Record<string, TenantSnapshot>>;
}

/** Every tenant's queue, folded from the log. */
export class DeskView implements View {
  readonly #source: DeskSource;
  readonly #tenants = new Map<string, TenantDesk>();
  #position = -1;

  constructor(source: DeskSource) {
    this.#source = source;
  }

  /** Takes up where an earlier process was, then reads the rows and cases that it shows. Call before the first `apply`. */
  async restore(snapshot: DeskSnapshot): Promise<void> {
    for (const [tenantId, tenant] of Object.entries(snapshot.tenants)) {
      this.#tenants.set(tenantId, new TenantDesk(tenant));
      for (const decisionId of tenant.deciding) await this.caseOf(tenantId, decisionId, snapshot.position);
    }
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
      if (record.kind === 'approval') desk.applyApproval(record);
      if (record.kind === 'decision') desk.applyDecision(record.record, record);
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
    const positions = this.#source.positionsOf(tenantId, decisionId).slice(1);
    const records = await this.#source.recordsAt(positions.filter((position) => position <= upTo));
    const events = records.flatMap((record) => (record.kind === 'case' ? [record.event] : []));
    const state = events.reduce(evolveCase, newCase(decisionId));
    // Somebody else may have folded further while this one was reading.
    const now = desk.caseInMemory(decisionId);
    if (now !== undefined) return now;
    if (state.version > 0) desk.holdCase(state);
    return state;
  }

  snapshot(): DeskSnapshot {
    return {
      position: this.#position,
      tenants: Object.fromEntries([...this.#tenants].map(([id, desk]) => [id, desk.snapshot()])),
    };
  }

  async #applyCase(desk: TenantDesk, record: Extract<ViewRecord, { kind: 'case' }>): Promise<void> {
    const { tenantId, event, position, appendedAtMs } = record;
    const before = await this.caseOf(tenantId, event.decision_id, position - 1);
    const alertPosition = this.#source.positionsOf(tenantId, event.decision_id)[0] ?? -1;
    desk.applyCaseEvent(event, { position, appendedAtMs, before, alertPosition });
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
