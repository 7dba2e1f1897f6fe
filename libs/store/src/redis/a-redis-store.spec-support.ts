import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createClient } from 'redis';
import type { EventLog } from '@veto/domain';
import { createMemoryLog } from '@veto/log';
import { aClock, dullHistoryEventOf, type ManualClock } from '@veto/testing';
import { startRedis, type RedisPart } from '@veto/testing/parts';
import { heardInstances } from './heard-instances';
import type { Reply } from './redis-link';
import { ShardKeys } from './shard-keys';
import { openRedisStore, type RedisStore, type RedisStoreOptions } from './redis-state-store';

/** Everything that a test opened, closed in one go. */
export class StoreParts {
  readonly clock: ManualClock = aClock();
  readonly #stores: RedisStore[] = [];
  readonly #logs: EventLog[] = [];
  readonly #redises: RedisPart[] = [];

  async aRedis(options?: Parameters<typeof startRedis>[0]): Promise<RedisPart> {
    const redis = await startRedis({ own: true, ...options });
    this.#redises.push(redis);
    return redis;
  }

  aLog(clock: ManualClock = this.clock): EventLog {
    const log = createMemoryLog({ clock });
    this.#logs.push(log);
    return log;
  }

  /** Another log with the same records, each appended at its own time. */
  async copyOfLog(log: EventLog): Promise<EventLog> {
    await log.append([]);
    const { records } = await log.read({ after: -1, recordCountMax: 1_000_000 });
    const clock = aClock();
    const copied = this.aLog(clock);
    for (const record of records) {
      clock.set(record.appendedAtMs);
      await copied.append([record]);
    }
    return copied;
  }

  /** What a kill of Redis at this moment would leave: its writes are in its file, synced or not. */
  async copyOfRedis(redis: RedisPart): Promise<RedisPart> {
    const copied = await this.aRedis();
    await copied.kill();
    await cp(join(redis.directory, 'appendonlydir'), join(copied.directory, 'appendonlydir'), {
      recursive: true,
      force: true,
    });
    await copied.restart();
    return copied;
  }

  async aStore(
    redis: RedisPart | readonly RedisPart[],
    log: EventLog,
    options: Partial<RedisStoreOptions> = {},
  ): Promise<RedisStore> {
    const redises = Array.isArray(redis) ? (redis as readonly RedisPart[]) : [redis as RedisPart];
    const store = await openRedisStore({
      urls: redises.map(({ url }) => url),
      log,
      directory: null,
      clock: this.clock,
      historyEventOf: dullHistoryEventOf,
      // The tests' machine is busy with other things too.
      budgetMs: 10_000,
      leaseMs: 300,
      lookEveryMs: 50,
      ...options,
    });
    this.#stores.push(store);
    return store;
  }

  async dispose(): Promise<void> {
    for (const store of this.#stores) await store.close();
    for (const log of this.#logs) await log.close();
    for (const redis of this.#redises) await redis.stop();
  }
}

/** One command, by a connection of its own. */
export async function ask(redis: Pick<RedisPart, 'url'>, ...command: readonly string[]): Promise<unknown> {
  const client = createClient({ url: redis.url });
  await client.connect();
  try {
    return await client.sendCommand([...command]);
  } finally {
    client.destroy();
  }
}

/** Instances of which the first shard heard just now. */
export async function heardCount(redis: Pick<RedisPart, 'url'>): Promise<number> {
  const call = async (args: readonly string[]): Promise<Reply> => (await ask(redis, ...args)) as Reply;
  return (await heardInstances(call, new ShardKeys(0))).size;
}

/** Waits for a fact. @returns how many ms it took */
export async function until(fact: () => boolean | Promise<boolean>, withinMs = 20_000): Promise<number> {
  const startedAt = performance.now();
  while (!(await fact())) {
    if (performance.now() - startedAt > withinMs)
      throw new Error(`${String(fact)} did not hold within ${withinMs} ms`);
    await wait(5);
  }
  return performance.now() - startedAt;
}

export function isServing(store: RedisStore): boolean {
  return store.status().every(({ state }) => state === 'serving');
}
