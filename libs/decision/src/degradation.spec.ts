import { ladderLevelOf, TOPICS, unpackApplied, type DecisionRecord, type LineStage } from '@veto/domain';
import { aListEntry, DULL_TENANT_ID } from '@veto/testing';
import { anArrival, aScorer, withCalls } from './a-line.spec-support';
import { anInstance, sharedParts, type Instance, type SharedParts } from './an-instance.spec-support';
import { ON_THE_WAY_COUNT_MAX } from './decisions-on-the-way';
import type { Scored } from './line';
import { createListBook } from './list-book';
import { parseAutomaticDecision } from './record-codec';
import { replayDecision } from './replay-decision';
import { scoreTransactions } from './score-transaction';
import { sweepOrphans } from './sweep-orphans';

type Decided = Extract<Scored, { readonly status: 'decided' }>;

async function decidedBy({ line }: Instance, ...of: Parameters<typeof anArrival>): Promise<Decided> {
  const [scored] = await scoreTransactions(line, [anArrival(...of)]);
  if (scored?.status !== 'decided') throw new Error(`expected a decision, got ${scored?.status}`);
  return scored;
}

async function decisionsOn({ log }: SharedParts): Promise<readonly DecisionRecord[]> {
  const { records } = await log.read({ after: -1, recordCountMax: 1_000, topics: [TOPICS.decisions] });
  return records.map(({ value }) => parseAutomaticDecision(value));
}

/** Each level, and how it is brought about. */
const LEVELS: readonly {
  readonly level: string;
  readonly silent: readonly LineStage[];
  readonly break: (instance: Instance) => Instance;
  readonly durability?: 'wal';
}[] = [
  { level: 'L0', silent: [], break: (instance) => instance },
  {
    level: 'L1',
    silent: ['histories'],
    break: (instance) => Object.assign(instance, { state: 'silent' }),
  },
  {
    level: 'L2',
    silent: ['model'],
    break: (instance) => ({ ...instance, line: { ...instance.line, scorer: null } }),
  },
  {
    level: 'L3',
    silent: ['model', 'deadline'],
    break: (instance) => ({ ...instance, line: withSlowBegin(instance.line, 101) }),
  },
  {
    level: 'L4',
    silent: ['log'],
    break: (instance) => Object.assign(instance, { logs: 'away' }),
    durability: 'wal',
  },
];

/** The state takes its time, by the stopwatch. */
function withSlowBegin(line: Instance['line'], beginMs: number): Instance['line'] {
  let nowMs = 0;
  const store = withCalls(line.store, {
    begin: (requests) => {
      nowMs += beginMs;
      return line.store.begin(requests);
    },
  });
  return { ...line, store, stopwatch: () => nowMs, deadlineMs: 100 };
}

const scorer = aScorer(() => 0.02);

describe.each(LEVELS)('at $level', ({ level, silent, break: broken, durability = 'log' }) => {
  it('a payment is decided, and the record says which stages were silent', async () => {
    const shared = await sharedParts();
    const instance = broken(await anInstance(shared, { scorer }));
    const scored = await decidedBy(instance, 't_1');
    expect(scored.record.silent).toEqual(silent);
    expect(ladderLevelOf(scored.record.silent)).toBe(level);
    expect(scored.record.decision).toMatchObject({
      status: silent.length === 0 ? 'final' : 'degraded',
      degraded: silent,
      durability,
    });
    expect(scored.durability).toBe(durability);
  });

  it('its record, read back, decides the same again, byte for byte', async () => {
    const shared = await sharedParts();
    const instance = broken(await anInstance(shared, { scorer }));
    for (const [id, amount] of [
      ['t_small', 10_00],
      ['t_middle', 100_00],
      ['t_large', 900_00],
    ] as const)
      await decidedBy(instance, id, { transaction: { amount } });
    await instance.drain();
    const records = await decisionsOn(shared);
    expect(records).toHaveLength(3);
    const model = instance.line.scorer?.manifest ?? null;
    for (const record of records)
      expect(replayDecision(record, { ...instance.line, model })).toMatchObject({ identical: true });
  });

  it('the block list is enforced', async () => {
    const lists = createListBook();
    lists.apply({ type: 'list_entry_added', tenant_id: DULL_TENANT_ID, entry: aListEntry() });
    const instance = broken(await anInstance(await sharedParts(), { scorer, lists }));
    const { record } = await decidedBy(instance, 't_1');
    expect(record.decision).toMatchObject({ outcome: 'block', decided_by: { kind: 'list' } });
  });

  it('the payment is answered the same when it is asked about again, by whichever instance, when all is well', async () => {
    const shared = await sharedParts();
    const instance = broken(await anInstance(shared, { scorer }));
    const first = await decidedBy(instance, 't_1');
    Object.assign(instance, { state: 'none' });
    await instance.drain();
    const again = await decidedBy(instance, 't_1');
    const elsewhere = await decidedBy(await anInstance(shared), 't_1');
    expect([again.body, elsewhere.body]).toEqual([first.body, first.body]);
  });
});

describe('at L1', () => {
  it('features are of what the instance saw itself, and the payment has no place in the order', async () => {
    const shared = await sharedParts();
    const [here, there] = [await anInstance(shared, { scorer }), await anInstance(shared, { scorer })];
    const count = here.line.featureSet.definitions.findIndex(({ name }) => name === 'card_count_1h');
    await decidedBy(there, 't_there');
    here.state = 'silent';
    const counts: unknown[] = [];
    for (const id of ['t_1', 't_2', 't_3']) {
      const { record } = await decidedBy(here, id);
      counts.push([record.seq, record.features[count]]);
    }
    expect(counts).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
    ]);
  });

  it('the log keeps what the payment does to histories, without a place in the order', async () => {
    const shared = await sharedParts();
    const instance = await anInstance(shared, { scorer });
    await decidedBy(instance, 't_placed');
    instance.state = 'silent';
    await decidedBy(instance, 't_unplaced');
    const { records } = await shared.log.read({ after: -1, recordCountMax: 9, topics: [TOPICS.decisions] });
    expect(records.map(({ seq, epoch }) => [seq, epoch])).toEqual([
      [1, 1],
      [undefined, undefined],
    ]);
    const [placed, unplaced] = records.map(({ applied }) => unpackApplied(applied!));
    expect(unplaced?.entityKeys).toEqual(placed?.entityKeys);
    expect(placed?.entityKeys).toContain(
      `${DULL_TENANT_ID}|card:${anArrival('x').payload.card?.fingerprint}`,
    );
  });

  it('a large payment is not approved on one instance’s word', async () => {
    const instance = await anInstance(await sharedParts(), { scorer: aScorer(() => 0.0001) });
    const large = { transaction: { amount: 900_00 } };
    expect((await decidedBy(instance, 't_1', large)).record.decision.outcome).toBe('approve');
    instance.state = 'silent';
    expect((await decidedBy(instance, 't_2', large)).record.decision).toMatchObject({
      outcome: 'review',
      decided_by: { kind: 'default', id: 'DEFAULT_HISTORIES_SILENT' },
    });
  });
});

describe('at L4', () => {
  it('an answer that went to the write-ahead file after it was decided says so beside its body', async () => {
    const shared = await sharedParts();
    const instance = await anInstance(shared);
    const slow = {
      ...aScorer(() => 0.02),
      score: (vectors: readonly Float64Array[]) => Promise.resolve(new Float64Array(vectors.length)),
    };
    const store = withCalls(instance.line.store, {
      commit: (requests) => {
        instance.logs = 'away';
        return instance.line.store.commit(requests);
      },
    });
    const scored = await decidedBy({ ...instance, line: { ...instance.line, store, scorer: slow } }, 't_1');
    expect([scored.record.decision.durability, scored.durability]).toEqual(['log', 'wal']);
    expect(await decisionsOn(shared)).toHaveLength(0);
    await instance.drain();
    expect((await decisionsOn(shared)).map(({ decision }) => JSON.stringify(decision))).toEqual([
      scored.body,
    ]);
  });
});

describe('at L5', () => {
  it('nothing is answered, and the decision that was made is the answer when the log is back', async () => {
    const shared = await sharedParts();
    const instance = await anInstance(shared, { scorer });
    for (const state of ['none', 'silent'] as const) {
      Object.assign(instance, { logs: 'full', state });
      const refused = { code: 'log_unavailable', retryable: true };
      await expect(decidedBy(instance, `t_${state}`)).rejects.toMatchObject(refused);
      await expect(decidedBy(instance, `t_${state}`)).rejects.toMatchObject(refused);
      instance.logs = 'none';
      const scored = await decidedBy(instance, `t_${state}`);
      expect(scored).toMatchObject({ replayed: true, durability: 'log' });
      expect((await decisionsOn(shared)).at(-1)?.decision).toEqual(scored.record.decision);
    }
  });
});

const dull = anArrival('t_dull');

/** Of whose entities nothing is known: there is no past to look through. */
function aStranger(n: number): typeof dull {
  const transaction = { ...dull.payload.transaction, id: `t_${n}` };
  return { ...dull, payload: { transaction, merchant: { id: `mer_${n}` } } };
}

describe('at L5 for long', () => {
  it('no more is decided than the log may owe, and all of it comes onto the log when it is back', async () => {
    const shared = await sharedParts();
    const instance = await anInstance(shared);
    instance.logs = 'full';
    const batchCount = ON_THE_WAY_COUNT_MAX / 256;
    const batch = (n: number): (typeof dull)[] =>
      Array.from({ length: 256 }, (_, i) => aStranger(n * 256 + i));
    for (let n = 0; n < batchCount; n++)
      await expect(scoreTransactions(instance.line, batch(n))).rejects.toMatchObject({
        code: 'log_unavailable',
      });
    await expect(scoreTransactions(instance.line, batch(batchCount))).rejects.toThrow(
      `${ON_THE_WAY_COUNT_MAX} decisions wait for the log`,
    );
    expect(await shared.store.pending({ ageMs: 0, countMax: 9 })).toEqual([]);
    instance.logs = 'none';
    const swept = { ageMs: 0, countMax: ON_THE_WAY_COUNT_MAX, onMistake: () => undefined };
    expect(await sweepOrphans(instance.line, swept)).toBe(ON_THE_WAY_COUNT_MAX);
    const { records } = await shared.log.read({
      after: -1,
      recordCountMax: 9_000,
      topics: [TOPICS.decisions],
    });
    expect(new Set(records.map(({ key }) => key)).size).toBe(ON_THE_WAY_COUNT_MAX);
    await expect(decidedBy(instance, 't_new')).resolves.toMatchObject({ replayed: false });
  });
});

describe('the fail-open budget', () => {
  it('bounds what is approved while the model is silent, also within one batch, and replay reproduces it', async () => {
    const shared = await sharedParts();
    const { line } = await anInstance(shared);
    const tight = { ...line, policy: { ...line.policy, fail_open_budget: 100_00 } };
    const payments = [1, 2, 3, 4].map((n) => anArrival(`t_${n}`, { transaction: { amount: 40_00 } }));
    const scored = await scoreTransactions(tight, payments);
    const records = scored.map((one) => (one as Decided).record);
    expect(records.map(({ decision, fail_open_spent: spent }) => [decision.outcome, spent])).toEqual([
      ['approve', undefined],
      ['approve', 40_00],
      ['review', 80_00],
      ['review', 80_00],
    ]);
    for (const record of await decisionsOn(shared))
      expect(replayDecision(record, { ...tight, model: null })).toMatchObject({ identical: true });
  });
});
