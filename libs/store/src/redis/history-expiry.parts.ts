import { aBeginRequest } from '@veto/testing';
import type { RedisPart } from '@veto/testing/parts';
import { ask, StoreParts } from './a-redis-store.spec-support';
import type { RedisStore } from './redis-state-store';

const DAY_S = 86_400;
const DAY_MS = DAY_S * 1_000;

let parts: StoreParts;
beforeEach(() => {
  parts = new StoreParts();
});
afterEach(() => parts.dispose());

const [ENTITY] = aBeginRequest().entityKeys;
const NAME = `{v0}h1|${ENTITY!}`;

async function daysLeft(redis: RedisPart): Promise<number> {
  return Number(await ask(redis, 'TTL', NAME)) / DAY_S;
}

let next = 0;
async function touch(store: RedisStore): Promise<void> {
  const [begun] = await store.begin([aBeginRequest({ transactionId: `ord_${next++}` })]);
  expect(begun).toMatchObject({ status: 'begun' });
  expect(begun).not.toHaveProperty('local');
}

describe('a history that is touched', () => {
  it('is kept for 40 days from then on, and is asked so by each instance once a day', async () => {
    const redis = await parts.aRedis();
    const log = parts.aLog();
    const store = await parts.aStore(redis, log);
    await touch(store);
    expect(Math.round(await daysLeft(redis))).toBe(45);
    // It was asked today: a day less than it has would do for as long.
    await ask(redis, 'EXPIRE', NAME, String(3 * DAY_S));
    await touch(store);
    expect(Math.round(await daysLeft(redis))).toBe(3);
    parts.clock.set(parts.clock.nowMs() + DAY_MS);
    await touch(store);
    expect(Math.round(await daysLeft(redis))).toBe(45);
    // Another instance knows nothing of that.
    await ask(redis, 'EXPIRE', NAME, String(3 * DAY_S));
    await touch(await parts.aStore(redis, log));
    expect(Math.round(await daysLeft(redis))).toBe(45);
    // More than 41 days are left as they are.
    await ask(redis, 'EXPIRE', NAME, String(42 * DAY_S));
    parts.clock.set(parts.clock.nowMs() + DAY_MS);
    await touch(store);
    expect(Math.round(await daysLeft(redis))).toBe(42);
  });

  it('is kept for as long when it was gone and comes again on the same day', async () => {
    const redis = await parts.aRedis();
    const store = await parts.aStore(redis, parts.aLog());
    await touch(store);
    await ask(redis, 'DEL', NAME);
    await touch(store);
    expect(Math.round(await daysLeft(redis))).toBe(45);
  });
});
