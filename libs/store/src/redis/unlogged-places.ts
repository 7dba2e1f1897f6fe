import type { RedisShard } from './redis-shard';

/** So many places may be on their way to the log; of the oldest the sweeper then finds out. */
const COUNT_MAX = 200_000;
/** Places that are known to be logged are told to Redis so many at a time, or with the next sweep. */
const TOLD_COUNT = 256;

interface Place {
  readonly shard: RedisShard;
  readonly epoch: number;
}

/** A place that was noted so lately is on its way, and not looked after once more; ms. */
const ON_THE_WAY_MS = 5_000;

/**
 * Places that this process committed, or found while sweeping, and has not yet seen on the log: until Redis is told that
 * they are there, it lists them for whoever sweeps, in case this process dies.
 */
export class UnloggedPlaces {
  readonly #places = new Map<string, Place & { readonly notedAtMs: number }>();
  #logged: (readonly [string, Place])[] = [];

  note(claimKey: string, place: Place): void {
    this.#places.set(claimKey, { ...place, notedAtMs: performance.now() });
    if (this.#places.size <= COUNT_MAX) return;
    const oldest = this.#places.keys().next().value;
    if (oldest !== undefined) this.#places.delete(oldest);
  }

  /** Whether this process is bringing it onto the log, or was a moment ago. */
  isOnTheWay(claimKey: string): boolean {
    const place = this.#places.get(claimKey);
    return place !== undefined && performance.now() - place.notedAtMs < ON_THE_WAY_MS;
  }

  /** A decision of this id came on the log with a place of that epoch. */
  placed(claimKey: string, epoch: number): void {
    const place = this.#places.get(claimKey);
    if (place?.epoch !== epoch) return;
    this.#places.delete(claimKey);
    this.#logged.push([claimKey, place]);
    if (this.#logged.length >= TOLD_COUNT) void this.tell();
  }

  /** Tells Redis of what was seen on the log. What it does not hear of, the sweeper brings there once more. */
  async tell(): Promise<void> {
    const logged = this.#logged;
    this.#logged = [];
    const byPlace = new Map<RedisShard, Map<number, string[]>>();
    for (const [claimKey, { shard, epoch }] of logged) {
      const ofShard = byPlace.get(shard) ?? new Map<number, string[]>();
      byPlace.set(shard, ofShard);
      const claimKeys = ofShard.get(epoch);
      if (claimKeys === undefined) ofShard.set(epoch, [claimKey]);
      else claimKeys.push(claimKey);
    }
    for (const [shard, ofShard] of byPlace)
      for (const [epoch, claimKeys] of ofShard)
        await shard.ask((calls) => calls.notePlacesLogged(epoch, claimKeys));
  }
}
