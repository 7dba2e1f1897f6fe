import { existsSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { askRedis } from './redis-wire';
import { startRedis, type RedisOptions, type RedisPart } from './start-redis';

describe('a Redis', () => {
  let redis: RedisPart;

  afterEach(async () => {
    delete process.env['REDIS_URL'];
    await redis.stop();
  });

  const ask = async (command: string): Promise<string> => askRedis(new URL(redis.url), command);

  async function aRedis(options: RedisOptions = {}): Promise<void> {
    redis = await startRedis({ own: true, ...options });
  }

  /** Until the append-only file holds what was said, which is written before the answer. */
  async function setTen(): Promise<void> {
    for (let i = 0; i < 10; i++) expect(await ask(`SET key-${i} ${'x'.repeat(100)}`)).toBe('+OK');
  }

  it('keeps what it was told through SIGKILL', async () => {
    await aRedis();
    await setTen();
    await redis.kill();
    await expect(ask('PING')).rejects.toThrow('ECONNREFUSED');
    await redis.restart();
    expect(await ask('DBSIZE')).toBe(':10');
  });

  it('comes back empty', async () => {
    await aRedis();
    await setTen();
    await redis.restart({ empty: true });
    expect(await ask('DBSIZE')).toBe(':0');
  });

  it('comes back without what was cut from its file', async () => {
    await aRedis();
    await setTen();
    // One SET of 100 bytes takes about 140 of the file: the cut goes through the ninth.
    await redis.restart({ cutAofBytes: 200 });
    expect(await ask('DBSIZE')).toBe(':8');
  });

  it('keeps nothing without its file', async () => {
    await aRedis({ appendonly: false });
    await setTen();
    await redis.restart();
    expect(await ask('DBSIZE')).toBe(':0');
  });

  it('does not answer between SIGSTOP and SIGCONT', async () => {
    await aRedis();
    await redis.kill('SIGSTOP');
    await expect(ask('PING')).rejects.toThrow('no answer');
    await redis.kill('SIGCONT');
    expect(await ask('PING')).toBe('+PONG');
  });

  it('refuses to write beyond its memory', async () => {
    await aRedis({ maxmemory: '1500kb' });
    const answers = new Set<string>();
    for (let i = 0; i < 100; i++) answers.add((await ask(`SET key-${i} ${'x'.repeat(10_000)}`)).slice(0, 4));
    expect([...answers]).toEqual(['+OK', '-OOM']);
  });

  it('follows another', async () => {
    await aRedis();
    const replica = await startRedis({ replicaOf: redis.port });
    try {
      await ask('SET key value');
      const size = async (): Promise<string> => askRedis(new URL(replica.url), 'DBSIZE');
      while ((await size()) !== ':1') await wait(20);
    } finally {
      await replica.stop();
    }
  });

  it('leaves nothing behind', async () => {
    await aRedis();
    const { directory } = redis;
    expect(existsSync(directory)).toBe(true);
    await redis.stop();
    expect(existsSync(directory)).toBe(false);
  });

  describe('given from outside', () => {
    it('is used and emptied, and never killed', async () => {
      await aRedis();
      process.env['REDIS_URL'] = redis.url;
      const given = await startRedis();
      expect(given).toMatchObject({ url: redis.url, external: true });
      await ask('SET key value');
      await expect(given.kill()).rejects.toThrow('not ours');
      await given.stop();
      expect(await ask('DBSIZE')).toBe(':0');
    });

    it('is refused when it holds anything', async () => {
      await aRedis();
      process.env['REDIS_URL'] = redis.url;
      await ask('SET key value');
      await expect(startRedis()).rejects.toThrow('must be empty');
      expect(await ask('DBSIZE')).toBe(':1');
    });

    it('serves one part at a time', async () => {
      await aRedis();
      process.env['REDIS_URL'] = redis.url;
      const first = await startRedis();
      const second = await startRedis();
      expect([first.external, second.external]).toEqual([true, false]);
      await second.stop();
      await first.stop();
      expect((await startRedis()).external).toBe(true);
    });
  });
});
