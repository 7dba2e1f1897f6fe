import type { OpenedEpoch } from './fold-epoch';
import { LIBRARY } from './redis-function';
import { MISSED, within, type RedisArgument, type RedisLink, type Reply } from './redis-link';
import type { ShardKeys } from './shard-keys';
import { epochToken, type OpenedToken } from './epoch-token';
import { bufferOf } from './visible-history';

export interface EpochWriterOptions {
  readonly link: RedisLink;
  readonly keys: ShardKeys;
  /** Unlike any other attempt's: what is written under it is refused once another leads. */
  readonly holder: string;
  readonly leaseMs: number;
  readonly historyTtlS: number;
}

const CALL_TIMEOUT_MS = 10_000;
const LOAD_COUNT = 400;
const LOAD_BYTES = 1_000_000;

/** The writes that make a shard's state: each is refused once another leads. */
export class EpochWriter {
  readonly #options: EpochWriterOptions;

  constructor(options: EpochWriterOptions) {
    this.#options = options;
  }

  /** Takes the lead. @returns false when another has it */
  async lease(): Promise<boolean> {
    const { keys, holder, leaseMs } = this.#options;
    return (await this.#call(['FCALL', `${LIBRARY}_lease`, '1', keys.lead, holder, String(leaseMs)])) === 1;
  }

  /**
   * Keeps the lead. It is never taken back once it was lost: another may have led meanwhile and opened the epoch, into
   * whose histories what was loaded here would then be written.
   * @throws Error when it is lost
   */
  async renew(): Promise<void> {
    const { leaseMs, historyTtlS } = this.#options;
    await this.#fenced('load', [], [String(leaseMs), String(historyTtlS)]);
  }

  async release(): Promise<void> {
    const { keys, holder } = this.#options;
    await this.#call(['FCALL', `${LIBRARY}_release`, '1', keys.lead, holder]);
  }

  /** From here on nobody is served. */
  async close(): Promise<void> {
    await this.#fenced('close', [this.#options.keys.open], []);
  }

  /** Writes histories of an epoch that is not yet open; those that are there are replaced. */
  async load(epoch: number, opened: OpenedEpoch): Promise<void> {
    const prefix = this.#options.keys.historyPrefix(epoch);
    let names: string[] = [];
    let values: Buffer[] = [];
    let byteCount = 0;
    const flush = async (): Promise<void> => {
      if (names.length === 0) return;
      const { leaseMs, historyTtlS } = this.#options;
      await this.#fenced('load', names, [String(leaseMs), String(historyTtlS), ...values]);
      [names, values, byteCount] = [[], [], 0];
    };
    for (const key of opened.keys) {
      const bytes = opened.historyOf(key);
      names.push(prefix + key);
      values.push(bufferOf(bytes));
      byteCount += bytes.length;
      if (names.length >= LOAD_COUNT || byteCount >= LOAD_BYTES) await flush();
    }
    await flush();
  }

  /**
   * Serves the epoch from here on, and gives up the lead.
   * @param of.lastSeq from which sequence numbers go on; null = from where they are
   * @param of.doubtMs for how long others may have decided unseen
   */
  async open(
    token: OpenedToken,
    of: { readonly lastSeq: number | null; readonly doubtMs: number },
  ): Promise<void> {
    const { open, seq, generations, instances } = this.#options.keys;
    const lastSeq = of.lastSeq === null ? '' : String(of.lastSeq);
    await this.#fenced(
      'open',
      [open, seq, generations, instances],
      [epochToken(token), String(token.epoch), lastSeq, String(of.doubtMs)],
    );
  }

  #fenced(name: string, keys: readonly string[], args: readonly RedisArgument[]): Promise<Reply> {
    const { keys: shardKeys, holder } = this.#options;
    const count = String(1 + keys.length);
    return this.#call(['FCALL', `${LIBRARY}_${name}`, count, shardKeys.lead, ...keys, holder, ...args]);
  }

  async #call(args: readonly RedisArgument[]): Promise<Reply> {
    const reply = await within(this.#options.link.call(args), CALL_TIMEOUT_MS);
    if (reply === MISSED) throw new Error(`${String(args[1])} was not answered within ${CALL_TIMEOUT_MS} ms`);
    return reply;
  }
}
