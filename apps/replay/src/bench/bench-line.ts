import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { historyEventOf, scoreTransactions, type Line } from '@veto/decision';
import {
  invariant,
  transactionOf,
  type TenantId,
  type Transaction,
  type TransactionPayload,
} from '@veto/domain';
import { computeFeatures, encodePaymentRecord, entityKeysOf } from '@veto/features';
import { createMemoryLog } from '@veto/log';
import { evaluateRules } from '@veto/rules';
import { openEmbeddedStore } from '@veto/store';
import { openReplayLine } from '../line/open-replay-line';
import { ReplayClock } from '../line/replay-clock';
import { fullBody, payloadOf, sparseBody } from './synthetic-payments';

/** One measured figure: a ratio against a stated baseline of the same run, or a rate, and what was aimed at. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly goal: string;
  readonly met: boolean;
  readonly detail: string;
}

const TENANT = 'bench' as TenantId;
const START_MS = Date.UTC(2026, 0, 5, 12);

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** µs per call of `run`, median of `rounds` rounds over all items. */
async function microsPerItem(itemCount: number, rounds: number, run: () => unknown): Promise<number> {
  const micros: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const startedAtMs = performance.now();
    await run();
    micros.push(((performance.now() - startedAtMs) * 1_000) / itemCount);
  }
  return median(micros);
}

/** Puts payments through the line in batches, one a simulated 20 ms. @returns the payloads, in order */
async function fill(
  line: Line,
  clock: ReplayClock,
  count: number,
  bodyOf: (i: number, atMs: number) => unknown,
): Promise<number> {
  let spentMs = 0;
  for (let i = 0; i < count; i += 256) {
    const arrivals = Array.from({ length: Math.min(256, count - i) }, (_, j) => {
      const atMs = START_MS + (i + j) * 20;
      return { tenantId: TENANT, payload: payloadOf(bodyOf(i + j, atMs)), receivedAtMs: atMs, parseMs: 0 };
    });
    clock.advanceTo(START_MS + i * 20);
    const startedAtMs = performance.now();
    await scoreTransactions(line, arrivals);
    spentMs += performance.now() - startedAtMs;
  }
  return spentMs;
}

/** Features + rules + model of a full transaction, on filled histories, against one `JSON.parse` of its body. */
export async function benchComputation(options: {
  modelDirectory: string;
  warmCount: number;
  rounds: number;
}): Promise<Figure> {
  const { line, clock, close } = await openReplayLine({
    modelDirectory: options.modelDirectory,
    dataDirectory: null,
  });
  await fill(line, clock, options.warmCount, fullBody);
  const samples = await samplesOf(line, options.warmCount);
  const scorer = line.scorer;
  invariant(scorer !== null, 'the bench runs with a model');

  const parse = await microsPerItem(
    samples.length,
    options.rounds,
    () => samples.map(({ text }) => JSON.parse(text) as unknown).length,
  );
  const vectors = samples.map((sample) => computeFeatures(sample));
  const features = await microsPerItem(
    samples.length,
    options.rounds,
    () => samples.map((sample) => computeFeatures(sample)).length,
  );
  const rules = await microsPerItem(
    samples.length,
    options.rounds,
    () =>
      samples.map(({ transaction }, i) => {
        const vector = vectors[i];
        invariant(vector !== undefined, 'one vector per sample');
        return evaluateRules(line.ruleset, { transaction, features: vector, score: 0.2, listHits: [] });
      }).length,
  );
  const model = await microsPerItem(samples.length, options.rounds, async () => {
    for (let i = 0; i < vectors.length; i += 32)
      await scorer.score(vectors.slice(i, i + 32).map((vector) => vector.values));
  });
  await close();
  const ratio = (features + rules + model) / parse;
  const detail = `features ${features.toFixed(1)} + rules ${rules.toFixed(1)} + model ${model.toFixed(1)} µs (batches of 32) against JSON.parse ${parse.toFixed(1)} µs of ${samples[0]?.text.length} B`;
  return {
    name: 'features + rules + model',
    value: ratio,
    unit: '× JSON.parse',
    goal: '≤ 8',
    met: ratio <= 8,
    detail,
  };
}

interface Sample {
  readonly text: string;
  readonly transaction: Transaction;
  readonly seq: number;
  readonly histories: {
    readonly kind: ReturnType<typeof entityKeysOf>[number]['kind'];
    readonly bytes: Uint8Array;
  }[];
}

/** 512 transactions that follow the filled ones, with the histories that they would see. */
async function samplesOf(line: Line, warmCount: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (let i = warmCount; i < warmCount + 512; i++) {
    const atMs = START_MS + i * 20;
    const payload: TransactionPayload = payloadOf(fullBody(i, atMs));
    const transaction = transactionOf(payload, { tenantId: TENANT, receivedAtMs: atMs });
    const entities = entityKeysOf(transaction);
    const [begun] = await line.store.begin([
      {
        tenantId: TENANT,
        transactionId: transaction.id,
        fingerprint: 'sha256:bench',
        entityKeys: entities.map(({ key }) => key),
        record: encodePaymentRecord(transaction),
        payload: new Uint8Array(),
      },
    ]);
    invariant(begun?.status === 'begun', 'a fresh id begins');
    const histories = entities.map(({ kind }, j) => ({
      kind,
      bytes: begun.histories[j] ?? new Uint8Array(),
    }));
    samples.push({ text: JSON.stringify(payload), transaction, seq: begun.seq, histories });
  }
  return samples;
}

/** Transactions a second through the whole line, log and state in memory, sparse as the Handbook's. */
export async function benchReplayRate(options: { modelDirectory: string; count: number }): Promise<Figure> {
  const { line, clock, close } = await openReplayLine({
    modelDirectory: options.modelDirectory,
    dataDirectory: null,
  });
  const spentMs = await fill(line, clock, options.count, sparseBody);
  await close();
  const rate = (options.count / spentMs) * 1_000;
  return {
    name: 'replay',
    value: Math.round(rate),
    unit: 'transactions/s',
    goal: '≥ 20000 per core',
    met: rate >= 20_000,
    detail: `${options.count} Handbook-like transactions through the line in ${(spentMs / 1_000).toFixed(1)} s, log and state in memory`,
  };
}

/** Bytes that are held, by the heap and outside it, after a full collection. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Memory of the state store for a million entities, two records each. */
export async function benchMemory(options: { entityCount: number }): Promise<Figure> {
  const clock = new ReplayClock();
  const log = createMemoryLog({ clock, retain: [] });
  const store = await openEmbeddedStore({ directory: null, log, clock, historyEventOf });
  const before = heldBytes();
  const record = encodePaymentRecord(
    transactionOf(payloadOf(sparseBody(1, START_MS)), { tenantId: TENANT, receivedAtMs: START_MS }),
  );
  const none = new Uint8Array();
  for (let i = 0; i < options.entityCount * 2; i += 500) {
    const keys = Array.from(
      { length: 500 },
      (_, j) => `bench|card:cfp_${String((i + j) % options.entityCount).padStart(20, '0')}`,
    );
    const labels = {
      tenantId: TENANT,
      labelKey: `bench_${i}`,
      entityKeys: keys,
      record: record.slice(),
      payload: none,
    };
    await store.appendLabel(labels);
  }
  const bytes = heldBytes() - before;
  await store.close();
  await log.close();
  const gigabytesPerMillion = (bytes / 1e9) * (1e6 / options.entityCount);
  return {
    name: 'memory per million entities',
    value: Number(gigabytesPerMillion.toFixed(2)),
    unit: 'GB',
    goal: '≤ 1.0',
    met: gigabytesPerMillion <= 1,
    detail: `${options.entityCount} entities with two records each: ${Math.round(bytes / options.entityCount)} B held per entity, keys and indexes included`,
  };
}
