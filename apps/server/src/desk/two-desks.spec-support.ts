import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createListBook, decisionIdOf, encodeRecord, type ListBook } from '@veto/decision';
import {
  TOPICS,
  type DecisionRecord,
  type EventLog,
  type LogRecord,
  type Outcome,
  type Topic,
} from '@veto/domain';
import { createMemoryLog } from '@veto/log';
import { aClock, aTransactionPayload, type ManualClock } from '@veto/testing';
import { createLogger } from '../telemetry/log-lines';
import { Telemetry } from '../telemetry/telemetry';
import { DecisionIndex } from '../views/decision-index';
import { DecisionReader } from '../views/decision-reader';
import { ListView } from '../views/list-view';
import { ViewFeed } from '../views/view-feed';
import { CaseDesk } from './case-desk';
import { CaseLog } from './case-log';
import { DeskView } from './desk-view';

export const TENANT = 'ten_test';

/** One instance's views over its own copy of a log, and its desk. */
export interface DeskInstance {
  readonly copy: EventLog;
  readonly cases: CaseDesk;
  readonly view: DeskView;
  readonly lists: ListBook;
  readonly reader: DecisionReader;
  readonly feed: ViewFeed;
}

/**
 * A log that several instances write and each has a copy of. Records of one topic keep their order; a topic may be held
 * back from one copy, as when one partition is read later than another.
 */
export class SharedLog {
  readonly clock: ManualClock = aClock();
  readonly #copies: EventLog[] = [];
  readonly #held = new Map<EventLog, { topic: Topic; records: LogRecord[] }>();
  readonly #instances: { readonly stop: () => Promise<void> }[] = [];
  /** Everything that was appended, in order. */
  readonly appended: LogRecord[] = [];

  /** @param failing hears of each append before it happens, and may throw: the instance dies there */
  async instance(failing: (records: readonly LogRecord[]) => void = () => undefined): Promise<DeskInstance> {
    const copy = createMemoryLog({ clock: this.clock });
    this.#copies.push(copy);
    const log: EventLog = {
      append: async (records) => {
        failing(records);
        await this.append(records);
      },
      appendReadable: async (records) => {
        failing(records);
        return (await this.append(records)).get(copy) ?? copy.end();
      },
      durability: () => copy.durability(),
      cut: () => copy.cut(),
      latest: () => copy.latest(),
      reached: (cut, timeoutMs) => copy.reached(cut, timeoutMs),
      read: (query) => copy.read(query),
      end: () => copy.end(),
      subscribe: (listener) => copy.subscribe(listener),
      close: () => copy.close(),
    };
    const directory = await mkdtemp(join(tmpdir(), 'veto-desks-'));
    const index = new DecisionIndex({
      directory,
      logId: `log_${this.#copies.length}`,
      logEnd: -1,
      isShared: true,
    });
    let reader: DecisionReader | null = null;
    const view = new DeskView(
      {
        positionsOf: (tenantId, id) => index.positionsOf(tenantId, id),
        laterPositionsOf: (tenantId, id) => index.laterPositionsOf(tenantId, id),
        recordsAt: async (positions) => (await reader?.recordsAt(positions)) ?? [],
      },
      true,
    );
    const lists = createListBook();
    const listView = new ListView(lists, null);
    const feed = new ViewFeed(log, [index, listView, view]);
    reader = new DecisionReader({ log, index, feed });
    await feed.catchUp();
    feed.start((error) => {
      throw error;
    });
    this.#instances.push({
      stop: async () => {
        await feed.stop();
        await index.close();
        await rm(directory, { recursive: true, force: true });
      },
    });
    const { clock } = this;
    const cases = new CaseDesk({
      log: new CaseLog({ log, feed, reader, view, lists: listView, clock, isShared: true }),
      reader,
      view,
      clock,
      telemetry: quietTelemetry(),
    });
    return { copy, cases, view, lists, reader, feed };
  }

  /** To every copy in one order. @returns position of the last record in each */
  async append(records: readonly LogRecord[]): Promise<ReadonlyMap<EventLog, number>> {
    this.appended.push(...records);
    const appended = this.#copies.map(async (copy): Promise<[EventLog, number]> => {
      const held = this.#held.get(copy);
      held?.records.push(...records.filter(({ topic }) => topic === held.topic));
      const passed = records.filter(({ topic }) => topic !== held?.topic);
      return [copy, (await copy.appendReadable(passed)) ?? copy.end()];
    });
    return new Map(await Promise.all(appended));
  }

  /** From now on records of `topic` do not come to this copy. @returns how to let them come */
  hold(copy: EventLog, topic: Topic): () => Promise<void> {
    const held = { topic, records: [] as LogRecord[] };
    this.#held.set(copy, held);
    return async () => {
      this.#held.delete(copy);
      if (held.records.length > 0) await copy.append(held.records);
    };
  }

  async stop(): Promise<void> {
    for (const instance of this.#instances.splice(0)) await instance.stop();
  }
}

/** A decision as it lies on the log; everything that the desk does not look at is left out. */
export function aDecision(of: {
  readonly transactionId: string;
  readonly atMs: number;
  readonly outcome?: Outcome;
  readonly score?: number;
}): { readonly id: string; readonly record: LogRecord } {
  const { transactionId, atMs, outcome = 'review', score = 0.9 } = of;
  const id = decisionIdOf({ tenantId: TENANT, transactionId, receivedAtMs: atMs });
  const record = {
    schema: 'decision.v1',
    tenant_id: TENANT,
    decided_at_ms: atMs,
    received_at_ms: atMs,
    transaction: aTransactionPayload({
      transaction: { id: transactionId, occurred_at: new Date(atMs).toISOString() },
      card: { fingerprint: `cfp_${transactionId}` },
    }),
    decision: {
      id,
      object: 'decision',
      version: 1,
      transaction_id: transactionId,
      created_at: new Date(atMs).toISOString(),
      status: 'final',
      outcome,
      recommended_action: 'hold',
      score,
      decided_by: { kind: 'policy', id: 'policy', clause: 'score 90' },
      reason_codes: [],
      rules: [],
      degraded: [],
      review: {
        id: `rev_${transactionId}`,
        status: 'open',
        version: 1,
        due_at: new Date(atMs + 60_000).toISOString(),
      },
    },
    // The desk reads no more of a decision than this.
  } as unknown as DecisionRecord;
  return {
    id,
    record: { topic: TOPICS.decisions, key: `${TENANT}|${transactionId}`, value: encodeRecord(record) },
  };
}

function quietTelemetry(): Telemetry {
  return new Telemetry(createLogger({ level: 'error', forPeople: true, sink: { write: () => undefined } }));
}
