import { randomInt } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import {
  type AppendLabelRequest,
  type BeginRequest,
  type BeginResult,
  type ClaimId,
  type Clock,
  type CommitRequest,
  type CommitResult,
  type EventLog,
  type PendingClaim,
  type StateStore,
} from '@veto/domain';
import { LoggedDecisions } from '../embedded/begin-answers';
import { claimKeyOf } from '../embedded/claim-book';
import { createMemoryClaimIndex, type ClaimIndex } from '../embedded/claim-index';
import { unavailable } from '../embedded/journal';
import { openLmdbClaimIndex } from '../embedded/lmdb-claim-index';
import { forgetStrangeIndex, type Ignored } from '../embedded/restore-state';
import type { HistoryEventOf } from '../embedded/state-of-log';
import { BegunClaims } from './begun-claims';
import { digestOfHistories } from './digest-of-histories';
import { COPIED_FROM_COUNT } from './history-copies';
import { LocalMemory } from './local-memory';
import { LogFollower } from './log-follower';
import { readHistories } from './read-histories';
import { BATCH_COUNT_MAX } from './redis-function';
import { openRedisLink, type OpenRedisLink } from './redis-link';
import { RedisShard } from './redis-shard';
import type { ShardEvent, ShardStatus } from './shard-status';
import { SharedBegins } from './shared-begins';
import { SharedCommits } from './shared-commits';
import { SharedLabels } from './shared-labels';
import { SharedOrphans } from './shared-orphans';
import { shardOf } from './shard-keys';
import { UnloggedPlaces } from './unlogged-places';

export interface RedisStoreOptions {
  /** One Redis for each shard, in an order that must not change: `redis://host:port`. */
  readonly urls: readonly string[];
  /** As it can be read here. */
  readonly log: EventLog;
  /** Where the index of decided ids lies; null = in memory, made again from the log at every start. */
  readonly directory: string | null;
  readonly clock: Clock;
  /** What a record of the log means to the state. */
  readonly historyEventOf: HistoryEventOf;
  /** How long a payment waits for Redis, in ms, before it is decided by what this process knows; 40. */
  readonly budgetMs?: number;
  /** Time between two looks at each shard, in ms; 250. */
  readonly lookEveryMs?: number;
  /** For how long after an epoch opened, or an instance went missing, the first decision on the log wins, in ms; 30 000. */
  readonly doubtMs?: number;
  /** How long the sweeper's or a recovery's leader may be silent, in ms; 2 000. */
  readonly leaseMs?: number;
  /** How long Redis knows an id, in s; 48 hours. After that the index does. */
  readonly claimTtlS?: number;
  /** How long Redis keeps a history that nobody touches, in s; 40 days. */
  readonly historyTtlS?: number;
  /** Histories of so many records and more are copied in this process, so that only what is new is read of them; 64. */
  readonly copiedFromCount?: number;
  /** How long to wait at the start for every shard to serve, in ms; 10 000. After that it starts without. */
  readonly readyWithinMs?: number;
  readonly onEvent?: (event: ShardEvent) => void;
  readonly onIgnored?: (ignored: Ignored) => void;
  /** How a simulation stands in for the network and the servers behind it. */
  readonly openLink?: OpenRedisLink;
}

export interface RedisStore extends StateStore {
  status(): readonly ShardStatus[];
}

const DEFAULTS = {
  budgetMs: 40,
  lookEveryMs: 250,
  doubtMs: 30_000,
  leaseMs: 2_000,
  claimTtlS: 48 * 3_600,
  historyTtlS: 40 * 24 * 3_600,
  copiedFromCount: COPIED_FROM_COUNT,
  openLink: openRedisLink,
};
const READY_WITHIN_MS = 10_000;
const READY_POLL_MS = 5;
const WAIT_POLL_MS_MIN = 2;
const WAIT_POLL_MS_MAX = 25;

/**
 * Opens the state that instances share in Redis. Where Redis does not answer, what is answered says so.
 * @throws VetoError store_unavailable when the index cannot be opened; log_unavailable
 */
export async function openRedisStore(options: RedisStoreOptions): Promise<RedisStore> {
  const { directory, log, onIgnored = () => undefined } = options;
  if (directory !== null) await mkdir(directory, { recursive: true });
  const index =
    directory === null
      ? createMemoryClaimIndex()
      : await openLmdbClaimIndex(join(directory, 'decided'), (why) => onIgnored({ what: directory, why }));
  try {
    await forgetStrangeIndex({ log, index, onIgnored });
    const store = new RedisStateStore(options, index);
    await store.start(options.readyWithinMs ?? READY_WITHIN_MS);
    return store;
  } catch (error) {
    await index.close();
    throw error;
  }
}

class RedisStateStore implements RedisStore {
  readonly #log: EventLog;
  readonly #clock: Clock;
  readonly #index: ClaimIndex;
  readonly #decisions: LoggedDecisions;
  readonly #follower: LogFollower;
  readonly #memory = new LocalMemory();
  readonly #shardsOf: () => RedisShard[];
  readonly #labels: SharedLabels;
  readonly #begins: SharedBegins;
  readonly #commits: SharedCommits;
  readonly #orphans: SharedOrphans;
  #shards: readonly RedisShard[] = [];
  #isClosed = false;

  constructor(options: RedisStoreOptions, index: ClaimIndex) {
    const { log, clock, historyEventOf, urls, onEvent = () => undefined } = options;
    this.#log = log;
    this.#clock = clock;
    this.#index = index;
    this.#decisions = new LoggedDecisions(log, historyEventOf);
    const [shardCount, instance] = [urls.length, randomInt(2 ** 32)];
    const unlogged = new UnloggedPlaces();
    const onDecided = (claimKey: string): void => this.#memory.forget(claimKey);
    const onPlaced = (claimKey: string, epoch: number): void => unlogged.placed(claimKey, epoch);
    this.#follower = new LogFollower({ log, index, historyEventOf, shardCount, onDecided, onPlaced });
    this.#labels = new SharedLabels(log, index);
    const parts = {
      memory: this.#memory,
      begun: new BegunClaims(),
      decisions: this.#decisions,
      index,
      shardOf: (tenantId: string) => this.#shardOf(tenantId),
      partsOf: (places: readonly number[], requests: readonly ClaimId[]) => this.#partsOf(places, requests),
    };
    this.#begins = new SharedBegins(parts);
    const own = { ...parts, unlogged, instance, clock };
    this.#commits = new SharedCommits(own);
    this.#orphans = new SharedOrphans({ ...own, labels: this.#labels, commits: this.#commits });
    const shared = {
      ...DEFAULTS,
      ...options,
      shardCount,
      onEvent,
      follower: this.#follower,
      instance,
    };
    this.#shardsOf = () => urls.map((url, shard) => new RedisShard({ ...shared, url, shard }));
  }

  async start(readyWithinMs: number): Promise<void> {
    await this.#follower.start();
    this.#shards = this.#shardsOf();
    const deadlineMs = performance.now() + readyWithinMs;
    while (!this.#shards.every(({ isServing }) => isServing) && performance.now() < deadlineMs)
      await wait(READY_POLL_MS);
  }

  status(): readonly ShardStatus[] {
    return this.#shards.map(({ status }) => status);
  }

  #shardOf(tenantId: string): RedisShard {
    return this.#shards[shardOf(tenantId, this.#shards.length)]!;
  }

  #requireOpen(): void {
    if (this.#isClosed) throw unavailable('the state store is closed');
  }

  async begin(requests: readonly BeginRequest[]): Promise<readonly BeginResult[]> {
    this.#requireOpen();
    return this.#begins.begin(requests);
  }

  /** By shard, and no more in each than one call takes. */
  #partsOf(
    places: readonly number[],
    requests: readonly ClaimId[],
  ): readonly { readonly shard: RedisShard; readonly places: number[] }[] {
    const parts: { readonly shard: RedisShard; readonly places: number[] }[] = [];
    const latest = new Map<RedisShard, number[]>();
    for (const place of places) {
      const shard = this.#shardOf(requests[place]!.tenantId);
      const part = latest.get(shard);
      if (part !== undefined && part.length < BATCH_COUNT_MAX) part.push(place);
      else {
        const next = [place];
        latest.set(shard, next);
        parts.push({ shard, places: next });
      }
    }
    return parts;
  }

  async commit(requests: readonly CommitRequest[]): Promise<readonly CommitResult[]> {
    this.#requireOpen();
    return this.#commits.commit(requests);
  }

  async appendLabel(
    request: AppendLabelRequest,
  ): Promise<{ readonly seq: number; readonly duplicate: boolean }> {
    this.#requireOpen();
    return this.#labels.append(this.#shardOf(request.tenantId), request);
  }

  async find(id: ClaimId): Promise<Uint8Array | null> {
    const claimKey = claimKeyOf(id);
    const decided = this.#index.decided(claimKey);
    if (decided !== null) return this.#decisions.read(decided.position);
    const local = this.#memory.find(claimKey);
    if (local !== null) return local;
    const claim = await this.#shardOf(id.tenantId).ask((calls) => calls.find(claimKey));
    return claim?.isDecided === true ? claim.bytes : null;
  }

  async winnerOnLog(id: ClaimId, position: number): Promise<Uint8Array | null> {
    await this.#follower.followed(position);
    const decided = this.#index.decided(claimKeyOf(id));
    return decided === null ? null : this.#decisions.read(decided.position);
  }

  async waitFor(id: ClaimId, timeoutMs: number): Promise<Uint8Array | null> {
    const claimKey = claimKeyOf(id);
    const deadlineMs = performance.now() + timeoutMs;
    for (let pauseMs = WAIT_POLL_MS_MIN; ; pauseMs = Math.min(pauseMs * 2, WAIT_POLL_MS_MAX)) {
      const bytes = await this.find(id);
      if (bytes !== null) return bytes;
      if (!this.#memory.has(claimKey)) {
        const shard = this.#shardOf(id.tenantId);
        const claim = await shard.ask((calls) => calls.find(claimKey));
        if (claim === null && shard.isServing) return null;
      }
      const leftMs = deadlineMs - performance.now();
      if (leftMs <= 0 || this.#isClosed) return null;
      await wait(Math.min(pauseMs, leftMs));
    }
  }

  async pending(query: {
    readonly ageMs: number;
    readonly countMax: number;
  }): Promise<readonly PendingClaim[]> {
    this.#requireOpen();
    return this.#orphans.take(this.#shards, {
      latestMs: this.#clock.nowMs() - query.ageMs,
      countMax: query.countMax,
    });
  }

  async digest(): Promise<string> {
    const histories: (readonly [string, Uint8Array])[] = [];
    for (const shard of this.#shards) {
      if (!shard.isServing) throw shard.unavailable();
      for (const history of await readHistories(shard)) histories.push(history);
    }
    return digestOfHistories(histories);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#follower.stop();
    await Promise.all(this.#shards.map((shard) => shard.close()));
    await this.#index.close();
  }
}
