import { setImmediate as nextTurn } from 'node:timers/promises';
import { HISTORY_RECORD_BYTES, readHistorySeq, TOPICS, type EpochOpened, type EventLog } from '@veto/domain';
import { dullHistoryEventOf } from '@veto/testing';
import { startToxicProxy, type ToxicProxy } from '@veto/testing/parts';
import { aPayment, idsWithTwoDecisions, Payer, sweep } from './a-payer.spec-support';
import { ask, isServing, StoreParts, until } from './a-redis-store.spec-support';
import { digestOf, EpochFold } from './fold-epoch';
import type { RedisStore, RedisStoreOptions } from './redis-state-store';

let parts: StoreParts;
let proxies: ToxicProxy[] = [];
beforeEach(() => {
  parts = new StoreParts();
  proxies = [];
});
afterEach(async () => {
  await parts.dispose();
  for (const proxy of proxies) await proxy.stop();
});

async function epochsOf(log: EventLog): Promise<EpochOpened[]> {
  const { records } = await log.read({ after: -1, recordCountMax: 1_000, topics: [TOPICS.epochs] });
  return records.map(({ value }) => JSON.parse(Buffer.from(value).toString()) as EpochOpened);
}

/** What the latest epoch of a log must hold by now: all that was before its cut, and then its own events. */
async function digestOfLatest(log: EventLog): Promise<string> {
  const opened = (await epochsOf(log)).at(-1)!;
  const { records } = await log.read({ after: -1, recordCountMax: 1_000_000 });
  const fold = new EpochFold({ historyEventOf: dullHistoryEventOf });
  const isBefore = (position: number): boolean => position < opened.cut['log/0']!;
  for (const record of records) if (isBefore(record.position)) fold.add(record);
  fold.settle(opened.first_seq);
  for (const record of records)
    if (!isBefore(record.position) && record.epoch === opened.epoch && (record.seq ?? 0) > 0)
      fold.add(record);
  return digestOf(fold.open(Number.MAX_SAFE_INTEGER / 2));
}

/** Pays one id after the other until it is told to stop. */
function keepPaying(payers: readonly Payer[], from: number): { stop(): Promise<number> } {
  let isStopped = false;
  let i = from;
  const done = (async () => {
    for (; !isStopped; i++) {
      // What is decided locally over a log in memory waits for nothing, and would let nothing else have its turn.
      await nextTurn();
      // The second one is a merchant's repetition, which reaches another instance.
      for (const payer of payers) await payer.pay(`ord_${i}`);
    }
  })();
  return {
    async stop() {
      isStopped = true;
      await done;
      return i;
    },
  };
}

async function payMany(payer: Payer, from: number, count: number): Promise<void> {
  for (let i = from; i < from + count; i++) await payer.pay(`ord_${i}`);
}

async function sweepAll(store: RedisStore, log: EventLog): Promise<void> {
  let swept = -1;
  await until(async () => {
    swept = await sweep(store, log);
    return swept === 0 && isServing(store);
  });
}

describe('FLUSHALL under load', () => {
  it('is noticed within a second, rebuilt from the log, and decides no id twice', async () => {
    const redis = await parts.aRedis();
    const log = parts.aLog();
    const noticedAtMs = [Infinity, Infinity];
    const watched = (i: number): Pick<RedisStoreOptions, 'onEvent'> => ({
      onEvent: (event) => {
        if (
          event.type === 'epoch_adopted' ||
          (event.type === 'state_changed' && event.status.state !== 'serving')
        )
          noticedAtMs[i] = Math.min(noticedAtMs[i]!, performance.now());
      },
    });
    const stores = [await parts.aStore(redis, log, watched(0)), await parts.aStore(redis, log, watched(1))];
    const payers = stores.map((store, i) => new Payer(store, log, `instance ${i}`));
    await payMany(payers[0]!, 0, 400);
    const paying = keepPaying(payers, 400);
    await until(() => payers[1]!.answers.length > 200);
    noticedAtMs.fill(Infinity);
    const lostAtMs = performance.now();
    await ask(redis, 'FLUSHALL');
    const servingAfterMs = await until(() =>
      stores.every((store) => store.status()[0]!.epoch === 2 && isServing(store)),
    );
    const paidBefore = payers[1]!.answers.length;
    await until(() => payers[1]!.answers.length > paidBefore + 100);
    const paidCount = await paying.stop();
    await sweepAll(stores[0]!, log);

    expect(Math.max(...noticedAtMs) - lostAtMs).toBeLessThan(1_000);
    expect(servingAfterMs).toBeLessThan(10_000);
    expect(idsWithTwoDecisions(payers)).toEqual([]);
    expect(payers[1]!.answers).toHaveLength(paidCount - 400);
    const epochs = await epochsOf(log);
    expect(epochs.map(({ epoch, reason }) => ({ epoch, reason }))).toEqual([
      { epoch: 1, reason: 'first' },
      { epoch: 2, reason: 'lost' },
    ]);
    expect(await stores[0]!.digest()).toBe(await digestOfLatest(log));
    expect(await stores[1]!.digest()).toBe(await digestOfLatest(log));
    // What was decided in between alone has its place once there is another epoch, as in one made of nothing but the log.
    await ask(redis, 'FLUSHALL');
    await until(() => stores.every((store) => store.status()[0]!.epoch === 3 && isServing(store)));
    const copied = await parts.copyOfLog(log);
    const twin = await parts.aStore(await parts.aRedis(), copied);
    expect(twin.status()[0]!.epoch).toBe(4);
    expect(await twin.digest()).toBe(await digestOfLatest(copied));
    // Every id is in it once.
    const { records } = await log.read({ after: -1, recordCountMax: 1_000_000, topics: [TOPICS.decisions] });
    expect(twin.status()[0]!.seq - (await epochsOf(copied)).at(-1)!.first_seq + 1).toBe(
      new Set(records.map(({ key }) => key)).size -
        new Set(records.flatMap(({ key, seq = 0 }) => (seq > 0 ? [key] : []))).size,
    );
    expect(await stores[0]!.digest()).toBe(await digestOfLatest(log));
  });
});

describe('a Redis that was killed', () => {
  it('goes on in its epoch when it comes back with everything', async () => {
    const redis = await parts.aRedis();
    const log = parts.aLog();
    const store = await parts.aStore(redis, log);
    const payer = new Payer(store, log, 'a');
    await payMany(payer, 0, 100);
    const digest = await store.digest();
    await redis.kill();
    await until(() => !isServing(store));
    expect((await payer.pay('ord_100')).isLocal).toBe(true);
    await redis.restart();
    await until(() => isServing(store));
    expect(store.status()[0]).toMatchObject({ epoch: 1, seq: 100 });
    expect(await store.digest()).toBe(digest);
    expect(await epochsOf(log)).toHaveLength(1);
    expect((await payer.pay('ord_101')).isLocal).toBe(false);
  });

  it('is made anew when it comes back empty', async () => {
    const redis = await parts.aRedis();
    const log = parts.aLog();
    const store = await parts.aStore(redis, log);
    const payer = new Payer(store, log, 'a');
    await payMany(payer, 0, 100);
    await redis.restart({ empty: true });
    await until(() => store.status()[0]!.epoch === 2 && isServing(store));
    expect(await store.digest()).toBe(await digestOfLatest(log));
    await payMany(payer, 0, 110);
    expect(idsWithTwoDecisions([payer])).toEqual([]);
    expect(await store.digest()).toBe(await digestOfLatest(log));
  });

  it('is made anew when the end of its file is missing, and hands out no number twice', async () => {
    const redis = await parts.aRedis();
    const log = parts.aLog();
    const store = await parts.aStore(redis, log);
    const payer = new Payer(store, log, 'a');
    await payMany(payer, 0, 300);
    await redis.restart({ cutAofBytes: 64_000 });
    expect(Number(await ask(redis, 'GET', '{v0}seq'))).toBeLessThan(300);
    await until(() => store.status()[0]!.epoch === 2 && isServing(store));
    expect((await epochsOf(log)).at(-1)).toMatchObject({ reason: 'behind', first_seq: 300 + 65_536 });
    await payMany(payer, 0, 320);
    expect(idsWithTwoDecisions([payer])).toEqual([]);
    expect(await store.digest()).toBe(await digestOfLatest(log));
    const { records } = await log.read({ after: -1, recordCountMax: 10_000, topics: [TOPICS.decisions] });
    const places = records.flatMap(({ seq = 0, epoch, key }) => (seq > 0 ? [`${epoch}|${seq} ${key}`] : []));
    expect(new Set(places.map((place) => place.split(' ')[0])).size).toBe(new Set(places).size);
  });
});

describe('a replica that was promoted while it lagged', () => {
  it('serves nothing before it was made anew', async () => {
    const redis = await parts.aRedis();
    const log = parts.aLog();
    const store = await parts.aStore(redis, log);
    const payer = new Payer(store, log, 'a');
    await payMany(payer, 0, 100);
    const lagging = await parts.copyOfRedis(redis);
    await payMany(payer, 100, 100);
    // The same process, with what the other one had: its connections stay, and its run is the same.
    await ask(redis, 'REPLICAOF', '127.0.0.1', String(lagging.port));
    await until(async () =>
      String(await ask(redis, 'INFO', 'replication')).includes('master_link_status:up'),
    );
    await ask(redis, 'REPLICAOF', 'NO', 'ONE');
    const answer = await payer.pay('ord_200');
    expect(answer.isLocal).toBe(true);
    await until(() => store.status()[0]!.epoch === 2 && isServing(store));
    expect((await epochsOf(log)).at(-1)).toMatchObject({ epoch: 2, reason: 'behind' });
    await payMany(payer, 0, 220);
    expect(idsWithTwoDecisions([payer])).toEqual([]);
    expect(await store.digest()).toBe(await digestOfLatest(log));
  });

  it('is not served by the old master in the epoch that ended', async () => {
    const redis = await parts.aRedis();
    const log = parts.aLog();
    const store = await parts.aStore(redis, log);
    const payer = new Payer(store, log, 'a');
    await payMany(payer, 0, 50);
    const oldMaster = await parts.copyOfRedis(redis);
    await ask(redis, 'FLUSHALL');
    await until(() => store.status()[0]!.epoch === 2 && isServing(store));
    const stray = await parts.aStore(oldMaster, log);
    expect(stray.status()[0]).toMatchObject({ epoch: 3, state: 'serving' });
  });
});

describe('a network that is slow or dead', () => {
  async function throughProxy(
    budgetMs: number,
  ): Promise<{ store: RedisStore; payer: Payer; proxy: ToxicProxy }> {
    const redis = await parts.aRedis();
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
    let i = 50;
    while (!(await payer.pay(`ord_${i}`)).isLocal) {
      i += 1;
      if (i > 5_000) throw new Error('its memory is never full');
    }
    await until(() => store.status()[0]!.state === 'local');
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

describe('a leader that dies in the middle of a recovery', () => {
  it('is followed by another, and what it still writes is refused', async () => {
    const redis = await parts.aRedis();
    const log = parts.aLog();
    const store = await parts.aStore(redis, log);
    const payer = new Payer(store, log, 'a');
    await payMany(payer, 0, 50);
    // In one turn of Redis the state is lost and a leader takes the lease, of which nothing is ever heard again.
    await ask(redis, 'EVAL', LOST_AND_LED, '0');
    await until(() => !isServing(store));
    expect((await payer.pay('ord_50')).isLocal).toBe(true);
    const takenOverAfterMs = await until(() => isServing(store));
    expect(takenOverAfterMs).toBeGreaterThan(300);
    expect(store.status()[0]!.epoch).toBe(2);
    const digest = await store.digest();
    const refused = [
      ['FCALL', 'veto1_load', '2', '{v0}lead', '{v0}h2|ten_test|card:1', 'dead', '1000', '1000', 'nonsense'],
      [
        'FCALL',
        'veto1_open',
        '5',
        '{v0}lead',
        '{v0}open',
        '{v0}seq',
        '{v0}generations',
        '{v0}instances',
        'dead',
        '2|x|9',
        '2',
        '9',
        '0',
      ],
      ['FCALL', 'veto1_close', '2', '{v0}lead', '{v0}open', 'dead'],
    ];
    for (const call of refused) await expect(ask(redis, ...call)).rejects.toThrow('FENCED');
    expect(await store.digest()).toBe(digest);
    expect(digest).toBe(await digestOfLatest(log));
    expect(aPayment('ord_1').entityKeys).toContain('ten_test|card:1');
  });
});

const LOST_AND_LED = `redis.call('FLUSHALL') redis.call('SET', '{v0}lead', 'dead', 'PX', 900) return 1`;
