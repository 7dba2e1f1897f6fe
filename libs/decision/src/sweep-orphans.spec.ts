import {
  InvariantError,
  TOPICS,
  VetoError,
  type EventLog,
  type LogRecord,
  type StateStore,
} from '@veto/domain';
import { createMemoryLog } from '@veto/log';
import { openEmbeddedStore } from '@veto/store';
import { aClock, DULL_TENANT_ID } from '@veto/testing';
import { aLine, anArrival, aScorer, withCalls, type TestLine } from './a-line.spec-support';
import { historyEventOf } from './history-event-of';
import { parseDecisionRecord } from './record-codec';
import { decideArrivals, scoreTransactions } from './score-transaction';
import { sweepOrphans } from './sweep-orphans';

const at = {
  ageMs: 2_000,
  countMax: 100,
  onMistake: (_id: unknown, mistake: unknown): void => {
    throw mistake;
  },
};

/** A store that stops existing at one of its calls, as a process does; what the log has is all that is left. */
function crashingAt(store: StateStore, call: 'commit' | 'after commit'): StateStore {
  return withCalls(store, {
    commit: async (requests: Parameters<StateStore['commit']>[0]) => {
      if (call === 'after commit') await store.commit(requests);
      throw new VetoError('store_unavailable', 'the process died', { retryable: true });
    },
  });
}

async function restarted(log: EventLog): Promise<TestLine> {
  const clock = aClock();
  clock.advance(10_000);
  const store = await openEmbeddedStore({ directory: null, log, clock, historyEventOf });
  return { ...(await aLine({ log, store })), clock };
}

async function decisionsOn(log: EventLog): Promise<readonly ReturnType<typeof parseDecisionRecord>[]> {
  const { records } = await log.read({ after: -1, recordCountMax: 1_000, topics: [TOPICS.decisions] });
  return records.map(({ value }) => parseDecisionRecord(value));
}

describe('a payment that a crash left half done', () => {
  it.each([['commit'], ['after commit']] as const)(
    'at %s is decided after the restart, with its own seq and histories',
    async (call) => {
      const log = createMemoryLog({ clock: aClock() });
      const line = await aLine({ log });
      await scoreTransactions(line, [anArrival('t_1'), anArrival('t_2')]);
      const crashed = scoreTransactions({ ...line, store: crashingAt(line.store, call) }, [anArrival('t_3')]);
      await expect(crashed).rejects.toMatchObject({ code: 'store_unavailable' });
      await scoreTransactions(line, [anArrival('t_4')]);

      const revived = await restarted(log);
      expect(await sweepOrphans(revived, at)).toBe(1);
      const records = await decisionsOn(log);
      const third = records.find(({ decision }) => decision.transaction_id === 't_3');
      const count = revived.featureSet.definitions.findIndex(({ name }) => name === 'card_count_1h');
      expect(third).toMatchObject({ seq: 3 });
      expect(third?.schema === 'decision.v1' && third.features[count]).toBe(2);
      expect(await sweepOrphans(revived, at)).toBe(0);
      const [again] = await scoreTransactions(revived, [anArrival('t_3')]);
      expect(again).toMatchObject({
        status: 'decided',
        replayed: true,
        body: JSON.stringify(third!.decision),
      });
      expect(await decisionsOn(log)).toHaveLength(4);
    },
  );

  it('has the decision id that it would have had', async () => {
    const line = await aLine();
    await expect(
      scoreTransactions({ ...line, store: crashingAt(line.store, 'commit') }, [anArrival('t_1')]),
    ).rejects.toThrow('died');
    line.clock.advance(60_000);
    await sweepOrphans(line, at);
    const [swept] = await decisionsOn(line.log);
    const untroubled = await aLine();
    const [scored] = await scoreTransactions(untroubled, [anArrival('t_1')]);
    expect(scored?.status === 'decided' && scored.record.decision.id).toBe(swept!.decision.id);
  });
});

describe('a sweep', () => {
  it('leaves alone what is younger than the age', async () => {
    const line = await aLine();
    await expect(
      scoreTransactions({ ...line, store: crashingAt(line.store, 'commit') }, [anArrival('t_1')]),
    ).rejects.toThrow('died');
    line.clock.advance(1_999);
    expect(await sweepOrphans(line, at)).toBe(0);
    line.clock.advance(1);
    expect(await sweepOrphans(line, at)).toBe(1);
  });

  it('takes no more than it is told', async () => {
    const line = await aLine();
    const broken = { ...line, store: crashingAt(line.store, 'commit') };
    await expect(
      scoreTransactions(
        broken,
        ['a', 'b', 'c'].map((id) => anArrival(id)),
      ),
    ).rejects.toThrow('died');
    line.clock.advance(5_000);
    expect(await sweepOrphans(line, { ...at, ageMs: 2_000, countMax: 2 })).toBe(2);
    expect(await sweepOrphans(line, { ...at, ageMs: 2_000, countMax: 2 })).toBe(1);
  });

  it('that overtakes a slow decision wins, and the slow one answers the same and appends nothing', async () => {
    let answer: (score: number) => void = () => undefined;
    const slow = {
      ...aScorer(() => 0),
      score: () =>
        new Promise<Float64Array>((resolve) => {
          answer = (score) => resolve(new Float64Array([score]));
        }),
    };
    const line = await aLine({ scorer: slow, deadlineMs: 60_000 });
    const waiting = scoreTransactions(line, [anArrival('t_1')]);
    await new Promise((resolve) => setImmediate(resolve));
    line.clock.advance(3_000);
    expect(await sweepOrphans({ ...line, scorer: aScorer(() => 0.9) }, at)).toBe(1);
    answer(0.001);
    const [scored] = await waiting;
    expect(scored).toMatchObject({
      status: 'decided',
      replayed: true,
      record: { decision: { outcome: 'block' } },
    });
    expect(await decisionsOn(line.log)).toHaveLength(1);
  });

  it('appends what was committed while the log was full', async () => {
    const inner = createMemoryLog({ clock: aClock() });
    let isFull = false;
    const refusing =
      <T>(append: (records: readonly LogRecord[]) => Promise<T>) =>
      (records: readonly LogRecord[]): Promise<T> =>
        isFull && records[0]?.topic === TOPICS.decisions
          ? Promise.reject(new VetoError('log_unavailable', 'the disk is full', { retryable: true }))
          : append(records);
    const log = withCalls<EventLog>(inner, {
      append: refusing((records) => inner.append(records)),
      appendReadable: refusing((records) => inner.appendReadable(records)),
    });
    const line = await aLine({ log });
    isFull = true;
    await expect(scoreTransactions(line, [anArrival('t_1')])).rejects.toMatchObject({
      code: 'log_unavailable',
    });
    await expect(sweepOrphans(line, at)).rejects.toMatchObject({ code: 'log_unavailable' });
    isFull = false;
    expect(await sweepOrphans(line, at)).toBe(1);
    expect(await sweepOrphans(line, at)).toBe(0);
    expect((await decisionsOn(log)).map(({ tenant_id: tenant }) => tenant)).toEqual([DULL_TENANT_ID]);
  });
});

describe('a payment about which we make a mistake', () => {
  /** A line that fails on one card, as a bug would. */
  async function aLineWithABug(): Promise<TestLine> {
    const line = await aLine();
    const hits: TestLine['lists']['hits'] = (tenantId, entities, nowMs) => {
      if (entities.some(({ value }) => value === 'cfp_bug')) throw new InvariantError('a bug');
      return line.lists.hits(tenantId, entities, nowMs);
    };
    return { ...line, lists: { ...line.lists, hits } };
  }
  const buggy = anArrival('t_bug', { card: { fingerprint: 'cfp_bug' } });

  it('fails alone: the others of its batch are decided as without it', async () => {
    const line = await aLineWithABug();
    const answers = await decideArrivals(line, [anArrival('t_1'), buggy, anArrival('t_2')]);
    const settled = await Promise.allSettled(answers);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await decisionsOn(line.log)).toHaveLength(2);
  });

  it('is told of by the sweeper, which finishes the others and stays alive', async () => {
    const line = await aLineWithABug();
    const crashed = { ...line, store: crashingAt(line.store, 'commit') };
    await expect(scoreTransactions(crashed, [anArrival('t_1'), anArrival('t_2')])).rejects.toThrow(
      'the process died',
    );
    await expect(scoreTransactions(line, [buggy])).rejects.toThrow('a bug');
    line.clock.advance(10_000);
    const mistakes: unknown[] = [];
    const onMistake = ({ transactionId }: { readonly transactionId: string }, mistake: unknown): void => {
      mistakes.push([transactionId, mistake instanceof InvariantError]);
    };
    expect(await sweepOrphans(line, { ...at, onMistake })).toBe(2);
    expect(mistakes).toEqual([['t_bug', true]]);
  });
});
