import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { VetoError } from '@veto/domain';
import { digestOfHistories } from './digest-of-histories';
import { EpochWriter } from './epoch-writer';
import { heardInstances } from './heard-instances';
import { readHistories } from './read-histories';
import { openRedisLink, type RedisLink } from './redis-link';
import { ShardKeys } from './shard-keys';
import { parseEpochToken, type OpenedToken } from './epoch-token';

/** Where a shard of the shared state stands, as Redis itself says. */
export interface ShardState {
  readonly shard: number;
  /** What is served; null = nothing is. */
  readonly opened: OpenedToken | null;
  /** The last sequence number that was handed out; 0 = none. */
  readonly seq: number;
  /** Instances that were heard of just now. */
  readonly instanceCount: number;
}

const CONNECT_WITHIN_MS = 10_000;
const POLL_MS = 10;

/** One shard of the shared state, for whoever looks at it or makes it anew without being an instance. */
export class ShardAccess {
  readonly shard: number;
  readonly keys: ShardKeys;
  readonly #link: RedisLink;
  readonly #url: string;

  constructor(url: string, shard: number) {
    this.shard = shard;
    this.keys = new ShardKeys(shard);
    this.#url = url;
    this.#link = openRedisLink(url, () => undefined);
  }

  /** The server's run. @throws VetoError store_unavailable when it does not answer within 10 s */
  async connected(): Promise<string> {
    for (let leftMs = CONNECT_WITHIN_MS; leftMs > 0; leftMs -= POLL_MS) {
      if (this.#link.runId !== null) return this.#link.runId;
      await wait(POLL_MS);
    }
    const { host } = new URL(this.#url);
    throw new VetoError('store_unavailable', `the Redis of shard ${this.shard} at ${host} does not answer`, {
      retryable: true,
    });
  }

  async state(): Promise<ShardState> {
    const [token, seq] = (await this.#link.call([
      'MGET',
      this.keys.open,
      this.keys.seq,
    ])) as readonly (Buffer | null)[];
    return {
      shard: this.shard,
      opened: token == null ? null : parseEpochToken(token.toString()),
      seq: Number(seq?.toString() ?? '0'),
      instanceCount: (await heardInstances((args) => this.#link.call(args), this.keys)).size,
    };
  }

  writer(options: { readonly leaseMs: number; readonly historyTtlS: number }): EpochWriter {
    return new EpochWriter({
      ...options,
      link: this.#link,
      keys: this.keys,
      holder: `asked:${randomUUID()}`,
    });
  }

  /** What a reader can see of every history of an epoch, by entity key. Slow. */
  histories(epoch: number): Promise<readonly (readonly [string, Uint8Array])[]> {
    return readHistories({ keys: this.keys, epoch, slowLink: this.#link });
  }

  close(): void {
    this.#link.close();
  }
}

/**
 * Where every shard stands, without being an instance.
 * @throws VetoError store_unavailable when one does not answer
 */
export async function readShardStates(urls: readonly string[]): Promise<readonly ShardState[]> {
  const accesses = urls.map((url, shard) => new ShardAccess(url, shard));
  try {
    await Promise.all(accesses.map((access) => access.connected()));
    return await Promise.all(accesses.map((access) => access.state()));
  } finally {
    for (const access of accesses) access.close();
  }
}

/**
 * The shared state as Redis has it now, without being an instance. While instances decide it is of no one moment.
 * @throws VetoError store_unavailable when a shard does not answer, or none of its epochs is open
 */
export async function inspectRedis(
  urls: readonly string[],
): Promise<{ readonly digest: string; readonly shards: readonly ShardState[] }> {
  const accesses = urls.map((url, shard) => new ShardAccess(url, shard));
  try {
    const shards: ShardState[] = [];
    const histories: (readonly [string, Uint8Array])[] = [];
    for (const access of accesses) {
      await access.connected();
      const state = await access.state();
      if (state.opened === null)
        throw new VetoError('store_unavailable', `no epoch of shard ${access.shard} is open`, {
          retryable: true,
        });
      shards.push(state);
      // One by one: a call takes no more arguments than fit on the stack.
      for (const history of await access.histories(state.opened.epoch)) histories.push(history);
    }
    return { digest: digestOfHistories(histories), shards };
  } finally {
    for (const access of accesses) access.close();
  }
}
