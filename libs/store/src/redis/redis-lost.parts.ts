import { TOPICS } from '@veto/domain';
import { epochsOf, digestOfLatest, keepPaying, payMany, sweepAll } from './a-failure.spec-support';
import { aPayment, idsWithTwoDecisions, Payer } from './a-payer.spec-support';
import { ask, isServing, StoreParts, until } from './a-redis-store.spec-support';
import { LIBRARY } from './redis-function';
import { type RedisStoreOptions } from './redis-state-store';

let parts: StoreParts;
beforeEach(() => {
  parts = new StoreParts();
});
afterEach(() => parts.dispose());

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
      [
        'FCALL',
        `${LIBRARY}_load`,
        '2',
        '{v0}lead',
        '{v0}h2|ten_test|card:1',
        'dead',
        '1000',
        '1000',
        'nonsense',
      ],
      [
        'FCALL',
        `${LIBRARY}_open`,
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
      ['FCALL', `${LIBRARY}_close`, '2', '{v0}lead', '{v0}open', 'dead'],
    ];
    for (const call of refused) await expect(ask(redis, ...call)).rejects.toThrow('FENCED');
    expect(await store.digest()).toBe(digest);
    expect(digest).toBe(await digestOfLatest(log));
    expect(aPayment('ord_1').entityKeys).toContain('ten_test|card:1');
  });
});

const LOST_AND_LED = `redis.call('FLUSHALL') redis.call('SET', '{v0}lead', 'dead', 'PX', 900) return 1`;
