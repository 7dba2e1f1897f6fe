import {
  TOPICS,
  VetoError,
  type CommitRequest,
  type EventLog,
  type LogRecord,
  type StateStore,
} from '@veto/domain';
import { featureSet } from '@veto/features';
import { createMemoryLog } from '@veto/log';
import { aClock, aListEntry, DULL_TENANT_ID } from '@veto/testing';
import { aLine, anArrival, ANOTHER_TENANT, aScorer, withCalls } from './a-line.spec-support';
import type { Scored } from './line';
import { createListBook } from './list-book';
import { parseDecisionRecord } from './record-codec';
import { scoreTransactions } from './score-transaction';

type Decided = Scored & { readonly status: 'decided' };

function decidedOf(scored: Scored | undefined): Decided {
  if (scored?.status !== 'decided')
    throw new Error(`expected a decision, got ${scored?.status ?? 'nothing'}`);
  return scored;
}

const cardCount = featureSet.definitions.findIndex(({ name }) => name === 'card_count_1h');

/** A log whose appends of decisions wait until they are let go, or fail. */
function aGatedLog(): {
  readonly log: EventLog;
  readonly release: () => void;
  failing: boolean;
  readonly decisions: Uint8Array[];
} {
  const inner = createMemoryLog({ clock: aClock() });
  let release: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    release = resolve;
  });
  const gate = { failing: false, decisions: [] as Uint8Array[], release: () => release() };
  const append = async (records: readonly LogRecord[]): Promise<void> => {
    if (!records.every(({ topic }) => topic === TOPICS.decisions)) return inner.append(records);
    if (gate.failing) throw new VetoError('log_unavailable', 'the disk is full', { retryable: true });
    await opened;
    gate.decisions.push(...records.map(({ value }) => value));
    return inner.append(records);
  };
  const appendReadable: EventLog['appendReadable'] = async (records) => {
    await append(records);
    return inner.end();
  };
  const log = withCalls<EventLog>(inner, { append, appendReadable });
  return Object.assign(gate, { log });
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

describe('one transaction id', () => {
  it('gets one decision, and its bytes again when asked again', async () => {
    const line = await aLine();
    const first = decidedOf((await scoreTransactions(line, [anArrival('t_1')]))[0]);
    line.clock.advance(60_000);
    const second = decidedOf((await scoreTransactions(line, [anArrival('t_1')]))[0]);
    expect([first.replayed, second.replayed]).toEqual([false, true]);
    expect(second.body).toBe(first.body);
    expect(second.record).toEqual(JSON.parse(JSON.stringify(first.record)));
  });

  it('is refused with another body, naming the fields and not their values', async () => {
    const line = await aLine();
    await scoreTransactions(line, [anArrival('t_1')]);
    const other = anArrival('t_1', {
      transaction: { amount: 1 },
      card: { last4: '1111' },
      metadata: { 'a/b~': 'x' },
    });
    const [scored] = await scoreTransactions(line, [other]);
    const issue = (pointer: string): object => ({
      pointer,
      code: 'differs',
      detail: 'is not what was first sent with this transaction id',
    });
    expect(scored).toEqual({
      status: 'transaction_id_reused',
      issues: [issue('/card/last4'), issue('/metadata'), issue('/transaction/amount')],
    });
  });

  it('means another payment for another tenant', async () => {
    const line = await aLine();
    const [one, other] = await scoreTransactions(line, [
      anArrival('t_1'),
      anArrival('t_1', {}, { tenantId: ANOTHER_TENANT }),
    ]);
    expect([decidedOf(one).replayed, decidedOf(other).replayed]).toEqual([false, false]);
    expect(decidedOf(one).record.decision.id).not.toBe(decidedOf(other).record.decision.id);
  });

  it('sent twice in one batch is begun once; the other is told that it is in flight', async () => {
    const line = await aLine();
    const scored = await scoreTransactions(line, [anArrival('t_1'), anArrival('t_1')]);
    expect(scored.map(({ status }) => status)).toEqual(['decided', 'in_flight']);
  });

  it('sent with two bodies in one batch is refused for the second', async () => {
    const line = await aLine();
    const [, second] = await scoreTransactions(line, [
      anArrival('t_1'),
      anArrival('t_1', { transaction: { amount: 7 } }),
    ]);
    expect(second).toMatchObject({
      status: 'transaction_id_reused',
      issues: [{ pointer: '/transaction/amount' }],
    });
  });

  it('is the same payment with its keys in another order and its texts in another form of Unicode', async () => {
    const line = await aLine();
    const composed = anArrival('t_1', { customer: { id: 'cus_é' } });
    const { card, transaction, ...rest } = composed.payload;
    const reordered = {
      ...composed,
      payload: { ...rest, card, transaction, customer: { ...rest.customer, id: 'cus_e\u0301' } },
    };
    const first = decidedOf((await scoreTransactions(line, [reordered as typeof composed]))[0]);
    const second = decidedOf((await scoreTransactions(line, [composed]))[0]);
    expect(second.body).toBe(first.body);
    expect(first.record.transaction.customer?.id).toBe('cus_é');
  });
});

describe('fifty payments on one card at once', () => {
  it.each([['in one batch'], ['one by one']])('see 0 … 49 before them, %s', async (how) => {
    const line = await aLine();
    const arrivals = Array.from({ length: 50 }, (_, i) => anArrival(`t_${i}`));
    const scored =
      how === 'in one batch'
        ? await scoreTransactions(line, arrivals)
        : (await Promise.all(arrivals.map((arrival) => scoreTransactions(line, [arrival])))).flat();
    const counts = scored.map((one) => decidedOf(one).record.features[cardCount]);
    expect([...counts].sort((a, b) => a! - b!)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  });
});

describe('a decision', () => {
  it('is on the log, byte for byte, when it is answered', async () => {
    const line = await aLine();
    const { record, body } = decidedOf(
      (await scoreTransactions(line, [anArrival('t_1', { customer: { id: 'cus_é' } })]))[0],
    );
    const { records } = await line.log.read({ after: -1, recordCountMax: 10, topics: [TOPICS.decisions] });
    expect(records).toHaveLength(1);
    expect(records[0]?.key).toBe(`${DULL_TENANT_ID}|t_1`);
    const logged = parseDecisionRecord(records[0]!.value);
    expect(logged).toEqual(record);
    expect(JSON.stringify(logged.decision)).toBe(body);
  });

  it('is not answered before it is on the log, nor is its repetition', async () => {
    const gate = aGatedLog();
    const line = await aLine({ log: gate.log });
    const answered: string[] = [];
    const first = scoreTransactions(line, [anArrival('t_1')]).then(() => answered.push('first'));
    await turns(5);
    const second = scoreTransactions(line, [anArrival('t_1')]).then(() => answered.push('second'));
    await turns(5);
    expect(answered).toEqual([]);
    gate.release();
    await Promise.all([first, second]);
    expect(answered).toEqual(['first', 'second']);
    expect(gate.decisions).toHaveLength(1);
  });

  it('whose append failed is refused, and appended before its repetition is answered', async () => {
    const gate = aGatedLog();
    const line = await aLine({ log: gate.log });
    gate.failing = true;
    await expect(scoreTransactions(line, [anArrival('t_1')])).rejects.toMatchObject({
      code: 'log_unavailable',
      retryable: true,
    });
    await expect(scoreTransactions(line, [anArrival('t_1')])).rejects.toMatchObject({
      code: 'log_unavailable',
    });
    gate.failing = false;
    gate.release();
    const again = decidedOf((await scoreTransactions(line, [anArrival('t_1')]))[0]);
    expect(gate.decisions).toHaveLength(1);
    expect(JSON.stringify(parseDecisionRecord(gate.decisions[0]!).decision)).toBe(again.body);
  });

  it('whose commit was forestalled is the winner’s, and is not appended a second time', async () => {
    const line = await aLine();
    let winner: Uint8Array | null = null;
    const forestalled = withCalls<StateStore>(line.store, {
      commit: async (requests: readonly CommitRequest[]) => {
        const record = parseDecisionRecord(requests[0]!.bytes);
        winner = Buffer.from(
          JSON.stringify({ ...record, decision: { ...record.decision, outcome: 'block' } }),
        );
        await line.store.commit([{ ...requests[0]!, bytes: winner }]);
        return line.store.commit(requests);
      },
    });
    const [scored] = await scoreTransactions({ ...line, store: forestalled }, [anArrival('t_1')]);
    expect(decidedOf(scored)).toMatchObject({ replayed: true, record: { decision: { outcome: 'block' } } });
    const { records } = await line.log.read({ after: -1, recordCountMax: 10, topics: [TOPICS.decisions] });
    expect(records.map(({ value }) => Buffer.from(value).equals(winner!))).toEqual([true]);
  });

  it('names in its timings what it waited for, up to the decision; the rest goes beside it', async () => {
    const line = await aLine();
    const { record, serverTimingMs } = decidedOf((await scoreTransactions(line, [anArrival('t_1')]))[0]);
    expect(Object.keys(record.decision.timings_ms)).toEqual([
      'parse',
      'wait',
      'begin',
      'features',
      'model',
      'rules',
    ]);
    expect(Object.keys(serverTimingMs)).toEqual([
      'parse',
      'wait',
      'begin',
      'features',
      'model',
      'rules',
      'commit',
      'log',
      'total',
    ]);
    const { total, ...stages } = serverTimingMs;
    expect(Object.values(stages).reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(total! + 0.01);
  });

  it('explains what it does not approve, and nothing else', async () => {
    const risky = await aLine({ scorer: aScorer(() => 0.9) });
    const { record: blocked } = decidedOf((await scoreTransactions(risky, [anArrival('t_1')]))[0]);
    expect(blocked.decision).toMatchObject({
      outcome: 'block',
      score: 0.9,
      score_base: 0.02,
      other_contributions: 0,
    });
    expect(blocked.scored?.contributions).toHaveLength(featureSet.definitions.length);
    const safe = await aLine({ scorer: aScorer(() => 0.001) });
    const { record: approved } = decidedOf((await scoreTransactions(safe, [anArrival('t_1')]))[0]);
    expect(approved.decision).toMatchObject({
      outcome: 'approve',
      score: 0.001,
      score_base: null,
      reason_codes: [],
    });
    expect(approved.scored).toEqual({ score: 0.001, base: null, contributions: null });
  });

  it('counts the reviews of its own batch', async () => {
    const base = await aLine({ scorer: aScorer(() => 0.6) });
    const line = { ...base, policy: { ...base.policy, review_capacity: 2 } };
    const arrivals = ['a', 'b', 'c'].map((id) => anArrival(id, { transaction: { amount: 200_00 } }));
    const outcomes = (await scoreTransactions(line, arrivals)).map(
      (scored) => decidedOf(scored).record.decision.outcome,
    );
    expect(outcomes).toEqual(['review', 'review', 'challenge']);
  });
});

describe('a card on the block list', () => {
  const lists = createListBook();
  lists.apply({ type: 'list_entry_added', tenant_id: DULL_TENANT_ID, entry: aListEntry() });

  it.each([
    ['with a model that finds it harmless', { scorer: aScorer(() => 0) }],
    ['with a silent model', { scorer: null }],
    ['after the deadline', { deadlineMs: 0 }],
  ])('is blocked %s', async (_, overrides) => {
    const line = await aLine({ lists, ...overrides });
    const { record } = decidedOf((await scoreTransactions(line, [anArrival('t_1')]))[0]);
    expect(record.decision).toMatchObject({
      outcome: 'block',
      decided_by: { kind: 'list', id: 'le_00000001' },
    });
  });
});

describe('an empty batch', () => {
  it('is answered at once', async () => {
    expect(await scoreTransactions(await aLine(), [])).toEqual([]);
  });
});
