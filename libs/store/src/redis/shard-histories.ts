import { HistoryCopies } from './history-copies';
import { LIBRARY } from './redis-function';
import type { RedisLink } from './redis-link';
import { HistoryLost, placeOf, visibleTo } from './visible-history';

/** What was read of the histories of one call. */
export interface ReadHistories {
  /**
   * What each request sees.
   * @param seqs of the requests; null for one that sees nothing
   * @param entitiesOf for each request, the places of its entities among the names that were read
   * @throws HistoryLost where a history lacks the record with that seq
   */
  before(
    seqs: readonly (number | null)[],
    entitiesOf: readonly (readonly number[])[],
  ): Promise<readonly (readonly Uint8Array[])[]>;
}

/** Reads histories of a shard: short ones whole, and of long ones what is new. */
export class ShardHistories {
  readonly #link: RedisLink;
  readonly #copies: HistoryCopies;

  /** @param copiedFromCount histories of so many records and more are copied */
  constructor(link: RedisLink, copiedFromCount: number) {
    this.#link = link;
    this.#copies = new HistoryCopies(copiedFromCount);
  }

  /** Everything is asked for before anything is waited for. */
  async read(names: readonly string[]): Promise<ReadHistories> {
    const froms = names.map((name) => this.#copies.readFrom(name));
    const copied = names.flatMap((name, i) => {
      const from = froms[i]!;
      return from === null ? [] : [{ name, from }];
    });
    const whole = this.#readWhole(names.filter((_, i) => froms[i] === null));
    const [histories, tails] = await Promise.all([whole, this.#readTails(copied)]);
    const broken = copied.filter(({ name, from }, i) => !this.#copies.goOn(name, from, tails[i]!));
    const reread = await this.#readWhole(broken.map(({ name }) => name));
    const known = broken.length === 0 ? histories : new Map([...histories, ...reread]);
    return { before: (seqs, entitiesOf) => this.#before(names, known, seqs, entitiesOf) };
  }

  /** One call for all of them, for each call costs. */
  async #readTails(
    copied: readonly { readonly name: string; readonly from: number }[],
  ): Promise<readonly Buffer[]> {
    if (copied.length === 0) return [];
    const names = copied.map(({ name }) => name);
    const froms = copied.map(({ from }) => String(from));
    const tails = await this.#link.call([
      'FCALL',
      `${LIBRARY}_tails`,
      String(names.length),
      ...names,
      ...froms,
    ]);
    return tails as readonly Buffer[];
  }

  async #readWhole(names: readonly string[]): Promise<ReadonlyMap<string, Buffer | null>> {
    if (names.length === 0) return new Map();
    const histories = (await this.#link.call(['MGET', ...names])) as readonly (Buffer | null)[];
    return new Map(
      histories.map((history, i) => {
        if (history !== null) this.#copies.keep(names[i]!, history);
        return [names[i]!, history];
      }),
    );
  }

  async #before(
    names: readonly string[],
    known: ReadonlyMap<string, Buffer | null>,
    seqs: readonly (number | null)[],
    entitiesOf: readonly (readonly number[])[],
  ): Promise<readonly (readonly Uint8Array[])[]> {
    const late = new Set<string>();
    const all = seqs.map((seq, i) =>
      entitiesOf[i]!.map((at) => {
        const name = names[at]!;
        if (seq === null) return null;
        const whole = known.get(name);
        if (whole !== undefined) return beforeIn(whole, seq);
        const visible = this.#copies.before(name, seq);
        if (visible === null) late.add(name);
        return visible;
      }),
    );
    if (late.size === 0) return all as readonly (readonly Uint8Array[])[];
    const reread = await this.#readWhole([...late]);
    return this.#before(names, new Map([...known, ...reread]), seqs, entitiesOf);
  }
}

/** The records before `seq` in what was read after the record with `seq` was appended. */
function beforeIn(history: Buffer | null, seq: number): Uint8Array {
  const at = history === null ? -1 : placeOf(history, seq);
  if (at < 0) throw new HistoryLost(seq);
  return visibleTo(history!, at);
}
