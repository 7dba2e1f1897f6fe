import type { Reply } from './redis-link';
import type { ShardKeys } from './shard-keys';

/** An instance that was not heard of for so long may be deciding alone, or is gone; each is heard of every quarter of a second. */
export const GONE_MS = 1_500;
/** Not an instance, but when an epoch was opened. */
const NO_INSTANCES = new Set(['opened']);

/** What an instance is called in Redis. @param instance 32 bits, as claims have them */
export function instanceNameOf(instance: number): string {
  return instance.toString(16).padStart(8, '0');
}

/** Instances that Redis heard of just now, by name; its own clock tells. */
export async function heardInstances(
  call: (args: readonly string[]) => Promise<Reply>,
  keys: ShardKeys,
): Promise<ReadonlySet<string>> {
  const all = (await call(['HKEYS', keys.instances])) as readonly Buffer[];
  const names = all.map((name) => name.toString()).filter((name) => !NO_INSTANCES.has(name));
  if (names.length === 0) return new Set();
  const heard = (await call(['HMGET', keys.instances, ...names])) as readonly (Buffer | null)[];
  const [seconds] = (await call(['TIME'])) as readonly Buffer[];
  const nowMs = Number(seconds?.toString()) * 1_000;
  const isHeard = (text: Buffer | null): boolean =>
    nowMs - Number.parseInt(text?.toString() ?? '0', 10) < GONE_MS;
  return new Set(names.filter((_, i) => isHeard(heard[i] ?? null)));
}
