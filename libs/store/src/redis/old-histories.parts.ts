import { sweepAll, payMany } from './a-failure.spec-support';
import { aPayment, Payer, sweep } from './a-payer.spec-support';
import { ask, isServing, StoreParts, until } from './a-redis-store.spec-support';

let parts: StoreParts;
beforeEach(() => {
  parts = new StoreParts();
});
afterEach(() => parts.dispose());

describe('histories of an epoch that is no longer served', () => {
  it('stay while an orphan of it needs them, then go, and those of the epoch that is served stay', async () => {
    const redis = await parts.aRedis();
    const log = parts.aLog();
    const store = await parts.aStore(redis, log);
    const payer = new Payer(store, log, 'a');
    const histories = async (epoch: number): Promise<number> =>
      ((await ask(redis, 'KEYS', `{v0}h${epoch}|*`)) as string[]).length;
    await payMany(payer, 0, 100);
    await store.begin([aPayment('ord_orphan_5')]);
    await sweepNothing();
    expect(await histories(1)).toBe(21);
    expect(await ask(redis, 'GET', '{v0}dropped')).toBe('1');

    // The state lacks what this instance saw, as after a failover, and all of it is made anew beside what is there.
    await ask(redis, 'SET', '{v0}seq', '7');
    await until(() => isServing(store) && store.status()[0]!.epoch === 2);
    const digest = await store.digest();
    await sweepNothing();
    expect(await histories(1)).toBe(21);
    expect(await histories(2)).toBe(21);

    await sweepAll(store, log);
    await until(async () => {
      await sweepNothing();
      return (await ask(redis, 'GET', '{v0}dropped')) === '2';
    });
    expect(await histories(1)).toBe(0);
    expect(await ask(redis, 'SMEMBERS', '{v0}generations')).toEqual(['2']);
    expect(await histories(2)).toBe(21);
    expect(await store.digest()).toBe(digest);

    /** Sweeps as an instance does that finds no orphan old enough. */
    async function sweepNothing(): Promise<void> {
      await store.pending({ ageMs: 1e9, countMax: 1 });
    }
  });

  it('go some at a time, however many there are, and whatever else has a name like theirs', async () => {
    const redis = await parts.aRedis();
    const log = parts.aLog();
    const store = await parts.aStore(redis, log);
    await payMany(new Payer(store, log, 'a'), 0, 10);
    await sweep(store, log);
    await ask(redis, 'EVAL', FILL, '0', '60000');
    await ask(redis, 'SET', '{v1}h0|of another shard', '1');
    await ask(redis, 'SET', '{v0}c|ten_test|h0|a claim', '1');
    await ask(redis, 'DEL', '{v0}dropped');
    const left = async (): Promise<number> => Number(await ask(redis, 'DBSIZE'));
    const before = await left();
    await store.pending({ ageMs: 1e9, countMax: 1 });
    expect(await left()).toBeGreaterThan(before - 30_000);
    expect(await left()).toBeLessThan(before);
    await until(async () => {
      await store.pending({ ageMs: 1e9, countMax: 1 });
      return (await ask(redis, 'EXISTS', '{v0}dropped')) === 1;
    });
    expect(await left()).toBe(before - 60_000 + 1);
    expect(await ask(redis, 'EXISTS', '{v1}h0|of another shard', '{v0}c|ten_test|h0|a claim')).toBe(2);
  });
});

const FILL = `for i = 1, ARGV[1] do redis.call('SET', '{v0}h0|ten_test|card:' .. i, 'x') end return 1`;
