interface Kept {
  readonly bytes: Buffer;
  readonly untilMs: number;
}

/** One key as whoever looks at a Redis sees it; members and fields in the order of their names. */
export type Lying =
  | { readonly type: 'string'; readonly bytes: Buffer; readonly untilMs: number }
  | { readonly type: 'zset'; readonly scores: readonly (readonly [string, number])[] }
  | { readonly type: 'set'; readonly members: readonly string[] }
  | { readonly type: 'hash'; readonly fields: readonly (readonly [string, string])[] };

/** What lies in a Redis. Values are never changed in place, so that a copy is cheap. */
export class RedisData {
  nowMs = 0;
  #strings = new Map<string, Kept>();
  readonly #scored = new Map<string, Map<string, number>>();
  readonly #sets = new Map<string, Set<string>>();
  readonly #hashes = new Map<string, Map<string, string>>();

  /** As it is now, for a server that finds this on its disk. */
  copy(): RedisData {
    const copy = new RedisData();
    copy.#strings = new Map(this.#strings);
    for (const [key, scores] of this.#scored) copy.#scored.set(key, new Map(scores));
    for (const [key, members] of this.#sets) copy.#sets.set(key, new Set(members));
    for (const [key, fields] of this.#hashes) copy.#hashes.set(key, new Map(fields));
    return copy;
  }

  get(key: string): Buffer | null {
    const kept = this.#strings.get(key);
    if (kept === undefined) return null;
    if (kept.untilMs > this.nowMs) return kept.bytes;
    this.#strings.delete(key);
    return null;
  }

  /** For how long it is kept, in ms; Infinity where that was not said, or it is not there. */
  ttlMsOf(key: string): number {
    return this.get(key) === null ? Infinity : this.#strings.get(key)!.untilMs - this.nowMs;
  }

  text(key: string): string | null {
    return this.get(key)?.toString() ?? null;
  }

  set(key: string, bytes: Buffer, ttlMs = Infinity): void {
    this.#strings.set(key, { bytes, untilMs: this.nowMs + ttlMs });
  }

  /** Other bytes for as long as those before them. */
  replace(key: string, bytes: Buffer): void {
    this.#strings.set(key, { bytes, untilMs: this.#strings.get(key)?.untilMs ?? Infinity });
  }

  expire(key: string, ttlMs: number): void {
    const bytes = this.get(key);
    if (bytes !== null) this.set(key, bytes, ttlMs);
  }

  remove(key: string): number {
    const isThere = this.get(key) !== null;
    this.#strings.delete(key);
    return isThere ? 1 : 0;
  }

  keysFrom(prefix: string): readonly Buffer[] {
    const found: Buffer[] = [];
    for (const key of this.#strings.keys()) if (key.startsWith(prefix)) found.push(Buffer.from(key));
    return found;
  }

  score(key: string, member: string, score: number): void {
    const scores = this.#scored.get(key);
    if (scores === undefined) this.#scored.set(key, new Map([[member, score]]));
    else scores.set(member, score);
  }

  removeScored(key: string, members: readonly string[]): number {
    const scores = this.#scored.get(key);
    let count = 0;
    for (const member of members) if (scores?.delete(member) === true) count += 1;
    return count;
  }

  scoreOf(key: string, member: string): number | null {
    return this.#scored.get(key)?.get(member) ?? null;
  }

  has(key: string): boolean {
    const sizes = [this.#scored.get(key)?.size, this.#sets.get(key)?.size, this.#hashes.get(key)?.size];
    return this.get(key) !== null || sizes.some((size = 0) => size > 0);
  }

  scoredCount(key: string): number {
    return this.#scored.get(key)?.size ?? 0;
  }

  /** From the lowest score on. */
  range(
    key: string,
    last: number,
    withScores: boolean,
  ): readonly Buffer[] | readonly (readonly [Buffer, number])[] {
    const sorted = [...(this.#scored.get(key) ?? [])]
      .sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1))
      .slice(0, last < 0 ? undefined : last + 1);
    return withScores
      ? sorted.map(([member, score]) => [Buffer.from(member), score] as const)
      : sorted.map(([member]) => Buffer.from(member));
  }

  addMember(key: string, member: string): void {
    const members = this.#sets.get(key);
    if (members === undefined) this.#sets.set(key, new Set([member]));
    else members.add(member);
  }

  removeMembers(key: string, members: readonly string[]): number {
    return members.filter((member) => this.#sets.get(key)?.delete(member) === true).length;
  }

  members(key: string): readonly Buffer[] {
    return [...(this.#sets.get(key) ?? [])].map((member) => Buffer.from(member));
  }

  setField(key: string, field: string, value: string): void {
    const fields = this.#hashes.get(key);
    if (fields === undefined) this.#hashes.set(key, new Map([[field, value]]));
    else fields.set(field, value);
  }

  field(key: string, field: string): string | null {
    return this.#hashes.get(key)?.get(field) ?? null;
  }

  fields(key: string): readonly (readonly [string, string])[] {
    return [...(this.#hashes.get(key) ?? [])];
  }

  removeField(key: string, field: string): number {
    return this.#hashes.get(key)?.delete(field) === true ? 1 : 0;
  }

  /** Everything that lies here. */
  all(): ReadonlyMap<string, Lying> {
    const all = new Map<string, Lying>();
    for (const [key, { bytes, untilMs }] of this.#strings)
      if (this.get(key) !== null) all.set(key, { type: 'string', bytes, untilMs });
    for (const [key, scores] of this.#scored)
      if (scores.size > 0) all.set(key, { type: 'zset', scores: byName(scores) });
    for (const [key, members] of this.#sets) all.set(key, { type: 'set', members: [...members].sort() });
    for (const [key, fields] of this.#hashes)
      if (fields.size > 0) all.set(key, { type: 'hash', fields: byName(fields) });
    return all;
  }
}

export function byName<T>(of: Iterable<readonly [string, T]>): readonly (readonly [string, T])[] {
  return [...of].sort(([a], [b]) => (a < b ? -1 : 1));
}
