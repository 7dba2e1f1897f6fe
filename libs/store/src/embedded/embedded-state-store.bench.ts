import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  HISTORY_RECORD_BYTES,
  systemClock,
  TOPICS,
  type BeginRequest,
  type EventLog,
  type LogRecord,
} from '@veto/domain';
import { createMemoryLog } from '@veto/log';
import { ClaimBook } from './claim-book';
import { createMemoryClaimIndex } from './claim-index';
import { openEmbeddedStore } from './embedded-state-store';
import { HistoryBook } from './history-book';
import { listSnapshots, loadSnapshot, takeSnapshot } from './snapshots';
import { StateOfLog } from './state-of-log';

const TIME_OFFSET = 10;
const START_MS = Date.UTC(2026, 5, 15);

export interface StoreBenchOptions {
  /** ms of processor time. */
  readonly stopwatch: () => number;
  readonly paymentCount: number;
  readonly entityCount: number;
}

export interface StoreBenchResult {
  /** µs of processor time for `begin` + `commit` of a payment with three entities, in batches of 32, its decision put on a memory log. */
  readonly paymentUs: number;
  /** The same in payments per second and core. */
  readonly paymentsPerSecond: number;
  /** µs of processor time for putting the same payment's id and bytes into two Maps. */
  readonly baselineUs: number;
  /** Growth of the process for an entity with two records. */
  readonly bytesPerEntity: number;
  /** ms to write a snapshot of those entities, and the longest that begins had to wait for it meanwhile. */
  readonly snapshotMs: number;
  readonly snapshotPauseMs: number;
  /** ms to read it back. */
  readonly restoreMs: number;
}

function recordAt(timeMs: number): Uint8Array {
  const record = new Uint8Array(HISTORY_RECORD_BYTES);
  new DataView(record.buffer).setUint32(TIME_OFFSET, timeMs % 2 ** 32, true);
  new DataView(record.buffer).setUint16(TIME_OFFSET + 4, Math.floor(timeMs / 2 ** 32), true);
  return record;
}

const PAYLOAD = new Uint8Array(600);
const DECISION = new Uint8Array(2_000);

function requestAt(i: number): BeginRequest {
  return {
    tenantId: 'ten_bench',
    transactionId: `ord_${i}`,
    fingerprint: `sha256:${'0'.repeat(64)}`,
    entityKeys: [
      `ten_bench|card:cfp_${i % 50_000}`,
      `ten_bench|device:dfp_${i % 30_011}`,
      `ten_bench|merchant:mer_${i % 500}`,
    ],
    record: recordAt(START_MS + i * 10),
    payload: PAYLOAD,
  };
}

const BATCH_COUNT = 32;
const ROUND_COUNT = 5;

function batchAt(from: number): BeginRequest[] {
  return Array.from({ length: BATCH_COUNT }, (_, i) => requestAt(from + i));
}

type Decide = (batch: readonly BeginRequest[]) => Promise<void>;

/** Best of the rounds, in µs for each payment; making the requests is taken off. */
async function usPerPayment(options: StoreBenchOptions, decide: Decide): Promise<number> {
  const measure = async (round: number, decideOne: Decide): Promise<number> => {
    const first = round * options.paymentCount;
    const startedAt = options.stopwatch();
    for (let i = 0; i < options.paymentCount; i += BATCH_COUNT) await decideOne(batchAt(first + i));
    return options.stopwatch() - startedAt;
  };
  const rounds: number[] = [];
  for (let round = 0; round < ROUND_COUNT; round++) {
    const making = await measure(round, () => Promise.resolve());
    rounds.push((((await measure(round, decide)) - making) / options.paymentCount) * 1_000);
  }
  return Math.min(...rounds);
}

async function benchStore(options: StoreBenchOptions): Promise<number> {
  const log: EventLog = createMemoryLog({ clock: systemClock, retain: [] });
  const store = await openEmbeddedStore({
    directory: null,
    log,
    clock: systemClock,
    historyEventOf: () => null,
  });
  const paymentUs = await usPerPayment(options, async (batch) => {
    await store.begin(batch);
    // Each decision has bytes of its own.
    const results = await store.commit(
      batch.map(({ tenantId, transactionId }) => ({ tenantId, transactionId, bytes: DECISION.subarray() })),
    );
    const records: LogRecord[] = results.map(({ bytes }, i) => ({
      topic: TOPICS.decisions,
      key: `ten_bench|${batch[i]!.transactionId}`,
      value: bytes,
    }));
    await log.append(records);
  });
  await store.close();
  return paymentUs;
}

function benchBaseline(options: StoreBenchOptions): Promise<number> {
  const begun = new Map<string, Uint8Array>();
  const decided = new Map<string, Uint8Array>();
  return usPerPayment(options, (batch) => {
    for (const { tenantId, transactionId, payload } of batch)
      begun.set(`${tenantId}|${transactionId}`, payload);
    for (const { tenantId, transactionId } of batch) decided.set(`${tenantId}|${transactionId}`, DECISION);
    return Promise.resolve();
  });
}

function fill(book: HistoryBook, entityCount: number): void {
  for (let i = 0; i < entityCount; i++) {
    const record = recordAt(START_MS + i);
    // A key as it comes out of a payment: a string of its own, not a slice of a larger one.
    const key = Buffer.from(`ten_bench|card:cfp_${i}`).toString('latin1');
    book.advance(START_MS + i);
    book.append(key, record);
    book.append(key, record);
  }
}

async function benchSnapshot(
  entityCount: number,
): Promise<Pick<StoreBenchResult, 'snapshotMs' | 'snapshotPauseMs' | 'restoreMs'>> {
  const directory = await mkdtemp(join(tmpdir(), 'veto-bench-'));
  const histories = new HistoryBook();
  fill(histories, entityCount);
  const index = createMemoryClaimIndex();
  index.advance({ position: 0, appendedAtMs: 0, key: '' });
  const state = new StateOfLog(index, () => null, {
    histories,
    claims: new ClaimBook(),
    epoch: 1,
    lastSeq: 1,
  });
  try {
    let turnAt = performance.now();
    let snapshotPauseMs = 0;
    let isDone = false;
    const watch = (): void => {
      snapshotPauseMs = Math.max(snapshotPauseMs, performance.now() - turnAt);
      turnAt = performance.now();
      if (!isDone) setImmediate(watch);
    };
    setImmediate(watch);
    const startedAt = performance.now();
    await takeSnapshot(state, { directory, historyVersion: 0, whenJournaled: () => Promise.resolve() });
    isDone = true;
    const takenAt = performance.now();
    for (const path of await listSnapshots(directory)) await loadSnapshot(path, 0);
    return { snapshotMs: takenAt - startedAt, snapshotPauseMs, restoreMs: performance.now() - takenAt };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Memory of the process per entity with two records each: resident bytes, after as many collections as it takes. */
function benchMemory(entityCount: number): number {
  const settled = (): number => {
    for (let i = 0; i < 4; i++) globalThis.gc?.();
    return process.memoryUsage().rss;
  };
  const before = settled();
  const book = new HistoryBook();
  fill(book, entityCount);
  const after = settled();
  return book.entityCount === 0 ? Number.NaN : (after - before) / book.entityCount;
}

export async function benchEmbeddedStore(options: StoreBenchOptions): Promise<StoreBenchResult> {
  const bytesPerEntity = benchMemory(options.entityCount);
  const baselineUs = await benchBaseline(options);
  const paymentUs = await benchStore(options);
  const snapshot = await benchSnapshot(options.entityCount);
  return { paymentUs, paymentsPerSecond: 1e6 / paymentUs, baselineUs, bytesPerEntity, ...snapshot };
}
