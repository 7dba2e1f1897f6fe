import { parseDecisionRecord } from '@veto/decision';
import type {
  CaseEvent,
  Decision,
  DecisionRecord,
  DecisionRevisionRecord,
  EventLog,
  StateStore,
} from '@veto/domain';
import type { DecisionIndex } from './decision-index';
import type { ViewFeed } from './view-feed';
import { viewRecordOf, type ViewRecord } from './view-record';

/** A reader that has just been answered waits this long for the views to have it too, in ms. */
const READ_YOUR_WRITES_MS = 2_000;

/** Everything on the log about one decision. */
export interface DecisionStory {
  readonly record: DecisionRecord;
  readonly position: number;
  readonly appendedAtMs: number;
  readonly revisions: readonly DecisionRevisionRecord[];
  readonly caseEvents: readonly CaseEvent[];
  /** The latest revision, or the automatic decision. */
  readonly current: Decision;
}

/** Finds decisions and reads them back from the log. */
export class DecisionReader {
  readonly #log: EventLog;
  readonly #store: StateStore;
  readonly #index: DecisionIndex;
  readonly #feed: ViewFeed;

  constructor(parts: {
    readonly log: EventLog;
    readonly store: StateStore;
    readonly index: DecisionIndex;
    readonly feed: ViewFeed;
  }) {
    this.#log = parts.log;
    this.#store = parts.store;
    this.#index = parts.index;
    this.#feed = parts.feed;
  }

  /** @returns null when this tenant has no such decision */
  async byId(tenantId: string, decisionId: string): Promise<DecisionStory | null> {
    let positions = this.#index.positionsOf(tenantId, decisionId);
    const end = this.#log.end();
    if (positions.length === 0 && this.#feed.position < end) {
      await this.#feed.reached(end, READ_YOUR_WRITES_MS);
      positions = this.#index.positionsOf(tenantId, decisionId);
    }
    return positions.length === 0 ? null : this.#storyOf(await this.recordsAt(positions));
  }

  /** @returns null when this tenant never asked about this payment, or its answer is not there yet */
  async byTransaction(tenantId: string, transactionId: string): Promise<DecisionStory | null> {
    const bytes = await this.#store.find({ tenantId, transactionId });
    if (bytes === null) return null;
    return this.byId(tenantId, parseDecisionRecord(bytes).decision.id);
  }

  /** The records at some positions, oldest first. */
  async recordsAt(positions: readonly number[]): Promise<readonly ViewRecord[]> {
    const records: ViewRecord[] = [];
    for (const position of positions) {
      const {
        records: [stored],
      } = await this.#log.read({ after: position - 1, recordCountMax: 1 });
      const record = stored === undefined || stored.position !== position ? null : viewRecordOf(stored);
      if (record !== null) records.push(record);
    }
    return records;
  }

  #storyOf(records: readonly ViewRecord[]): DecisionStory | null {
    const first = records.find((record) => record.kind === 'decision');
    if (first === undefined) return null;
    const revisions = records.flatMap((each) => (each.kind === 'revision' ? [each.record] : []));
    const caseEvents = records.flatMap((each) => (each.kind === 'case' ? [each.event] : []));
    const current = revisions.at(-1)?.decision ?? first.record.decision;
    return {
      record: first.record,
      position: first.position,
      appendedAtMs: first.appendedAtMs,
      revisions,
      caseEvents,
      current,
    };
  }
}
