import { startRedis } from '@veto/testing/parts';
import { benchRedisStore } from './redis-state-store.bench';

describe('the bench of the store on Redis', () => {
  it('runs', async () => {
    const redis = await startRedis({ own: true });
    try {
      const result = await benchRedisStore({ url: redis.url, paymentCount: 320, inFlightCount: 2 });
      for (const [name, value] of Object.entries(result) as [string, number][])
        expect({ name, isPositive: value > 0 }).toEqual({ name, isPositive: true });
    } finally {
      await redis.stop();
    }
  });
});
