import { setTimeout as wait } from 'node:timers/promises';
import { HISTORY_RECORD_BYTES, readHistorySeq } from '@veto/domain';
import { decisionBytes } from '@veto/testing';
import { startToxicProxy, type RedisPart, type ToxicProxy } from '@veto/testing/parts';
import { digestOfLatest, payMany, sweepAll } from './a-failure.spec-support';
import { aPayment, idsWithTwoDecisions, Payer, TENANT } from './a-payer.spec-support';
import { ask, isServing, StoreParts, until } from './a-redis-store.spec-support';
import { type RedisStore } from './redis-state-store';

let parts: StoreParts;
let proxies: ToxicProxy[] = [];
let redises: RedisPart[] = [];
beforeEach(() => {
  parts = new StoreParts();
  proxies = [];
  redises = [];
});
afterEach(async () => {
  await parts.dispose();
  for (const proxy of proxies) await proxy.stop();
});

describe('a network that is slow or dead', () => {
  async function throughProxy(
    budgetMs: number,
  ): Promise<{ store: RedisStore; payer: Payer; proxy: ToxicProxy }> {
    const redis = await parts.aRedis();
    redises.push(redis);
    const proxy = await startToxicProxy({ to: redis.port });
    proxies.push(proxy);
    const log = parts.aLog();
    const store = await parts.aStore({ ...redis, url: `redis://${proxy.address}` }, log, { budgetMs });
    const payer = new Payer(store, log, 'a');
    await payMany(payer, 0, 20);
    expect(payer.answers.some(({ isLocal }) => isLocal)).toBe(false);
    return { store, payer, proxy };
  }

  const BUDGET_MS = 60;
  /** A call to begin and one to commit, and what a busy machine adds. */
  const ANSWER_MS_MAX = 2 * BUDGET_MS + 100;

  it('costs no more than it takes while that is within the budget', async () => {
    const { payer, proxy } = await throughProxy(BUDGET_MS);
    proxy.set([{ type: 'latency', latencyMs: 5 }]);
    const before = payer.answers.length;
    await payMany(payer, 100, 20);
    expect(payer.answers.slice(before).filter(({ isLocal }) => isLocal)).toEqual([]);
  });

  it.each([
    ['150 ms late', { type: 'latency', latencyMs: 150 }],
    ['500 ms late', { type: 'latency', latencyMs: 500 }],
    ['dead without a word', { type: 'half_open' }],
    ['stalled', { type: 'timeout', afterMs: 0 }],
  ] as const)('is answered from this process within the budget when it is %s', async (_, toxic) => {
    const { store, payer, proxy } = await throughProxy(BUDGET_MS);
    const before = payer.answers.length;
    proxy.set([toxic]);
    const startedAt = performance.now();
    let openedAfterMs = Number.NaN;
    for (let i = 100; i < 140; i++) {
      await payer.pay(`ord_${i}`);
      if (Number.isNaN(openedAfterMs) && store.status()[0]!.state === 'local')
        openedAfterMs = performance.now() - startedAt;
    }
    const during = payer.answers.slice(before);
    expect(during.filter(({ isLocal }) => !isLocal)).toEqual([]);
    expect(Math.max(...during.map(({ ms }) => ms))).toBeLessThan(ANSWER_MS_MAX);
    expect(openedAfterMs).toBeLessThan(1_000);
    // Once it is open nobody waits for Redis.
    expect(during.at(-1)!.ms).toBeLessThan(BUDGET_MS);
    // Long enough for a look to give up, and for new connections to be made in vain.
    await wait(2_500);
    proxy.clear();
    const closedAfterMs = await until(() => isServing(store));
    expect(closedAfterMs).toBeLessThan(5_000);
    expect((await payer.pay('ord_200')).isLocal).toBe(false);
    // What was claimed too late has a place in the order, and gets it from the sweeper.
    await payMany(payer, 100, 40);
    expect(idsWithTwoDecisions([payer])).toEqual([]);
    await sweepAll(store, payer.log);
    expect(await store.digest()).toBe(await digestOfLatest(payer.log));
  });

  it.each([
    ['at once, where it is in reach by then', true],
    ['with the next sweep, where it comes in reach later', false],
  ])('tells the shared state what was decided without it: %s', async (_, isBackForCommit) => {
    const { store, payer, proxy } = await throughProxy(BUDGET_MS);
    const [request, id] = [aPayment('ord_300'), { tenantId: TENANT, transactionId: 'ord_300' }];
    const bytes = decisionBytes(id, 'alone');
    // The begin reaches Redis, and its answer comes too late.
    proxy.set([{ type: 'latency', latencyMs: 4 * BUDGET_MS }]);
    const [begun] = await store.begin([request]);
    expect(begun).toMatchObject({ status: 'begun', local: true });
    await wait(6 * BUDGET_MS);
    proxy.clear();
    if (isBackForCommit) {
      // What was asked before may still be on its way back.
      await wait(6 * BUDGET_MS);
      await until(() => isServing(store));
    } else await proxy.refuse();
    expect(await store.commit([{ ...id, bytes }])).toMatchObject([{ won: true, provisional: true }]);
    if (!isBackForCommit) await proxy.accept();
    await until(() => isServing(store));
    const sister = await parts.aStore(redises[0]!, payer.log);
    if (!isBackForCommit) {
      expect(await sister.find(id)).toBeNull();
      await until(async () => {
        await store.pending({ ageMs: 1e9, countMax: 1 });
        return (await sister.find(id)) !== null;
      });
    }
    expect(Buffer.from((await sister.find(id))!).toString()).toBe(Buffer.from(bytes).toString());
    // Whoever sweeps finds a decision, and writes its place down.
    await store.close();
    await until(async () => {
      const [orphan] = await sister.pending({ ageMs: -1e9, countMax: 10 });
      return orphan?.bytes !== undefined && Buffer.from(orphan.bytes).equals(bytes);
    });
  });

  it('that breaks connections is answered from this process, and comes back by itself', async () => {
    const { store, payer, proxy } = await throughProxy(BUDGET_MS);
    await proxy.refuse();
    await payMany(payer, 100, 20);
    expect(payer.answers.at(-1)!.isLocal).toBe(true);
    await proxy.accept();
    expect(await until(() => isServing(store))).toBeLessThan(5_000);
    expect((await payer.pay('ord_200')).isLocal).toBe(false);
    expect(store.status()[0]!.epoch).toBe(1);
  });
});

describe('a Redis whose memory is full', () => {
  it('takes an event wholly or not at all', async () => {
    const redis = await parts.aRedis();
    const log = parts.aLog();
    const store = await parts.aStore(redis, log);
    const payer = new Payer(store, log, 'a');
    await payMany(payer, 0, 50);
    const used = Number(/used_memory:(\d+)/.exec(String(await ask(redis, 'INFO', 'memory')))![1]);
    await ask(redis, 'CONFIG', 'SET', 'maxmemory', String(used + 150_000));
    // At the border one call is refused and the next, which is smaller, is not.
    for (let i = 50; store.status()[0]!.state !== 'local'; i++) {
      await payer.pay(`ord_${i}`);
      if (i > 5_000) throw new Error('its memory is never full');
    }
    expect(payer.answers.some(({ isLocal }) => isLocal)).toBe(true);
    await ask(redis, 'CONFIG', 'SET', 'maxmemory', '0');
    await until(() => isServing(store));
    await sweepAll(store, log);
    await expectWholeEvents(redis, store);
    expect(await store.digest()).toBe(await digestOfLatest(log));
  });
});

/** Every number that was handed out is in the histories of all entities of its payment: a card, an address, a merchant. */
async function expectWholeEvents(redis: { readonly url: string }, store: RedisStore): Promise<void> {
  const names = (await ask(redis, 'KEYS', '{v0}h1|*')) as string[];
  const counts = new Map<number, number>();
  for (const name of names) {
    if (name.includes('merchant')) continue;
    const hex = String(await ask(redis, 'EVAL', HEX_OF, '1', name));
    const bytes = Buffer.from(hex, 'hex');
    for (let at = 0; at < bytes.length; at += HISTORY_RECORD_BYTES) {
      const seq = readHistorySeq(bytes, at);
      counts.set(seq, (counts.get(seq) ?? 0) + 1);
    }
  }
  const { seq } = store.status()[0]!;
  expect(counts.size).toBe(seq);
  expect([...counts.values()].filter((count) => count !== 2)).toEqual([]);
}

const HEX_OF = `return (string.gsub(redis.call('GET', KEYS[1]), '.', function(c) return string.format('%02x', string.byte(c)) end))`;

describe('functions that were dropped', () => {
  it('are loaded again', async () => {
    const redis = await parts.aRedis();
    const log = parts.aLog();
    const store = await parts.aStore(redis, log);
    const payer = new Payer(store, log, 'a');
    await payMany(payer, 0, 10);
    await ask(redis, 'FUNCTION', 'FLUSH', 'SYNC');
    await payer.pay('ord_10');
    expect(await until(async () => !(await payer.pay(`ord_${payer.answers.length}`)).isLocal)).toBeLessThan(
      1_000,
    );
    expect(store.status()[0]).toMatchObject({ epoch: 1, state: 'serving' });
  });
});
