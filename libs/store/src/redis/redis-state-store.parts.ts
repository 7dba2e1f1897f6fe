import { TOPICS } from '@veto/domain';
import { stateStoreConformance } from '@veto/testing';
import { ask, heardCount, StoreParts, until } from './a-redis-store.spec-support';
import type { RedisStore } from './redis-state-store';

stateStoreConformance('the store on Redis', async () => {
  const parts = new StoreParts();
  const redis = await parts.aRedis();
  const log = parts.aLog();
  const store = await parts.aStore(redis, log);
  let latest: RedisStore = store;
  return {
    store,
    clock: parts.clock,
    logDecision: async (id, value, place) => {
      const key = `${id.tenantId}|${id.transactionId}`;
      await log.append([{ topic: TOPICS.decisions, key, value, ...place }]);
    },
    restart: async () => {
      await latest.close();
      latest = await parts.aStore(redis, log);
      return latest;
    },
    crash: async () => {
      const copied = await parts.copyOfRedis(redis);
      const survivor = await parts.aStore(copied, await parts.copyOfLog(log));
      // Whoever swept before the crash holds the lease for a while, and passes for alive for as long.
      const isGone = async (): Promise<boolean> =>
        (await ask(copied, 'EXISTS', '{v0}sweep')) === 0 && (await heardCount(copied)) === 1;
      await until(isGone);
      return survivor;
    },
    // Nothing but the log: another Redis, with nothing in it.
    twin: async () => parts.aStore(await parts.aRedis(), await parts.copyOfLog(log)),
    dispose: () => parts.dispose(),
  };
});
