import { InvariantError, VetoError } from '@veto/domain';
import { aLine, anArrival, aScorer, withCalls } from './a-line.spec-support';
import { createScoringDoor } from './scoring-door';
import { createStreamDoor, type Streamed } from './stream-door';

const bodiesOf = (streamed: readonly Streamed[]): readonly string[] =>
  streamed.map((one) => (one.status === 'decided' ? one.body : one.status));

describe('the stream door', () => {
  it('decides as the door of single payments does: the same features, the same outcome', async () => {
    const ids = ['a', 'b', 'c'];
    const streamLine = await aLine({ scorer: aScorer((vector) => (vector[0] ?? 0) / 10) });
    const streamed = await createStreamDoor(streamLine).decide(ids.map((id) => anArrival(id)));
    const line = await aLine({ scorer: streamLine.scorer });
    const door = createScoringDoor(line);
    for (const [i, id] of ids.entries()) {
      const scored = await door.score(anArrival(id));
      const other = streamed[i]!;
      if (scored.status !== 'decided' || other.status !== 'decided') throw new Error('not decided');
      const { timings_ms: _, ...decision } = scored.record.decision;
      expect(other.record).toMatchObject({
        features: scored.record.features,
        seq: scored.record.seq,
        decision,
      });
    }
  });

  it('answers a batch that is delivered again as the first time', async () => {
    const door = createStreamDoor(await aLine());
    const batch = ['a', 'b'].map((id) => anArrival(id));
    const first = await door.decide(batch);
    const again = await door.decide(batch);
    expect(bodiesOf(again)).toEqual(bodiesOf(first));
    expect(again.map((one) => one.status === 'decided' && one.replayed)).toEqual([true, true]);
  });

  it('answers one id twice in a batch, and in two batches at once, with one decision', async () => {
    const door = createStreamDoor(await aLine({ scorer: aScorer(() => 0.3) }));
    const batch = [anArrival('a'), anArrival('a')];
    const streamed = (await Promise.all([door.decide(batch), door.decide(batch)])).flat();
    expect(new Set(bodiesOf(streamed)).size).toBe(1);
    expect(streamed[0]?.status).toBe('decided');
  });

  it('begins batches that are handed over side by side in the order of the calls', async () => {
    const door = createStreamDoor(await aLine({ scorer: aScorer(() => 0.3) }));
    const batches = [0, 1, 2].map((n) => Array.from({ length: 4 }, (_, i) => anArrival(`t_${n * 4 + i}`)));
    const streamed = (await Promise.all(batches.map((batch) => door.decide(batch)))).flat();
    expect(streamed.map((one) => (one.status === 'decided' ? one.record.seq : null))).toEqual(
      Array.from({ length: 12 }, (_, i) => i + 1),
    );
  });

  it('gives a payment ten seconds that names no deadline', async () => {
    let nowMs = 0;
    const slow = await aLine({ stopwatch: () => nowMs, deadlineMs: 100, scorer: aScorer(() => 0.3) });
    const store = withCalls(slow.store, {
      begin: (requests) => {
        nowMs += 9_999;
        return slow.store.begin(requests);
      },
    });
    const [late, hurried] = await createStreamDoor({ ...slow, store }).decide([
      anArrival('a', {}, { parseMs: 0 }),
      anArrival('b', {}, { parseMs: 0, deadlineMs: 5_000 }),
    ]);
    const silentIn = (one: Streamed | undefined): unknown => one?.status === 'decided' && one.record.silent;
    expect([silentIn(late), silentIn(hurried)]).toEqual([[], ['model', 'deadline']]);
  });

  it('refuses a reused id for that payment alone', async () => {
    const door = createStreamDoor(await aLine());
    await door.decide([anArrival('a')]);
    const streamed = await door.decide([anArrival('a', { transaction: { amount: 7 } }), anArrival('b')]);
    expect(streamed.map(({ status }) => status)).toEqual(['transaction_id_reused', 'decided']);
  });

  it('fails a payment about which we make a mistake alone', async () => {
    const line = await aLine();
    const lists = withCalls(line.lists, {
      hits: (tenantId, entities, nowMs) => {
        if (entities.some(({ value }) => value === 'cfp_bug')) throw new InvariantError('a bug');
        return line.lists.hits(tenantId, entities, nowMs);
      },
    });
    const buggy = anArrival('bug', { card: { fingerprint: 'cfp_bug' } });
    const streamed = await createStreamDoor({ ...line, lists }).decide([
      anArrival('a'),
      buggy,
      anArrival('b'),
    ]);
    expect(streamed).toMatchObject([
      { status: 'decided' },
      { status: 'failed', error: { message: 'a bug' } },
      { status: 'decided' },
    ]);
  });

  it('fails a payment that somebody else does not finish in time, and tells that it may be tried again', async () => {
    const line = await aLine();
    const stuck = withCalls(line.store, { commit: () => new Promise<never>(() => undefined) });
    void createStreamDoor({ ...line, store: stuck }).decide([anArrival('a')]);
    const streamed = await createStreamDoor(line, { deadlineMs: 20 }).decide([
      anArrival('a'),
      anArrival('b'),
    ]);
    expect(streamed).toMatchObject([
      { status: 'failed', error: { code: 'in_flight', retryable: true } },
      { status: 'decided' },
    ]);
  });

  it('throws what is in the way of the whole batch', async () => {
    const line = await aLine();
    const down = (): Promise<never> =>
      Promise.reject(new VetoError('store_unavailable', 'gone', { retryable: true }));
    const door = createStreamDoor({ ...line, store: withCalls(line.store, { begin: down }) });
    await expect(door.decide([anArrival('a')])).rejects.toMatchObject({ code: 'store_unavailable' });
  });
});
