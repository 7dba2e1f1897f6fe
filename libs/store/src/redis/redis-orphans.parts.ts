import { setTimeout as wait } from 'node:timers/promises';
import { aBeginRequest } from '@veto/testing';
import { StoreParts, until } from './a-redis-store.spec-support';

let parts: StoreParts;
beforeEach(() => {
  parts = new StoreParts();
});
afterEach(() => parts.dispose());

const three = Array.from({ length: 3 }, (_, i) => aBeginRequest({ transactionId: `ord_${i}` }));

describe('two instances on one Redis', () => {
  it('hand orphans to one of them, and those of somebody who lives only after half a minute', async () => {
    const redis = await parts.aRedis();
    const log = parts.aLog();
    const [a, b] = [await parts.aStore(redis, log), await parts.aStore(redis, log)];
    await a.begin(three);
    const query = { ageMs: 0, countMax: 10 };
    expect(await a.pending(query)).toHaveLength(3);
    expect(await b.pending(query)).toEqual([]);
    parts.clock.advance(29_999);
    // Long enough for the lease to run out: whoever asks next has it.
    await wait(1_100);
    expect(await b.pending(query)).toEqual([]);
    expect(await a.pending(query)).toEqual([]);
    parts.clock.advance(1);
    expect(await b.pending(query)).toHaveLength(3);
  });

  it('finish what somebody began who is gone', async () => {
    const redis = await parts.aRedis();
    const log = parts.aLog();
    const [a, b] = [await parts.aStore(redis, log), await parts.aStore(redis, log)];
    await a.begin(three);
    const query = { ageMs: 0, countMax: 10 };
    expect(await b.pending(query)).toEqual([]);
    await a.close();
    const tookOverAfterMs = await until(async () => (await b.pending(query)).length === 3);
    expect(tookOverAfterMs).toBeLessThan(3_000);
  });
});
