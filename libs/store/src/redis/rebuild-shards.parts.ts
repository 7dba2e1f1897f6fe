import { TOPICS, VetoError, type EpochOpened, type EventLog, type LogRecord } from '@veto/domain';
import { dullHistoryEventOf } from '@veto/testing';
import type { RedisPart } from '@veto/testing/parts';
import { epochsOf, payMany } from './a-failure.spec-support';
import { Payer } from './a-payer.spec-support';
import { ask, StoreParts } from './a-redis-store.spec-support';
import { rebuildShards, type Rebuilt, type RebuiltLog } from './rebuild-shards';

let parts: StoreParts;
beforeEach(() => {
  parts = new StoreParts();
});
afterEach(() => parts.dispose());

/** A log in memory as a rebuild reads it. @param before what another brings there just before each record of the rebuild */
function rebuiltLogOf(log: EventLog, before: (record: LogRecord) => readonly LogRecord[]): RebuiltLog {
  return {
    read: async (from, take) => {
      const { records } = await log.read({
        after: (from?.['log/0'] ?? 0) - 1,
        recordCountMax: 1_000_000,
        topics: [TOPICS.decisions, TOPICS.labels, TOPICS.epochs],
      });
      const cut = log.cut();
      take(records);
      return cut;
    },
    append: (record) => log.append([...before(record), record]),
  };
}

function rebuild(
  redis: RedisPart,
  log: EventLog,
  before: (record: LogRecord) => readonly LogRecord[] = () => [],
): Promise<Rebuilt> {
  return rebuildShards({
    urls: [redis.url],
    log: rebuiltLogOf(log, before),
    clock: parts.clock,
    historyEventOf: dullHistoryEventOf,
  });
}

/** The same record from another leader, who read less of the log, or the epoch that was before. */
function ofAnother(record: LogRecord, epoch: number): LogRecord {
  const own = JSON.parse(Buffer.from(record.value).toString()) as EpochOpened;
  const value = Buffer.from(JSON.stringify({ ...own, epoch, cut: { 'log/0': 0 } }));
  return { ...record, value, epoch };
}

async function aLogOf(paymentCount: number): Promise<EventLog> {
  const log = parts.aLog();
  const store = await parts.aStore(await parts.aRedis(), log);
  await payMany(new Payer(store, log, 'a'), 0, paymentCount);
  await store.close();
  return log;
}

describe('a rebuild that was asked for', () => {
  it('opens an epoch of its own, with what the log says', async () => {
    const log = await aLogOf(20);
    const redis = await parts.aRedis();
    const { eventCount, digest, redisDigest, shards } = await rebuild(redis, log);
    expect({ eventCount, redisDigest }).toEqual({ eventCount: 20, redisDigest: digest });
    expect(shards).toEqual([{ shard: 0, epoch: 2, firstSeq: 20 + 65_536 }]);
    expect((await epochsOf(log)).map(({ epoch, reason }) => ({ epoch, reason }))).toEqual([
      { epoch: 1, reason: 'first' },
      { epoch: 2, reason: 'asked' },
    ]);
  });

  it('opens nothing when somebody else said something of the same epoch before', async () => {
    const log = await aLogOf(20);
    const redis = await parts.aRedis();
    const refused = await rebuild(redis, log, (record) => [ofAnother(record, 2)]).catch(
      (error: unknown) => error,
    );
    expect(refused).toBeInstanceOf(VetoError);
    expect(refused).toMatchObject({
      code: 'store_unavailable',
      message: 'epoch 2 was opened on the log by somebody else',
    });
    expect(await ask(redis, 'EXISTS', '{v0}open', '{v0}lead')).toBe(0);
    // Asked again, it takes the next.
    expect((await rebuild(redis, log)).shards).toMatchObject([{ epoch: 3 }]);
  });

  it('is not held up by the epoch that was before', async () => {
    const log = await aLogOf(20);
    const redis = await parts.aRedis();
    const { shards } = await rebuild(redis, log, (record) => [ofAnother(record, 1)]);
    expect(shards).toMatchObject([{ epoch: 2 }]);
    expect(await ask(redis, 'EXISTS', '{v0}open')).toBe(1);
  });
});
