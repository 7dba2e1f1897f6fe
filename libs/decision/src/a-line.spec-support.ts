import type {
  EventLog,
  Explanation,
  ModelManifest,
  ModelScorer,
  StateStore,
  TenantId,
  TransactionPayload,
} from '@veto/domain';
import { featureSet } from '@veto/features';
import { createMemoryLog } from '@veto/log';
import { compileRuleset, startingRules } from '@veto/rules';
import { openEmbeddedStore } from '@veto/store';
import {
  aClock,
  aTransactionPayload,
  DULL_NOW_MS,
  DULL_TENANT_ID,
  type ManualClock,
  type PayloadOverrides,
} from '@veto/testing';
import { createFailOpenBook } from './fail-open-book';
import { historyEventOf } from './history-event-of';
import type { Arrival, Line } from './line';
import { createListBook } from './list-book';
import { startingPolicy } from './starting-policy';

/** A line on a log and a store in memory, with a clock that stands still. */
export interface TestLine extends Line {
  readonly clock: ManualClock;
  readonly store: StateStore;
  readonly log: EventLog;
}

export async function aLine(overrides: Partial<Line> = {}): Promise<TestLine> {
  const clock = aClock();
  const log = overrides.log ?? createMemoryLog({ clock });
  const store = overrides.store ?? (await openEmbeddedStore({ directory: null, log, clock, historyEventOf }));
  return {
    scorer: null,
    featureSet,
    ruleset: compileRuleset(startingRules, featureSet),
    policy: startingPolicy,
    lists: createListBook(),
    openReviews: () => 0,
    failOpen: createFailOpenBook(),
    stopwatch: () => performance.now(),
    deadlineMs: 1_000,
    ...overrides,
    store,
    log,
    clock,
  };
}

/** A dull payment at the door. */
export function anArrival(
  id: string,
  overrides: PayloadOverrides = {},
  more: Partial<Arrival> = {},
): Arrival {
  const payload: TransactionPayload = aTransactionPayload({
    ...overrides,
    transaction: { id, ...overrides.transaction },
  });
  return { tenantId: DULL_TENANT_ID, payload, receivedAtMs: DULL_NOW_MS, parseMs: 0.1, ...more };
}

export const ANOTHER_TENANT = 'ten_other' as TenantId;

const manifest: ModelManifest = {
  id: 'fraud-test',
  version: '2026-06-01',
  format: 'veto-model.v1',
  files: {
    model: { path: 'model.onnx', sha256: 'a'.repeat(64) },
    trees: { path: 'trees.json', sha256: 'b'.repeat(64) },
    golden: { path: 'golden.json', sha256: 'c'.repeat(64) },
  },
  features: featureSet.definitions.map(({ name }) => name),
  features_hash: featureSet.hash,
  typical: { card_count_10m: [0, 2] },
  calibration: { method: 'none', a: 1, b: 0 },
  training: {
    data: 'none',
    from: '2026-01-01',
    to: '2026-02-01',
    rows: 1,
    frauds: 0,
    seed: 1,
    library: 'none',
  },
  metrics: {},
  created_at: '2026-06-01T00:00:00Z',
};

/**
 * A model that says what it is told: the score by vector, and an explanation that spreads the distance from 0.02 over
 * the first features, so that it sums as a real one does.
 */
export function aScorer(
  scoreOf: (vector: Float64Array) => number,
  shares: readonly number[] = [0.5, -0.25, 0.75],
): ModelScorer {
  return {
    manifest,
    score: (vectors) => Promise.resolve(Float64Array.from(vectors, scoreOf)),
    explain(vector): Explanation {
      const score = scoreOf(vector);
      const contributions = new Float64Array(featureSet.definitions.length);
      shares.forEach((share, i) => {
        contributions[i] = share * (score - 0.02);
      });
      return { score, base: 0.02, contributions };
    },
    close: () => Promise.resolve(),
  };
}

/** The part itself, but for the calls that are answered otherwise. */
export function withCalls<T extends object>(part: T, calls: Partial<T>): T {
  return new Proxy(part, {
    get(target, name): unknown {
      const own: unknown = Reflect.get(calls, name);
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
