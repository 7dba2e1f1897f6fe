import { parseEpochToken } from './epoch-token';
import type { Reply } from './redis-link';
import type { ShardKeys } from './shard-keys';

/** Keys that one SCAN looks at: so long nobody else is served. */
const SLICE_COUNT = '1000';
/** Slices of one call, at most: ten million keys take some minutes, and Redis a tenth of a processor meanwhile. */
const SLICE_COUNT_MAX = 20;

type Call = (args: readonly string[]) => Promise<Reply>;

/**
 * Takes away the histories of epochs that are no longer served. Each epoch has histories of its own, all of them, and
 * without this they would lie beside each other until they expire, so that every recovery costs the memory once more.
 * An epoch's histories stay while an id that was begun in it is not on the log: an orphan is decided with them.
 */
export class OldHistories {
  readonly #call: Call;
  readonly #keys: ShardKeys;
  #cursor = '0';
  /** Epoch that was served when this walk through all keys began; null between walks. */
  #walkEpoch: number | null = null;
  /** Whether something was left in this walk that another one has to take. */
  #isSomethingLeft = false;

  constructor(call: Call, keys: ShardKeys) {
    this.#call = call;
    this.#keys = keys;
  }

  /**
   * Goes on with the walk, a little. Nothing is asked but three small keys when there is nothing to take away.
   * @returns histories that are gone
   */
  async drop(): Promise<number> {
    const [token, dropped] = (await this.#call([
      'MGET',
      this.#keys.open,
      this.#keys.droppedBelow,
    ])) as readonly (Buffer | null)[];
    if (token == null) return 0;
    const { epoch } = parseEpochToken(token.toString());
    if (Number(dropped?.toString() ?? '0') >= epoch) return 0;
    if (this.#walkEpoch !== epoch) this.#begin(epoch);
    const generations = await this.#generations();
    const needed = new Set(
      generations.filter(({ isNeeded }) => isNeeded).map((generation) => generation.epoch),
    );
    let count = 0;
    for (let slice = 0; slice < SLICE_COUNT_MAX; slice++) {
      const goneCount = await this.#dropSlice(epoch, needed);
      count += goneCount;
      if (this.#cursor === '0') {
        await this.#end(
          epoch,
          generations.filter(({ isNeeded }) => !isNeeded).map((generation) => generation.epoch),
        );
        break;
      }
    }
    return count;
  }

  #begin(epoch: number): void {
    this.#walkEpoch = epoch;
    this.#cursor = '0';
    this.#isSomethingLeft = false;
  }

  /** @param done epochs of which nothing is needed any more, the served one maybe among them */
  async #end(epoch: number, done: readonly number[]): Promise<void> {
    this.#walkEpoch = null;
    if (this.#isSomethingLeft) return;
    // Whoever sweeps looks at each epoch that is named there. Nothing begins in one that is no longer served.
    const over = done.filter((old) => old < epoch).map(String);
    if (over.length > 0) await this.#call(['SREM', this.#keys.generations, ...over]);
    await this.#call(['SET', this.#keys.droppedBelow, String(epoch)]);
  }

  /** Epochs that were opened, and whether something of them is not known to be on the log. */
  async #generations(): Promise<readonly { readonly epoch: number; readonly isNeeded: boolean }[]> {
    const names = (await this.#call(['SMEMBERS', this.#keys.generations])) as readonly Buffer[];
    const generations: { readonly epoch: number; readonly isNeeded: boolean }[] = [];
    for (const name of names) {
      const epoch = Number(name.toString());
      const count = await this.#call(['EXISTS', this.#keys.pending(epoch), this.#keys.unlogged(epoch)]);
      generations.push({ epoch, isNeeded: Number(count) > 0 });
    }
    return generations;
  }

  async #dropSlice(served: number, needed: ReadonlySet<number>): Promise<number> {
    const [next, names] = (await this.#call([
      'SCAN',
      this.#cursor,
      'MATCH',
      this.#keys.historyPattern,
      'COUNT',
      SLICE_COUNT,
    ])) as readonly [Buffer, readonly Buffer[]];
    this.#cursor = next.toString();
    const old = names
      .map((name) => name.toString())
      .filter((name) => this.#keys.epochOfHistory(name) < served);
    const unneeded = old.filter((name) => !needed.has(this.#keys.epochOfHistory(name)));
    if (unneeded.length < old.length) this.#isSomethingLeft = true;
    if (unneeded.length > 0) await this.#call(['UNLINK', ...unneeded]);
    return unneeded.length;
  }
}
