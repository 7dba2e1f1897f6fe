import { HISTORY_RECORD_BYTES, systemClock, TOPICS, type BeginRequest, type BeginResult, type EventLog, type LogRecord } from '@veto/domain';
import { createMemoryLog } from '@veto/log';
import { openEmbeddedStore } from './embedded-state-store';
import { HistoryBook } from './history-book';

const TIME_OFFSET = 10;
const START_MS = Date.UTC(2026, 5, 15);

export interface StoreBenchOptions {
  /** ms, monotonic. */
  readonly stopwatch: () => number;
  readonly paymentCount: number;
  readonly entityCount: number;
}

export interface StoreBenchResult {
  /** begin + commit of a payment with three entities, in batches of 32, its decision appended to a memory log. */
  readonly beginCommitPerSecond: number;
  /** The same calls with two Map look-ups and no state: what the calling itself costs. */
  readonly baselinePerSecond: number;
  readonly bytesPerEntity: number;
  /** The largest share of entities of which the figure was taken. */
  readonly entityCount: number;
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
    entityKeys: [`ten_bench|card:cfp_${i % 50_000}`, `ten_bench|device:dfp_${i % 30_011}`, `ten_bench|merchant:mer_${i % 500}`],
    record: recordAt(START_MS + i * 10),
    payload: PAYLOAD,
  };
}

function batchesOf(count: number, from: number): BeginRequest[][] {
  const batches: BeginRequest[][] = [];
  for (let i = from; i < from + count; i += 32) {
    batches.push(Array.from({ length: Math.min(32, from + count - i) }, (_, j) => requestAt(i + j)));
  }
  return batches;
}

/** A commit's bytes are the decision's own, so each has its own array. */
async function decideAll(begin: (batch: readonly BeginRequest[]) => Promise<readonly BeginResult[]>, decide: (batch: readonly BeginRequest[]) => Promise<void>, batches: readonly BeginRequest[][]): Promise<void> {
  for (const batch of batches) {
    await begin(batch);
    await decide(batch);
  }
}

async function benchStore(log: EventLog, options: StoreBenchOptions): Promise<number> {
  const store = await openEmbeddedStore({ directory: null, log, clock: systemClock, historyEventOf: () => null });
  const decide = async (batch: readonly BeginRequest[]): Promise<void> => {
    const results = await store.commit(batch.map(({ tenantId, transactionId }) => ({ tenantId, transactionId, bytes: DECISION.subarray() })));
    const records: LogRecord[] = results.map(({ bytes }, i) => ({ topic: TOPICS.decisions, key: `ten_bench|${batch[i]!.transactionId}`, value: bytes }));
    await log.append(records);
  };
  const rates: number[] = [];
  for (let round = 0; round < 5; round++) {
    const batches = batchesOf(options.paymentCount, round * options.paymentCount);
    const startedAt = options.stopwatch();
    await decideAll((batch) => store.begin(batch), decide, batches);
    rates.push((options.paymentCount / (options.stopwatch() - startedAt)) * 1_000);
  }
  await store.close();
  return Math.max(...rates);
}

async function benchBaseline(options: StoreBenchOptions): Promise<number> {
  const rates: number[] = [];
  for (let round = 0; round < 5; round++) {
    const begun = new Map<string, Uint8Array>();
    const decided = new Map<string, Uint8Array>();
    const batches = batchesOf(options.paymentCount, round * options.paymentCount);
    const startedAt = options.stopwatch();
    await decideAll(
      (batch) => {
        for (const { tenantId, transactionId, payload } of batch) begun.set(`${tenantId}|${transactionId}`, payload);
        return Promise.resolve([]);
      },
      (batch) => {
        for (const { tenantId, transactionId } of batch) decided.set(`${tenantId}|${transactionId}`, DECISION);
        return Promise.resolve();
      },
      batches,
    );
    rates.push((options.paymentCount / (options.stopwatch() - startedAt)) * 1_000);
  }
  return Math.max(...rates);
}

/** Memory of the process per entity with two records each: resident bytes, after as many collections as it takes. */
function benchMemory(entityCount: number): number {
  const settled = (): number => {
    for (let i = 0; i < 4; i++) globalThis.gc?.();
    return process.memoryUsage().rss;
  };
  const before = settled();
  const book = new HistoryBook();
  for (let i = 0; i < entityCount; i++) {
    const record = recordAt(START_MS + i);
    // A key as it comes out of a payment: a string of its own, not a slice of a larger one.
    const key = Buffer.from(`ten_bench|card:cfp_${i}`).toString('latin1');
    book.advance(START_MS + i);
    book.append(key, record);
    book.append(key, record);
  }
  const after = settled();
  return book.entityCount === 0 ? Number.NaN : (after - before) / book.entityCount;
}

export async function benchEmbeddedStore(options: StoreBenchOptions): Promise<StoreBenchResult> {
  const bytesPerEntity = benchMemory(options.entityCount);
  const baselinePerSecond = await benchBaseline(options);
  const log = createMemoryLog({ clock: systemClock, retain: [] });
  const beginCommitPerSecond = await benchStore(log, options);
  return { beginCommitPerSecond, baselinePerSecond, bytesPerEntity, entityCount: options.entityCount };
}
