/** One Map holds 2^24 entries at most; sixteen hold 268 million. */
const SHARD_COUNT = 16;

/** Numbers keys: each has a slot while it is known, and freed slots are given out again. */
export class KeyTable {
  readonly #shards: Map<string, number>[] = Array.from(
    { length: SHARD_COUNT },
    () => new Map<string, number>(),
  );
  readonly #keys: (string | null)[] = [];
  readonly #free: number[] = [];

  /** Keys that have a slot. */
  get size(): number {
    return this.#keys.length - this.#free.length;
  }

  /** Slots given out so far, free or not. */
  get slotCount(): number {
    return this.#keys.length;
  }

  /** The slot of a key, or −1. */
  slotOf(key: string): number {
    return this.#shardOf(key).get(key) ?? -1;
  }

  keyAt(slot: number): string | null {
    return this.#keys[slot] ?? null;
  }

  add(key: string): number {
    const slot = this.#free.pop() ?? this.#keys.length;
    this.#keys[slot] = key;
    this.#shardOf(key).set(key, slot);
    return slot;
  }

  removeAt(slot: number): void {
    const key = this.#keys[slot];
    if (key === null || key === undefined) return;
    this.#shardOf(key).delete(key);
    this.#keys[slot] = null;
    this.#free.push(slot);
  }

  /** The keys that have a slot, in no order. */
  *keys(): Generator<string> {
    for (const key of this.#keys) if (key !== null) yield key;
  }

  sorted(): string[] {
    return [...this.keys()].sort();
  }

  #shardOf(key: string): Map<string, number> {
    const last = key.length - 1;
    return this.#shards[(key.charCodeAt(last) ^ (key.charCodeAt(last - 1) << 2)) & (SHARD_COUNT - 1)]!;
  }
}
