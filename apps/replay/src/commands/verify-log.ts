import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { historyEventOf, parseDecisionRecord, replayDecision, startingPolicy } from '@veto/decision';
import {
  invariant,
  TOPICS,
  transactionOf,
  type DecisionRecord,
  type EventLog,
  type ModelManifest,
  type StateStore,
  type StoredLogRecord,
  type TenantId,
  type TransactionPayload,
  type TransactionReceived,
} from '@veto/domain';
import { computeFeatures, entityKeysOf, featureSet } from '@veto/features';
import { createMemoryLog, openSegmentLog } from '@veto/log';
import { compileRuleset, startingRules } from '@veto/rules';
import { openEmbeddedStore } from '@veto/store';
import { ReplayClock } from '../line/replay-clock';

/** One thing that the log says and recomputation does not. */
export interface Difference {
  readonly transactionId: string;
  readonly field: string;
  readonly recorded: unknown;
  readonly recomputed: unknown;
}

export interface VerifyResult {
  readonly decisions: number;
  readonly revisions: number;
  readonly labels: number;
  /** Decisions whose rules, policy or model are not those of this program, so that only their features were compared. */
  readonly otherVersions: number;
  /** Payments that were received and never decided: a crash's orphans that no sweeper has finished yet. */
  readonly undecided: number;
  readonly differences: readonly Difference[];
  readonly differenceCount: number;
  /** Digest of the state rebuilt from the log. */
  readonly digest: string;
}

/** Differences that are kept to be shown; all are counted. */
const SHOWN_COUNT_MAX = 20;
const READ_COUNT = 2_000;

/**
 * Reads the log from its first record, rebuilds state beside it, recomputes the vector of every decision as of its own
 * sequence number, decides again from each record, and compares both with what was recorded, bit for bit.
 * Reads only; the server must be stopped, since the log has one owner.
 */
export async function verifyLog(
  directory: string,
  options: { readonly model: ModelManifest | null; readonly onProgress?: (decisions: number) => void },
): Promise<VerifyResult> {
  const logDirectory = join(directory, 'log');
  if (!existsSync(logDirectory))
    throw new Error(`there is no log at ${logDirectory}; name the data directory by --data`);
  const clock = new ReplayClock();
  const log = await openSegmentLog({ directory: logDirectory, clock: { nowMs: () => Date.now() } });
  const scratchLog = createMemoryLog({ clock, retain: [TOPICS.decisions] });
  const store = await openEmbeddedStore({ directory: null, log: scratchLog, clock, historyEventOf });
  try {
    const verifier = new Verifier({ store, log: scratchLog }, clock, options.model);
    await readAll(log, async (record) => {
      await verifier.take(record);
      options.onProgress?.(verifier.decisions);
    });
    return await verifier.result();
  } finally {
    await store.close();
    await scratchLog.close();
    await log.close();
  }
}

async function readAll(log: EventLog, take: (record: StoredLogRecord) => Promise<void>): Promise<void> {
  for (let after = -1; ;) {
    const { records, to } = await log.read({ after, recordCountMax: READ_COUNT });
    for (const record of records) await take(record);
    if (records.length === 0 && to >= log.end()) return;
    after = to;
  }
}

class Verifier {
  decisions = 0;
  private revisions = 0;
  private labels = 0;
  private otherVersions = 0;
  private differenceCount = 0;
  private readonly differences: Difference[] = [];
  /** Recomputed vectors of payments that are received and not yet decided, by transaction. */
  private readonly vectors = new Map<
    string,
    { readonly seq: number; readonly values: Float64Array; readonly truncated: readonly string[] }
  >();
  private readonly decided = new Set<string>();
  private readonly store: StateStore;
  private readonly scratchLog: EventLog;
  private readonly ruleset = compileRuleset(startingRules, featureSet);

  constructor(
    scratch: { readonly store: StateStore; readonly log: EventLog },
    private readonly clock: ReplayClock,
    private readonly model: ModelManifest | null,
  ) {
    this.store = scratch.store;
    this.scratchLog = scratch.log;
  }

  async take(record: StoredLogRecord): Promise<void> {
    this.clock.advanceTo(record.appendedAtMs);
    if (record.topic === TOPICS.transactions) await this.takeReceived(record);
    else if (record.topic === TOPICS.labels) await this.takeLabel(record);
    else if (record.topic === TOPICS.decisions) await this.takeDecision(record);
  }

  async result(): Promise<VerifyResult> {
    return {
      decisions: this.decisions,
      revisions: this.revisions,
      labels: this.labels,
      otherVersions: this.otherVersions,
      undecided: this.vectors.size,
      differences: this.differences,
      differenceCount: this.differenceCount,
      digest: await this.store.digest(),
    };
  }

  private async takeReceived(stored: StoredLogRecord): Promise<void> {
    const event = historyEventOf(stored);
    invariant(event?.type === 'begun', `position ${stored.position}: not a received transaction`);
    const received = JSON.parse(Buffer.from(stored.value).toString()) as TransactionReceived;
    const transaction = transactionOf(received.transaction as TransactionPayload, {
      tenantId: received.tenant_id as TenantId,
      receivedAtMs: received.received_at_ms,
    });
    const [begun] = await this.store.begin([{ ...event, payload: stored.value }]);
    const key = `${event.tenantId}|${event.transactionId}`;
    if (begun?.status !== 'begun')
      return this.differ(event.transactionId, 'received', 'once', `again at position ${stored.position}`);
    if (begun.seq !== stored.seq) this.differ(event.transactionId, 'seq', stored.seq, begun.seq);
    const histories = entityKeysOf(transaction).map(({ kind }, i) => ({
      kind,
      bytes: begun.histories[i] ?? new Uint8Array(),
    }));
    this.vectors.set(key, { seq: begun.seq, ...computeFeatures({ transaction, seq: begun.seq, histories }) });
  }

  private async takeLabel(stored: StoredLogRecord): Promise<void> {
    const event = historyEventOf(stored);
    invariant(event?.type === 'label', `position ${stored.position}: not a label`);
    this.labels++;
    const { seq, duplicate } = await this.store.appendLabel({ ...event, payload: stored.value });
    if (duplicate || seq !== stored.seq)
      this.differ(event.labelKey, 'label seq', stored.seq, duplicate ? 'duplicate' : seq);
  }

  private async takeDecision(stored: StoredLogRecord): Promise<void> {
    const record = parseDecisionRecord(stored.value);
    if (record.schema === 'decision-revision.v1') {
      this.revisions++;
      return;
    }
    const id = { tenantId: record.tenant_id, transactionId: record.decision.transaction_id };
    const key = `${id.tenantId}|${id.transactionId}`;
    const vector = this.vectors.get(key);
    if (vector === undefined) {
      // A decision may be on the log twice after a crash between append and reply; it must be the same decision.
      if (!this.decided.has(key))
        return this.differ(id.transactionId, 'decision', 'recorded', 'never received');
      const first = await this.store.find(id);
      if (first === null || Buffer.compare(first, stored.value) !== 0)
        this.differ(id.transactionId, 'decision', 'another', 'first');
      return;
    }
    this.vectors.delete(key);
    this.decided.add(key);
    this.decisions++;
    this.compareFeatures(record, vector);
    this.compareDecision(record);
    await this.store.commit([{ ...id, bytes: stored.value }]);
    await this.scratchLog.append([{ topic: stored.topic, key: stored.key, value: stored.value }]);
  }

  private compareFeatures(
    record: DecisionRecord,
    vector: { readonly values: Float64Array; readonly truncated: readonly string[] },
  ): void {
    const { transaction_id: id, features_hash: hash } = record.decision;
    if (hash !== featureSet.hash) return this.differ(id, 'features_hash', hash, featureSet.hash);
    featureSet.definitions.forEach(({ name }, i) => {
      const recorded = record.features[i] ?? Number.NaN;
      const recomputed = vector.values[i] ?? Number.NaN;
      if (!Object.is(recorded, recomputed)) this.differ(id, name, recorded, recomputed);
    });
    if (record.truncated.join() !== vector.truncated.join())
      this.differ(id, 'truncated', record.truncated, vector.truncated);
  }

  private compareDecision(record: DecisionRecord): void {
    const { ruleset_hash: rulesetHash, policy, model } = record.decision;
    const sameModel = model === null || model.sha256 === this.model?.files.model.sha256;
    if (rulesetHash !== this.ruleset.hash || policy.version !== startingPolicy.version || !sameModel) {
      this.otherVersions++;
      return;
    }
    const { identical, differences } = replayDecision(record, {
      ruleset: this.ruleset,
      policy: startingPolicy,
      featureSet,
      model: this.model,
    });
    if (identical) return;
    for (const { pointer, recorded, replayed } of differences)
      this.differ(record.decision.transaction_id, pointer, recorded, replayed);
  }

  private differ(transactionId: string, field: string, recorded: unknown, recomputed: unknown): void {
    this.differenceCount++;
    if (this.differences.length < SHOWN_COUNT_MAX)
      this.differences.push({ transactionId, field, recorded, recomputed });
  }
}
