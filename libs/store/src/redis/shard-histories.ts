import { HistoryCopies } from './history-copies';
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
    const whole = this.#readWhole(names.filter((_, i) => froms[i] === null));
    const tails = names.map((name, i) => {
      const from = froms[i]!;
      return from === null ? null : this.#link.call(['GETRANGE', name, String(from), '-1']);
    });
    const [histories, ...ends] = (await Promise.all([whole, ...tails])) as [
      ReadonlyMap<string, Buffer | null>,
      ...(Buffer | null)[],
    ];
    const broken = names.filter((name, i) => {
      const end = ends[i]!;
      return end !== null && !this.#copies.goOn(name, froms[i]!, end);
    });
    const known =
      broken.length === 0 ? histories : new Map([...histories, ...(await this.#readWhole(broken))]);
    return { before: (seqs, entitiesOf) => this.#before(names, known, seqs, entitiesOf) };
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
