import type { Clock, EventLog } from '@veto/domain';
import type { HistoryEventOf } from '../embedded/state-of-log';
import { parseEpochToken, type OpenedToken } from './epoch-token';
import { GONE_MS } from './heard-instances';
import type { LogFollower } from './log-follower';
import { lacks, type Known, type Looked } from './look-conclusion';
import { LIBRARY } from './redis-function';
import { MISSED, within, type RedisLink, type Reply } from './redis-link';
import type { ShardKeys } from './shard-keys';
import { recoverShard, type RecoveryReason } from './shard-recovery';
import type { ShardStanding } from './shard-standing';
import type { ShardEvent } from './shard-status';

/** A look that takes longer says that the connection is dead. */
export const LOOK_TIMEOUT_MS = 1_000;
const FORGET_MS = 120_000;
const FUNCTION_GONE = /Function not found/;

export interface ShardWatchOptions {
  readonly shard: number;
  readonly shardCount: number;
  readonly log: EventLog;
  readonly clock: Clock;
  readonly follower: LogFollower;
  readonly historyEventOf: HistoryEventOf;
  readonly budgetMs: number;
  readonly lookEveryMs: number;
  readonly doubtMs: number;
  readonly leaseMs: number;
  readonly historyTtlS: number;
  readonly onEvent: (event: ShardEvent) => void;
  readonly keys: ShardKeys;
  /** For calls that somebody waits for, and for looks: what is true of one is true of the other. */
  readonly link: RedisLink;
  /** For what takes long. */
  readonly slowLink: RedisLink;
  readonly standing: ShardStanding;
  /** Of this instance, unlike any other's. */
  readonly instanceName: string;
}

/** Looks at one shard again and again, concludes whether its state is to be used, and has it made anew when it must be. */
export class ShardWatch {
  readonly #options: ShardWatchOptions;
  readonly #standing: ShardStanding;
  #recovering: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;
  #isClosed = false;

  constructor(options: ShardWatchOptions) {
    this.#options = options;
    this.#standing = options.standing;
  }

  /** Looks after so many ms, in place of any look that was to come. */
  schedule(afterMs: number): void {
    if (this.#isClosed) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#looking ??= this.#lookAndGoOn();
    }, afterMs);
  }

  /** A call or a look was refused. @returns true when that was since the functions are gone; they are loaded again */
  reloadIfGone(why: string): boolean {
    if (!FUNCTION_GONE.test(why)) return false;
    void this.#options.link.reloadLibrary().catch(() => undefined);
    return true;
  }

  async #lookAndGoOn(): Promise<void> {
    try {
      await this.#look();
    } catch (error) {
      if (this.reloadIfGone(String(error))) this.schedule(1);
      this.#standing.noteLookFailed(String(error));
    } finally {
      this.#looking = null;
      if (this.#timer === null) this.schedule(this.#options.lookEveryMs);
    }
  }

  /** Asks for the open epoch and its last seq, says that this instance lives, and concludes. */
  async #look(): Promise<void> {
    const { link, slowLink, budgetMs } = this.#options;
    const { runId } = link;
    if (runId === null) return;
    const saysLocal = this.#standing.decidedLocally;
    const known = this.#known();
    const askedAtMs = performance.now();
    const reply = await within(this.#askLook(saysLocal), LOOK_TIMEOUT_MS);
    if (reply === MISSED) {
      this.#standing.become('local', `a look was not answered within ${LOOK_TIMEOUT_MS} ms`);
      link.restart();
      slowLink.restart();
      return;
    }
    if (saysLocal) this.#standing.noteLocalTold();
    if (performance.now() - askedAtMs <= budgetMs) this.#standing.closeBreaker();
    const [token, seq, doubtMs] = reply as [Buffer, Buffer, number];
    if (doubtMs > 0) this.#standing.doubtFor(doubtMs);
    // The connection may have changed while this was under way.
    if (link.runId === runId)
      await this.#conclude({ token: token.toString(), seq: Number(seq.toString()), runId }, known);
  }

  #askLook(saysLocal: boolean): Promise<Reply> {
    const { keys, doubtMs, instanceName, link } = this.#options;
    return link.call([
      'FCALL',
      `${LIBRARY}_look`,
      '3',
      keys.open,
      keys.seq,
      keys.instances,
      instanceName,
      String(doubtMs),
      String(GONE_MS),
      String(FORGET_MS),
      saysLocal ? '1' : '0',
    ]);
  }

  /** What was known before a look was asked for: whatever is handed out meanwhile is no sign of a loss. */
  #known(): Known {
    const { follower, shard } = this.#options;
    const { session } = this.#standing;
    return {
      session,
      seqSeen: session?.seqSeen ?? 0,
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
      if (await this.#canAdopt(opened)) this.#standing.adopt({ token, epoch: opened.epoch, seqSeen: seq });
    } else {
      known.session.seqSeen = Math.max(known.session.seqSeen, seq);
      this.#standing.serve();
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
      const why = `epoch ${epoch} is served, and the log cannot yet be read that far here`;
      this.#standing.become('recovering', why);
      return false;
    }
    await follower.followed(log.end());
    if (follower.epochOf(shard)?.epoch === epoch) return true;
    // Everything was read, and the epoch is not on the log: this state is of another log.
    this.#recover('behind', opened);
    return false;
  }

  /** Tries to lead the recovery; where another does, there is nothing to do but to look again. */
  #recover(reason: RecoveryReason, opened: OpenedToken | null): void {
    const { link, slowLink, instanceName } = this.#options;
    this.#standing.become('recovering', reason);
    const { runId } = slowLink;
    if (this.#recovering !== null || this.#isClosed || runId === null || runId !== link.runId) return;
    this.#standing.isLeading = true;
    this.#recovering = recoverShard({
      ...this.#options,
      link: slowLink,
      holder: `${instanceName}:${performance.now()}`,
      runId,
      reason,
      opened,
      seqSeen: this.#standing.session?.seqSeen ?? 0,
      epochSeen: Math.max(this.#standing.epoch, opened?.epoch ?? 0),
    }).finally(() => {
      this.#recovering = null;
      this.#standing.isLeading = false;
      this.schedule(0);
    });
  }

  /** Looks no more. */
  stop(): void {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /** Resolves when no recovery is led here. */
  async settled(): Promise<void> {
    await this.#recovering;
  }
}
