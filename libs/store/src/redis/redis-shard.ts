import type { AppendLabelRequest, BeginRequest, Clock, EventLog, VetoError } from '@veto/domain';
import { unavailable } from '../embedded/journal';
import type { HistoryEventOf } from '../embedded/state-of-log';
import type { LogFollower } from './log-follower';
import { lacks, type Known, type Looked } from './look-conclusion';
import { LIBRARY } from './redis-function';
import { MISSED, within, type OpenRedisLink, type RedisLink, type Reply } from './redis-link';
import {
  HistoryLost,
  ShardCalls,
  type BeginAnswer,
  type CommitAnswer,
  type LabelAnswer,
  type Session,
} from './shard-calls';
import { ShardKeys } from './shard-keys';
import { parseEpochToken, type OpenedToken } from './epoch-token';
import { recoverShard, type RecoveryReason } from './shard-recovery';
import type { ShardEvent, ShardStatus } from './shard-status';
import { ShardSweep } from './shard-sweep';

export interface RedisShardOptions {
  readonly shard: number;
  readonly shardCount: number;
  readonly url: string;
  readonly openLink: OpenRedisLink;
  readonly log: EventLog;
  readonly clock: Clock;
  readonly follower: LogFollower;
  readonly historyEventOf: HistoryEventOf;
  /** Of this process, unlike any other's. */
  readonly instance: number;
  readonly budgetMs: number;
  readonly lookEveryMs: number;
  readonly doubtMs: number;
  readonly leaseMs: number;
  readonly claimTtlS: number;
  readonly historyTtlS: number;
  readonly onEvent: (event: ShardEvent) => void;
}

/** So many calls in a row that were not answered in time, and nothing more is asked until a look is answered in time. */
const MISSES_MAX = 3;
/** A look that takes longer says that the connection is dead. */
const LOOK_TIMEOUT_MS = 1_000;
const LABEL_TIMEOUT_MS = 2_000;
/** An instance that was not heard of for so long may be deciding alone. */
const GONE_MS = 1_500;
const FORGET_MS = 120_000;
const SHARD_GONE = /WRONG_EPOCH|BEHIND/;
const FUNCTION_GONE = /Function not found/;

/** One Redis and what this instance knows of it: asks it while that is of use, watches it, and makes it anew when it must. */
export class RedisShard {
  readonly keys: ShardKeys;
  readonly calls: ShardCalls;
  readonly sweep: ShardSweep;
  readonly #options: RedisShardOptions;
  /** For calls that somebody waits for, and for looks: what is true of one is true of the other. */
  readonly #link: RedisLink;
  /** For what takes long. */
  readonly #slowLink: RedisLink;
  #session: Session | null = null;
  #why: string | null = 'not yet looked at';
  #state: ShardStatus['state'] = 'local';
  #missCount = 0;
  #isBreakerOpen = false;
  #doubtUntilMs = 0;
  #decidedLocally = false;
  #recovering: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;
  #isClosed = false;

  constructor(options: RedisShardOptions) {
    this.#options = options;
    this.keys = new ShardKeys(options.shard);
    this.#link = options.openLink(options.url, () => this.#lose('the connection broke'));
    this.#slowLink = options.openLink(options.url, () => undefined);
    this.calls = new ShardCalls(this.#link, this.keys, options);
    this.sweep = new ShardSweep(this.#slowLink, this.keys, {
      holder: instanceName(options.instance),
      leaseMs: options.leaseMs,
    });
    this.#schedule(0);
  }

  get status(): ShardStatus {
    return {
      shard: this.#options.shard,
      state: this.#state,
      epoch: this.#session?.epoch ?? 0,
      seq: this.#session?.seqSeen ?? 0,
      isProvisional: this.isProvisional,
      isLeading: this.#recovering !== null,
      why: this.#why,
    };
  }

  get isServing(): boolean {
    return this.#state === 'serving';
  }

  get isProvisional(): boolean {
    return performance.now() < this.#doubtUntilMs;
  }

  /** The epoch that is served, or was last. */
  get epoch(): number {
    return this.#session?.epoch ?? 0;
  }

  get slowLink(): RedisLink {
    return this.#slowLink;
  }

  /** @returns null when the shared state does not answer: it may have heard all the same */
  begin(
    requests: readonly BeginRequest[],
  ): Promise<{ readonly epoch: number; readonly answers: readonly BeginAnswer[] } | null> {
    const begunAtMs = this.#options.clock.nowMs();
    return this.#ask(this.#options.budgetMs, async (session) => ({
      epoch: session.epoch,
      answers: await this.calls.begin(session, requests, begunAtMs),
    }));
  }

  commit(
    epoch: number | null,
    decisions: readonly { readonly claimKey: string; readonly bytes: Uint8Array }[],
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

  unavailable(): VetoError {
    return unavailable(
      `shard ${this.#options.shard} of the shared state does not answer: ${String(this.#why)}`,
    );
  }

  /** Something was decided by this process alone: the others are told with the next look that is answered. */
  noteLocal(): void {
    this.#decidedLocally = true;
  }

  async #ask<T>(budgetMs: number, ask: (session: Session) => Promise<T>): Promise<T | null> {
    const session = this.#session;
    if (this.#state !== 'serving' || session === null) {
      this.noteLocal();
      return null;
    }
    try {
      const call = ask(session);
      const answer = await within(call, budgetMs);
      if (answer !== MISSED) {
        this.#missCount = 0;
        return answer;
      }
      this.#noteMiss(`no answer within ${budgetMs} ms`);
      // Once it is answered the ids are claimed for this instance, and nobody else decides them.
      call.catch(() => this.noteLocal());
    } catch (error) {
      this.noteLocal();
      this.#noteRefusal(session, error);
    }
    return null;
  }

  #noteMiss(why: string): void {
    this.#missCount += 1;
    if (this.#missCount < MISSES_MAX || this.#isBreakerOpen) return;
    this.#isBreakerOpen = true;
    this.#become('local', why);
  }

  #noteRefusal(session: Session, error: unknown): void {
    const why = String(error);
    // Whoever asked before the last look was answered knows less than it.
    if (session !== this.#session) return;
    if (FUNCTION_GONE.test(why)) {
      void this.#link.reloadLibrary().catch(() => undefined);
      this.#noteMiss(why);
    } else if (SHARD_GONE.test(why) || error instanceof HistoryLost) {
      this.#become('recovering', why);
      this.#schedule(0);
    } else {
      this.#noteMiss(why);
    }
  }

  /** The connection broke: behind the next one may be another server, or the same after a restart. */
  #lose(why: string): void {
    if (this.#isClosed) return;
    this.#become('local', why);
    this.#schedule(0);
  }

  #become(state: ShardStatus['state'], why: string | null): void {
    const hasChanged = state !== this.#state;
    this.#state = state;
    this.#why = why;
    if (hasChanged && !this.#isClosed) this.#options.onEvent({ type: 'state_changed', status: this.status });
  }

  #schedule(afterMs: number): void {
    if (this.#isClosed) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#looking ??= this.#lookAndGoOn();
    }, afterMs);
  }

  async #lookAndGoOn(): Promise<void> {
    try {
      await this.#look();
    } catch (error) {
      this.#noteLookFailed(error);
    } finally {
      this.#looking = null;
      if (this.#timer === null) this.#schedule(this.#options.lookEveryMs);
    }
  }

  #noteLookFailed(error: unknown): void {
    if (FUNCTION_GONE.test(String(error))) {
      void this.#link.reloadLibrary().catch(() => undefined);
      this.#schedule(1);
    }
    if (this.#state === 'serving') this.#noteMiss(String(error));
    else this.#why = String(error);
  }

  /** Asks for the open epoch and its last seq, says that this instance lives, and concludes. */
  async #look(): Promise<void> {
    const { runId } = this.#link;
    if (runId === null) return;
    const saysLocal = this.#decidedLocally;
    const known = this.#known();
    const askedAtMs = performance.now();
    const reply = await within(this.#askLook(saysLocal), LOOK_TIMEOUT_MS);
    if (reply === MISSED) {
      this.#become('local', `a look was not answered within ${LOOK_TIMEOUT_MS} ms`);
      this.#link.restart();
      this.#slowLink.restart();
      return;
    }
    if (saysLocal) this.#decidedLocally = false;
    const isInTime = performance.now() - askedAtMs <= this.#options.budgetMs;
    if (isInTime) {
      this.#isBreakerOpen = false;
      this.#missCount = 0;
    }
    const [token, seq, doubtMs] = reply as [Buffer, Buffer, number];
    if (doubtMs > 0) this.#doubtFor(doubtMs);
    // The connection may have changed while this was under way.
    if (this.#link.runId === runId)
      await this.#conclude({ token: token.toString(), seq: Number(seq.toString()), runId }, known);
  }

  #askLook(saysLocal: boolean): Promise<Reply> {
    const { open, seq, instances } = this.keys;
    const { instance, doubtMs } = this.#options;
    return this.#link.call([
      'FCALL',
      `${LIBRARY}_look`,
      '3',
      open,
      seq,
      instances,
      instanceName(instance),
      String(doubtMs),
      String(GONE_MS),
      String(FORGET_MS),
      saysLocal ? '1' : '0',
    ]);
  }

  #doubtFor(ms: number): void {
    this.#doubtUntilMs = Math.max(this.#doubtUntilMs, performance.now() + ms);
  }

  /** What was known before a look was asked for: whatever is handed out meanwhile is no sign of a loss. */
  #known(): Known {
    const { follower, shard } = this.#options;
    return {
      session: this.#session,
      seqSeen: this.#session?.seqSeen ?? 0,
      onLog: follower.seenOf(shard),
      epochOnLog: follower.epochOf(shard)?.epoch ?? 0,
    };
  }

  async #conclude({ token, seq, runId }: Looked, known: Known): Promise<void> {
    if (token === '') {
      this.#recover(known.epochOnLog === 0 ? 'first' : 'lost', null);
      return;
    }
    const opened = parseEpochToken(token);
    if (opened.runId !== runId) this.#recover('restarted', opened);
    else if (known.epochOnLog > opened.epoch || lacks(opened, token, seq, known))
      this.#recover('behind', opened);
    else if (token !== known.session?.token) {
      if (await this.#canAdopt(opened)) this.#adopt(token, opened.epoch, seq);
    } else {
      known.session.seqSeen = Math.max(known.session.seqSeen, seq);
      if (!this.#isBreakerOpen) this.#become('serving', null);
    }
  }

  /** An epoch is used only by whoever can read here all that it begins with, and what it says of itself. */
  async #canAdopt(opened: OpenedToken): Promise<boolean> {
    const { epoch } = opened;
    const { log, follower, shard } = this.#options;
    const known = follower.epochOf(shard);
    if (known?.epoch === epoch && known.cut !== null) return log.reached(known.cut, LOOK_TIMEOUT_MS);
    const latest = await log.latest();
    if (!(await log.reached(latest, LOOK_TIMEOUT_MS))) {
      this.#become('recovering', `epoch ${epoch} is served, and the log cannot yet be read that far here`);
      return false;
    }
    await follower.followed(log.end());
    if (follower.epochOf(shard)?.epoch === epoch) return true;
    // Everything was read, and the epoch is not on the log: this state is of another log.
    this.#recover('behind', opened);
    return false;
  }

  #adopt(token: string, epoch: number, seq: number): void {
    this.#session = { token, epoch, seqSeen: seq };
    this.#options.onEvent({ type: 'epoch_adopted', shard: this.#options.shard, epoch });
    if (!this.#isBreakerOpen) this.#become('serving', null);
  }

  /** Tries to lead the recovery; where another does, there is nothing to do but to look again. */
  #recover(reason: RecoveryReason, opened: OpenedToken | null): void {
    this.#become('recovering', reason);
    const { runId } = this.#slowLink;
    if (this.#recovering !== null || this.#isClosed || runId === null || runId !== this.#link.runId) return;
    this.#recovering = recoverShard({
      ...this.#options,
      link: this.#slowLink,
      keys: this.keys,
      holder: `${instanceName(this.#options.instance)}:${performance.now()}`,
      runId,
      reason,
      opened,
      seqSeen: this.#session?.seqSeen ?? 0,
      epochSeen: Math.max(this.epoch, opened?.epoch ?? 0),
    }).finally(() => {
      this.#recovering = null;
      this.#schedule(0);
    });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const farewell = Promise.all([
      this.sweep.release(),
      this.#link.call(['HDEL', this.keys.instances, instanceName(this.#options.instance)]),
    ]);
    await within(farewell, LOOK_TIMEOUT_MS).catch(() => undefined);
    this.#link.close();
    this.#slowLink.close();
    await this.#recovering;
  }
}

function instanceName(instance: number): string {
  return instance.toString(16).padStart(8, '0');
}
