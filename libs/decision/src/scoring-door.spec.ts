import type { StateStore } from '@veto/domain';
import { aLine, anArrival, aScorer, withCalls } from './a-line.spec-support';
import type { Scored } from './line';
import { createScoringDoor } from './scoring-door';

const bodyOf = (scored: Scored): string => (scored.status === 'decided' ? scored.body : scored.status);

/** Notes the size of every batch that begins. */
function noting(store: StateStore): { readonly store: StateStore; readonly sizes: number[] } {
  const sizes: number[] = [];
  const begin: StateStore['begin'] = (requests) => {
    sizes.push(requests.length);
    return store.begin(requests);
  };
  return {
    sizes,
    store: withCalls(store, { begin }),
  };
}

describe('one id sent twenty times at once', () => {
  it('is decided once, and answered twenty times with the same bytes', async () => {
    const line = await aLine();
    const door = createScoringDoor(line);
    const scored = await Promise.all(Array.from({ length: 20 }, () => door.score(anArrival('t_1'))));
    expect(new Set(scored.map(bodyOf)).size).toBe(1);
    expect(scored.filter((one) => one.status === 'decided' && !one.replayed)).toHaveLength(1);
    const { records } = await line.log.read({
      after: -1,
      recordCountMax: 100,
      topics: ['veto.decisions.v1'],
    });
    expect(records).toHaveLength(1);
  });
});

describe('an id that somebody else is deciding', () => {
  it('is answered as in flight when the deadline passes first', async () => {
    const never = new Promise<Float64Array>(() => undefined);
    const line = await aLine({ scorer: { ...aScorer(() => 0), score: () => never }, deadlineMs: 2_000 });
    void createScoringDoor(line).score(anArrival('t_1'));
    await new Promise((resolve) => setImmediate(resolve));
    const scored = await createScoringDoor(line).score(anArrival('t_1', {}, { deadlineMs: 20 }));
    expect(scored).toEqual({ status: 'in_flight' });
  });

  it('is answered with its decision when that comes first', async () => {
    let answer: () => void = () => undefined;
    const scores = new Promise<Float64Array>((resolve) => {
      answer = () => resolve(new Float64Array([0.001]));
    });
    const line = await aLine({ scorer: { ...aScorer(() => 0), score: () => scores } });
    const first = createScoringDoor(line).score(anArrival('t_1'));
    await new Promise((resolve) => setImmediate(resolve));
    const second = createScoringDoor(line).score(anArrival('t_1'));
    await new Promise((resolve) => setImmediate(resolve));
    answer();
    expect(bodyOf(await second)).toBe(bodyOf(await first));
  });
});

describe('the door', () => {
  it('lets a lone arrival through at once, and gathers those that come meanwhile', async () => {
    const line = await aLine();
    const { store, sizes } = noting(line.store);
    const door = createScoringDoor({ ...line, store });
    await Promise.all(['a', 'b', 'c', 'd'].map((id) => door.score(anArrival(id))));
    expect(sizes).toEqual([1, 3]);
  });

  it('takes no more than a batch at a time, in the order of arrival', async () => {
    const line = await aLine();
    const { store, sizes } = noting(line.store);
    const door = createScoringDoor({ ...line, store }, { batchCountMax: 4 });
    const scored = await Promise.all(Array.from({ length: 10 }, (_, i) => door.score(anArrival(`t_${i}`))));
    expect(sizes).toEqual([1, 4, 4, 1]);
    expect(scored.map((one) => (one.status === 'decided' ? one.record.seq : null))).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ]);
  });

  it('lets batches go side by side where it may, their begins in the order of arrival', async () => {
    const line = await aLine();
    const { store, sizes } = noting(line.store);
    const door = createScoringDoor({ ...line, store }, { batchCountMax: 4, batchesInFlightMax: 2 });
    const scored = await Promise.all(Array.from({ length: 10 }, (_, i) => door.score(anArrival(`t_${i}`))));
    expect(sizes).toEqual([1, 1, 4, 4]);
    expect(scored.map((one) => (one.status === 'decided' ? one.record.seq : null))).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ]);
  });

  it('refuses the arrival that would be one too many to wait', async () => {
    const door = createScoringDoor(await aLine(), { waitingCountMax: 2 });
    // The first is on its way at once; two wait; the fourth is refused.
    const settled = await Promise.allSettled(['a', 'b', 'c', 'd'].map((id) => door.score(anArrival(id))));
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected']);
    expect(settled[3]).toMatchObject({ reason: { code: 'rate_limited', retryable: true } });
  });

  it('answers a failed batch with its failure, and goes on', async () => {
    const line = await aLine();
    let isBroken = true;
    const begin: StateStore['begin'] = (requests) =>
      isBroken ? Promise.reject(new Error('broken')) : line.store.begin(requests);
    const door = createScoringDoor({
      ...line,
      store: withCalls(line.store, { begin }),
    });
    await expect(door.score(anArrival('a'))).rejects.toThrow('broken');
    isBroken = false;
    expect((await door.score(anArrival('a'))).status).toBe('decided');
  });

  it('is idle when nobody waits, and not before', async () => {
    const door = createScoringDoor(await aLine());
    await door.idle();
    const finished: string[] = [];
    const scores = ['a', 'b'].map((id) => door.score(anArrival(id)).then(() => finished.push(id)));
    const idle = door.idle().then(() => finished.push('idle'));
    await Promise.all([...scores, idle]);
    expect(finished.at(-1)).toBe('idle');
  });

  it('uses the line of the moment', async () => {
    const line = await aLine({ scorer: aScorer(() => 0.001) });
    let current = line;
    const door = createScoringDoor(() => current);
    const first = await door.score(anArrival('a'));
    current = { ...line, scorer: aScorer(() => 0.95) };
    const second = await door.score(anArrival('b'));
    expect(
      [first, second].map((one) => (one.status === 'decided' ? one.record.decision.outcome : null)),
    ).toEqual(['approve', 'block']);
  });
});
