import type { RedisShard } from './redis-shard';
import { visibleBefore } from './visible-history';

const SCAN_COUNT = '1000';

/** What a reader can see of every history of a shard, by entity key. Slow. */
export async function readHistories(
  shard: Pick<RedisShard, 'keys' | 'epoch' | 'slowLink'>,
): Promise<readonly (readonly [string, Uint8Array])[]> {
  const prefix = shard.keys.historyPrefix(shard.epoch);
  const { slowLink } = shard;
  const found = new Map<string, Uint8Array>();
  let cursor = '0';
  do {
    const [next, names] = (await slowLink.call([
      'SCAN',
      cursor,
      'MATCH',
      `${prefix}*`,
      'COUNT',
      SCAN_COUNT,
    ])) as readonly [Buffer, readonly Buffer[]];
    cursor = next.toString();
    if (names.length === 0) continue;
    const histories = (await slowLink.call(['MGET', ...names])) as readonly (Buffer | null)[];
    for (const [i, history] of histories.entries()) {
      const bytes = visibleBefore(history, Infinity);
      if (bytes.length > 0) found.set(names[i]!.toString().slice(prefix.length), bytes);
    }
  } while (cursor !== '0');
  return [...found];
}
