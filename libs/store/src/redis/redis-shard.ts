import type { AppendLabelRequest, BeginRequest, VetoError } from '@veto/domain';
import { unavailable } from '../embedded/journal';
import { instanceNameOf } from './heard-instances';
import { MISSED, within, type OpenRedisLink, type RedisLink } from './redis-link';
import {
  ShardCalls,
  type BeginAnswer,
  type CommitAnswer,
  type CommittedDecision,
  type LabelAnswer,
  type Session,
} from './shard-calls';
import { ShardKeys } from './shard-keys';
import { ShardStanding } from './shard-standing';
import type { ShardStatus } from './shard-status';
import { ShardSweep } from './shard-sweep';
import { HistoryLost } from './visible-history';
import { LOOK_TIMEOUT_MS, ShardWatch, type ShardWatchOptions } from './shard-watch';

export interface RedisShardOptions extends Omit<
  ShardWatchOptions,
  'keys' | 'link' | 'slowLink' | 'standing' | 'instanceName'
> {
  readonly url: string;
  readonly openLink: OpenRedisLink;
  /** Of this process, unlike any other's. */
  readonly instance: number;
  readonly claimTtlS: number;
  readonly copiedFromCount: number;
}

/** Whoever dies while he sweeps holds the orphans up for so long; two who sweep at once do the same twice. */
const SWEEP_LEASE_MS = 1_000;
const LABEL_TIMEOUT_MS = 2_000;
const SHARD_GONE = /WRONG_EPOCH|BEHIND/;

/** One Redis and what this instance knows of it: asks it while that is of use, watches it, and makes it anew when it must. */
export class RedisShard {
  readonly keys: ShardKeys;
  readonly calls: ShardCalls;
  readonly sweep: ShardSweep;
  readonly slowLink: RedisLink;
  readonly #options: RedisShardOptions;
  readonly #link: RedisLink;
  readonly #instanceName: string;
  readonly #standing: ShardStanding;
  readonly #watch: ShardWatch;
  #isClosed = false;

  constructor(options: RedisShardOptions) {
    this.#options = options;
    this.#instanceName = instanceNameOf(options.instance);
    this.keys = new ShardKeys(options.shard);
    this.#standing = new ShardStanding(options);
    this.#link = options.openLink(options.url, () => this.#lose('the connection broke'));
    this.slowLink = options.openLink(options.url, () => undefined);
    this.calls = new ShardCalls(this.#link, this.keys, options);
    this.sweep = new ShardSweep(this.slowLink, this.keys, {
      holder: this.#instanceName,
      leaseMs: SWEEP_LEASE_MS,
    });
    this.#watch = new ShardWatch({
      ...options,
      keys: this.keys,
      link: this.#link,
      slowLink: this.slowLink,
      standing: this.#standing,
      instanceName: this.#instanceName,
    });
    this.#watch.schedule(0);
  }

  get status(): ShardStatus {
    return this.#standing.status;
  }

  get isServing(): boolean {
    return this.#standing.state === 'serving';
  }

  get isProvisional(): boolean {
    return this.#standing.isProvisional;
  }

  /** The epoch that is served, or was last. */
  get epoch(): number {
    return this.#standing.epoch;
  }

  /** @returns null when the shared state does not answer: it may have heard all the same */
  begin(requests: readonly BeginRequest[]): Promise<{
    readonly epoch: number;
    readonly begunAtMs: number;
    readonly answers: readonly BeginAnswer[];
  } | null> {
    const begunAtMs = this.#options.clock.nowMs();
    return this.#ask(this.#options.budgetMs, async (session) => ({
      epoch: session.epoch,
      begunAtMs,
      answers: await this.calls.begin(session, requests, begunAtMs),
    }));
  }

  commit(
    epoch: number | null,
    decisions: readonly CommittedDecision[],
  ): Promise<readonly CommitAnswer[] | null> {
    return this.#ask(this.#options.budgetMs, (session) => this.calls.commit(session, epoch, decisions));
  }

  /** @throws VetoError store_unavailable */
  async label(request: AppendLabelRequest): Promise<LabelAnswer> {
    const answer = await this.#ask(LABEL_TIMEOUT_MS, (session) => this.calls.label(session, request));
    if (answer === null) throw this.unavailable();
    return answer;
  }

  /** Any other call within the budget. */
  ask<T>(call: (calls: ShardCalls) => Promise<T>): Promise<T | null> {
    return this.#ask(this.#options.budgetMs, () => call(this.calls));
  }

  /** Takes some histories away that nobody reads any more. Never rejects: they are in nobody's way but the memory's. */
  async dropOldHistories(): Promise<void> {
    const { shard, onEvent } = this.#options;
    try {
      const count = await this.sweep.dropOldHistories();
      if (count > 0) onEvent({ type: 'old_histories_dropped', shard, detail: `${count} histories` });
    } catch (error) {
      onEvent({ type: 'old_histories_left', shard, detail: String(error) });
    }
  }

  unavailable(): VetoError {
    const { shard } = this.#options;
    return unavailable(`shard ${shard} of the shared state does not answer: ${String(this.#standing.why)}`);
  }

  async #ask<T>(budgetMs: number, ask: (session: Session) => Promise<T>): Promise<T | null> {
    const { session, state } = this.#standing;
    if (state !== 'serving' || session === null) {
      this.#standing.noteLocal();
      return null;
    }
    try {
      const call = ask(session);
      const answer = await within(call, budgetMs);
      if (answer !== MISSED) {
        this.#standing.noteAnswered();
        return answer;
      }
      this.#standing.noteMiss(`no answer within ${budgetMs} ms`);
      // Once it is answered the ids are claimed for this instance, and nobody else decides them.
      call.catch(() => this.#standing.noteLocal());
    } catch (error) {
      this.#standing.noteLocal();
      this.#noteRefusal(session, error);
    }
    return null;
  }

  #noteRefusal(session: Session, error: unknown): void {
    const why = String(error);
    // Whoever asked before the last look was answered knows less than it.
    if (session !== this.#standing.session) return;
    if (SHARD_GONE.test(why) || error instanceof HistoryLost) {
      this.#standing.become('recovering', why);
      this.#watch.schedule(0);
      return;
    }
    this.#watch.reloadIfGone(why);
    this.#standing.noteMiss(why);
  }

  /** The connection broke: behind the next one may be another server, or the same after a restart. */
  #lose(why: string): void {
    if (this.#isClosed) return;
    this.#standing.become('local', why);
    this.#watch.schedule(0);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#standing.close();
    this.#watch.stop();
    const farewell = Promise.all([
      this.sweep.release(),
      this.#link.call(['HDEL', this.keys.instances, this.#instanceName]),
    ]);
    await within(farewell, LOOK_TIMEOUT_MS).catch(() => undefined);
    this.#link.close();
    this.slowLink.close();
    await this.#watch.settled();
  }
}
