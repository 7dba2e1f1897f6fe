import { decisionIdOf } from '@veto/decision';
import type { CaseEvent, Decision, DecisionRecord, DecisionRevisionRecord, EventLog } from '@veto/domain';
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
  readonly #index: DecisionIndex;
  readonly #feed: ViewFeed;

  constructor(parts: { readonly log: EventLog; readonly index: DecisionIndex; readonly feed: ViewFeed }) {
    this.#log = parts.log;
    this.#index = parts.index;
    this.#feed = parts.feed;
  }

  /**
   * @returns null when this tenant has no such decision
   * @throws VetoError log_unavailable (retryable) when that cannot be known
   */
  async byId(tenantId: string, decisionId: string): Promise<DecisionStory | null> {
    const story = await this.#storyAbout(tenantId, decisionId);
    // A payment was decided twice, unseen by each other, and this is the decision that does not count.
    return story?.record.decision.id === decisionId ? story : null;
  }

  /**
   * @returns null when this tenant never asked about this payment, or its answer is not there yet
   * @throws VetoError log_unavailable (retryable) when that cannot be known
   */
  async byTransaction(tenantId: string, transactionId: string): Promise<DecisionStory | null> {
    // Whenever it was received: decisions are found by the part of their id that is of the payment.
    return this.#storyAbout(tenantId, decisionIdOf({ tenantId, transactionId, receivedAtMs: 0 }));
  }

  async #storyAbout(tenantId: string, decisionId: string): Promise<DecisionStory | null> {
    let positions = this.#index.positionsOf(tenantId, decisionId);
    if (positions.length === 0) {
      await this.#catchUp();
      positions = this.#index.positionsOf(tenantId, decisionId);
    }
    return positions.length === 0 ? null : this.#storyOf(await this.recordsAt(positions));
  }

  /** Until what any instance had been told was durable is in the views of this one. */
  async #catchUp(): Promise<void> {
    await this.#log.reached(await this.#log.latest(), READ_YOUR_WRITES_MS);
    await this.#feed.reached(this.#log.end(), READ_YOUR_WRITES_MS);
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
    const revisions: DecisionRevisionRecord[] = [];
    for (const each of records) {
      // One that was appended again, after an instance had died over it, says what is known.
      const next = first.record.decision.version + revisions.length + 1;
      if (each.kind === 'revision' && each.record.decision.version === next) revisions.push(each.record);
    }
    const caseEvents = countedEvents(records);
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

/** The steps of a case that counted: of two with one version the first. */
function countedEvents(records: readonly ViewRecord[]): CaseEvent[] {
  const events: CaseEvent[] = [];
  for (const each of records) {
    if (each.kind === 'case' && each.event.version === events.length + 1) events.push(each.event);
  }
  return events;
}
