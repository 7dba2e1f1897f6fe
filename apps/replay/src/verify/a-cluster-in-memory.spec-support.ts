import { historyEventOf, recordLabel, scoreTransactions, type Line } from '@veto/decision';
import {
  TOPICS,
  writeHistorySeq,
  type BeginRequest,
  type BeginResult,
  type ClaimId,
  type EpochOpened,
  type LogCut,
  type StateStore,
  type StoredLogRecord,
  type TenantId,
} from '@veto/domain';
import { EpochFold } from '@veto/store';
import { aClock, aLabel, aTransactionPayload, DULL_NOW_MS } from '@veto/testing';
import { lineOver } from '../line/line-over';
import { SlowLog } from './a-slow-log.spec-support';

const RECORD_BYTES = 60;
const TENANT = 'ten_a' as TenantId;
const keyOf = ({ tenantId, transactionId }: ClaimId): string => `${tenantId}|${transactionId}`;

/** The shared state as plain maps, and an instance's own memory beside it. It numbers and appends, and claims nothing. */
class PlainSharedState {
  epoch = 0;
  seq = 0;
  histories = new Map<string, Uint8Array>();
  isAway = false;
  readonly #own = new Map<string, Uint8Array>();
  readonly #log: SlowLog;

  constructor(log: SlowLog) {
    this.#log = log;
  }

  begin(request: BeginRequest): BeginResult {
    const histories = this.isAway ? this.#own : this.histories;
    const seq = this.isAway ? 0 : ++this.seq;
    const seen = request.entityKeys.map((key) => histories.get(key) ?? new Uint8Array());
    this.apply(request.entityKeys, request.record, seq);
    const begun = { status: 'begun', epoch: this.epoch, seq, histories: seen } as const;
    return this.isAway ? { ...begun, local: true, provisional: true } : begun;
  }

  /** @param seq 0 = only this instance knows of it */
  apply(entityKeys: readonly string[], record: Uint8Array, seq: number): void {
    const numbered = record.slice(0, RECORD_BYTES);
    writeHistorySeq(numbered, seq);
    for (const histories of seq === 0 ? [this.#own] : [this.#own, this.histories])
      for (const key of entityKeys)
        histories.set(key, Buffer.concat([histories.get(key) ?? new Uint8Array(), numbered]));
  }

  async firstOnLog(id: ClaimId): Promise<StoredLogRecord | null> {
    const arrived = await this.#log.arrived();
    return arrived.find(({ topic, key }) => topic === TOPICS.decisions && key === keyOf(id)) ?? null;
  }

  get port(): StateStore {
    const committed = new Map<string, Uint8Array>();
    const findOnLog = async (id: ClaimId): Promise<Uint8Array | null> =>
      (await this.firstOnLog(id))?.value ?? null;
    return {
      begin: (requests) => Promise.resolve(requests.map((request) => this.begin(request))),
      commit: (requests) =>
        Promise.resolve(
          requests.map((request) => {
            committed.set(keyOf(request), request.bytes);
            return { won: true, bytes: request.bytes, ...(this.isAway && { provisional: true }) };
          }),
        ),
      appendLabel: async ({ entityKeys, record, payload, labelKey, tenantId }) => {
        const seq = ++this.seq;
        this.apply(entityKeys, record, seq);
        const key = `${tenantId}|${labelKey}`;
        await this.#log.memory.append([
          { topic: TOPICS.labels, key, value: payload, seq, epoch: this.epoch },
        ]);
        return { seq, duplicate: false };
      },
      find: async (id) => committed.get(keyOf(id)) ?? findOnLog(id),
      winnerOnLog: findOnLog,
      waitFor: findOnLog,
      pending: () => Promise.resolve([]),
      digest: () => Promise.resolve(''),
      close: () => Promise.resolve(),
    };
  }
}

/** What happens to a cluster. */
export type Step =
  | { readonly type: 'pay'; readonly shape: number; readonly how: 'shared' | 'alone' | 'late' }
  /** A payment that was decided alone had also been begun in the shared state: the sweeper writes its place down. */
  | { readonly type: 'sweep'; readonly which: number }
  | { readonly type: 'label'; readonly which: number }
  | { readonly type: 'reopen'; readonly reason: 'lost' | 'asked' }
  | { readonly type: 'arrive' };

/** A cluster of one tenant in memory, driven step by step; what is on its log is what real decisions put there. */
export class ClusterInMemory {
  readonly #log = new SlowLog();
  readonly #state = new PlainSharedState(this.#log);
  readonly #underWay: Promise<unknown>[] = [];
  readonly #aloneIds: string[] = [];
  readonly journalLines: string[] = [];
  readonly #line: Line = lineOver({
    ...{ store: this.#state.port, log: this.#log.port },
    ...{ clock: aClock(), scorer: null },
  });
  #paymentCount = 0;

  async run(
    steps: readonly Step[],
  ): Promise<{ readonly records: readonly StoredLogRecord[]; readonly journalLines: string[] }> {
    await this.#reopen('first');
    for (const step of steps) await this.#step(step);
    await this.#step({ type: 'arrive' });
    return { records: await this.#log.arrived(), journalLines: this.journalLines };
  }

  async #step(step: Step): Promise<void> {
    switch (step.type) {
      case 'pay':
        return this.#pay(step.shape, step.how);
      case 'sweep':
        return this.#sweep(step.which);
      case 'label':
        return this.#label(step.which);
      case 'reopen':
        return this.#reopen(step.reason);
      case 'arrive':
        this.#log.release();
        await Promise.all(this.#underWay.splice(0));
    }
  }

  async #pay(shape: number, how: 'shared' | 'alone' | 'late'): Promise<void> {
    const i = this.#paymentCount++;
    const atMs = DULL_NOW_MS + i * 1_000;
    const payload = aTransactionPayload({
      transaction: { id: `ord_${i}`, amount: 1_000 + shape, occurred_at: new Date(atMs).toISOString() },
      card: { fingerprint: `cfp_${shape % 2}` },
      customer: { id: `cus_${shape % 3}` },
      device: { fingerprint: `dfp_${shape % 5}` },
    });
    this.#state.isAway = how === 'alone';
    this.#log.isHolding ||= how === 'late';
    const paid = scoreTransactions(this.#line, [
      { tenantId: TENANT, payload, receivedAtMs: atMs, parseMs: 0 },
    ]).then(([scored]) => {
      if (scored?.status !== 'decided') throw new Error(`ord_${i} was not decided`);
      const told = {
        at_ms: atMs,
        tenant_id: TENANT,
        transaction_id: `ord_${i}`,
        status: 200,
        body: scored.body,
      };
      this.journalLines.push(JSON.stringify(told));
    });
    if (how === 'alone') this.#aloneIds.push(`ord_${i}`);
    this.#underWay.push(paid);
    if (!this.#log.isHolding) await Promise.all(this.#underWay.splice(0));
    // What was begun is begun, however long its decision is on its way.
    else await new Promise((resolve) => setImmediate(resolve));
    this.#state.isAway = false;
  }

  async #sweep(which: number): Promise<void> {
    const id = this.#aloneIds.splice(which % Math.max(1, this.#aloneIds.length), 1)[0];
    if (id === undefined) return;
    const first = await this.#state.firstOnLog({ tenantId: TENANT, transactionId: id });
    if (first?.applied === undefined) return;
    const entityKeys = Buffer.from(first.applied.subarray(RECORD_BYTES)).toString().split('\n').slice(0, -1);
    const seq = ++this.#state.seq;
    this.#state.apply(entityKeys, first.applied, seq);
    const { topic, key, value, applied } = first;
    await this.#log.memory.append([{ topic, key, value, applied, seq, epoch: this.#state.epoch }]);
  }

  async #label(which: number): Promise<void> {
    const arrived = (await this.#log.arrived()).filter(({ topic }) => topic === TOPICS.decisions);
    const decided = arrived[which % Math.max(1, arrived.length)];
    if (decided === undefined) return;
    const told = aLabel({
      transaction_id: decided.key.slice(TENANT.length + 1),
      reported_at: new Date(DULL_NOW_MS + which * 1_000).toISOString(),
    });
    await recordLabel(this.#line, { tenantId: TENANT, label: told, receivedAtMs: DULL_NOW_MS });
  }

  async #reopen(reason: EpochOpened['reason']): Promise<void> {
    const records = await this.#log.arrived();
    const cut: Record<string, number> = {};
    const fold = new EpochFold({ historyEventOf });
    for (const record of records) {
      fold.add(record);
      cut[`${record.topic}/${record.source?.partition}`] = (record.source?.offset ?? 0) + 1;
    }
    const epoch = this.#state.epoch + 1;
    const firstSeq = reason === 'first' ? 1 : this.#state.seq + 1_000;
    const opened = fold.open(firstSeq);
    this.#state.epoch = epoch;
    this.#state.seq = opened.lastSeq;
    this.#state.histories = new Map([...opened.keys].map((key) => [key, opened.historyOf(key).slice()]));
    await this.#announce({ epoch, firstSeq, cut, reason });
  }

  async #announce(of: {
    readonly epoch: number;
    readonly firstSeq: number;
    readonly cut: LogCut;
    readonly reason: EpochOpened['reason'];
  }): Promise<void> {
    const { epoch, firstSeq, cut, reason } = of;
    const value: EpochOpened = {
      ...{ schema: 'epoch.v1', shard: 0, epoch, cut, reason },
      first_seq: firstSeq,
      opened_at_ms: DULL_NOW_MS,
    };
    await this.#log.memory.append([
      { topic: TOPICS.epochs, key: 'shard|0', value: Buffer.from(JSON.stringify(value)) },
    ]);
  }
}
