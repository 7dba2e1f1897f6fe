import { setTimeout as wait } from 'node:timers/promises';
import { TOPICS, VetoError, type Clock, type EpochOpened, type EventLog, type LogCut } from '@veto/domain';
import type { HistoryEventOf } from '../embedded/state-of-log';
import { epochToken, type OpenedToken } from './epoch-token';
import { EpochWriter } from './epoch-writer';
import { EpochFold, FOLDED_TOPICS } from './fold-epoch';
import type { LogFollower } from './log-follower';
import { MISSED, within, type RedisArgument, type RedisLink, type Reply } from './redis-link';
import type { ShardEvent } from './shard-status';
import { shardOf, type ShardKeys } from './shard-keys';

/**
 * Why a shard's state is made anew. `first`: there was none. `lost`: it is gone. `behind`: it lacks what was seen before.
 * `restarted`: the server ran anew, and may have lost its end; if it has not, it goes on as it is.
 */
export type RecoveryReason = 'first' | 'lost' | 'behind' | 'restarted';

export interface RecoveryOptions {
  readonly shard: number;
  readonly shardCount: number;
  readonly log: EventLog;
  readonly clock: Clock;
  readonly follower: LogFollower;
  readonly historyEventOf: HistoryEventOf;
  readonly leaseMs: number;
  readonly doubtMs: number;
  readonly historyTtlS: number;
  readonly onEvent: (event: ShardEvent) => void;
  readonly link: RedisLink;
  readonly keys: ShardKeys;
  /** Unlike any other attempt's: what is written under it is refused once another leads. */
  readonly holder: string;
  readonly runId: string;
  readonly reason: RecoveryReason;
  readonly opened: OpenedToken | null;
  /** The highest seq and epoch that this instance knows of, from before. */
  readonly seqSeen: number;
  readonly epochSeen: number;
}

/** Between the last sequence number that is known of an epoch and the first of the next: for those in flight. */
export const SEQ_HEADROOM = 65_536;
const CALL_TIMEOUT_MS = 10_000;
const LOG_TIMEOUT_MS = 10_000;
const READ_COUNT = 2_000;
/** So few histories are loaded at once while the last events are folded. */
const DELTA_COUNT = 2_000;
const DELTA_ROUNDS_MAX = 5;
/** Whoever was refused tries again after this. */
const RETRY_MS = 250;

/** Leads the recovery of a shard, when nobody else does. Never rejects: what failed is told, and tried again by who looks next. */
export async function recoverShard(options: RecoveryOptions): Promise<void> {
  const recovery = new ShardRecovery(options);
  try {
    await recovery.run();
  } catch (error) {
    const { shard, reason } = options;
    options.onEvent({ type: 'recovery_failed', shard, reason, detail: String(error) });
    await recovery.release();
    await wait(RETRY_MS);
  }
}

class ShardRecovery {
  readonly #options: RecoveryOptions;
  readonly #fold: EpochFold;
  readonly #writer: EpochWriter;
  #renewal: NodeJS.Timeout | null = null;
  #foldedTo = -1;

  constructor(options: RecoveryOptions) {
    this.#options = options;
    const { historyEventOf, shard, shardCount } = options;
    this.#writer = new EpochWriter(options);
    this.#fold = new EpochFold({
      historyEventOf,
      isOfShard: (tenantId) => shardOf(tenantId, shardCount) === shard,
    });
  }

  async run(): Promise<void> {
    const { shard, reason, onEvent } = this.#options;
    if (!(await this.#writer.lease())) {
      await wait(RETRY_MS);
      return;
    }
    this.#renewal = setInterval(() => {
      void this.#writer.renew().catch(() => undefined);
    }, this.#options.leaseMs / 3);
    try {
      onEvent({ type: 'recovery_started', shard, reason, detail: '' });
      if (!(await this.#isStillDue())) return;
      const detail = (await this.#goOn()) ?? (await this.#makeAnew());
      onEvent({ type: 'epoch_opened', shard, reason, detail });
    } finally {
      clearInterval(this.#renewal);
    }
  }

  /** Another may have led between the look and the lease. */
  async #isStillDue(): Promise<boolean> {
    const { keys, opened } = this.#options;
    const token = ((await this.#call(['GET', keys.open])) as Buffer | null)?.toString() ?? '';
    if (token === (opened === null ? '' : epochToken(opened))) return true;
    await this.release();
    return false;
  }

  /**
   * A server that ran anew and lost nothing goes on in the same epoch: nothing on the log of this epoch, and nothing that
   * this instance saw, is above its last seq.
   * @returns what was done, or null when it has to be made anew
   */
  async #goOn(): Promise<string | null> {
    const { opened, reason, keys, follower, shard, runId } = this.#options;
    if (reason !== 'restarted' || opened === null) return null;
    await this.#catchUp();
    const seq = Number(((await this.#call(['GET', keys.seq])) as Buffer | null)?.toString() ?? '0');
    const seen = follower.seenOf(shard);
    const isLatest = (follower.epochOf(shard)?.epoch ?? 0) === opened.epoch;
    const isWhole = seq >= this.#options.seqSeen && (seen.epoch !== opened.epoch || seq >= seen.seq);
    if (!isLatest || !isWhole) return null;
    await this.#open({ epoch: opened.epoch, runId, base: seq }, null);
    return `epoch ${opened.epoch} goes on at ${seq}`;
  }

  async #makeAnew(): Promise<string> {
    const { epochSeen, seqSeen, follower, shard, runId } = this.#options;
    await this.#writer.close();
    let cut = await this.#foldOn();
    const epoch = Math.max(follower.epochOf(shard)?.epoch ?? 0, epochSeen, this.#fold.epochMax) + 1;
    const floor = Math.max(seqSeen, follower.seenOf(shard).seq, this.#fold.seqMax);
    const firstSeq = floor === 0 ? 1 : floor + SEQ_HEADROOM;
    let opened = this.#fold.open(firstSeq);
    await this.#writer.load(epoch, opened);
    for (let round = 0; round < DELTA_ROUNDS_MAX; round++) {
      cut = await this.#foldOn();
      opened = this.#fold.open(firstSeq, { onlyTouched: true });
      await this.#writer.load(epoch, opened);
      if (opened.keys.size < DELTA_COUNT) break;
    }
    await this.#announce(epoch, firstSeq, cut);
    await this.#open({ epoch, runId, base: opened.lastSeq }, opened.lastSeq);
    return `epoch ${epoch} of ${this.#fold.eventCount} events, from ${firstSeq} on`;
  }

  /** Folds what the log holds by now. @returns up to where */
  async #foldOn(): Promise<LogCut> {
    const { log } = this.#options;
    await this.#catchUp();
    const [cut, end] = [log.cut(), log.end()];
    while (this.#foldedTo < end) {
      const batch = await log.read({
        after: this.#foldedTo,
        recordCountMax: READ_COUNT,
        topics: [...FOLDED_TOPICS],
      });
      for (const record of batch.records) {
        if (record.position > end) break;
        this.#fold.add(record);
      }
      this.#foldedTo = Math.min(end, batch.to);
    }
    return cut;
  }

  /** Waits until everything that is on the log by now can be read here, and was followed. */
  async #catchUp(): Promise<void> {
    const { log, follower } = this.#options;
    if (!(await log.reached(await log.latest(), LOG_TIMEOUT_MS)))
      throw new VetoError('log_unavailable', 'the log cannot yet be read to its end here', {
        retryable: true,
      });
    await follower.followed(log.end());
  }

  /** The epoch is on the log, and can be read here, before anybody is served by it. */
  async #announce(epoch: number, firstSeq: number, cut: LogCut): Promise<void> {
    const { shard, reason, log, clock } = this.#options;
    // It would be said once with every attempt, and all of it would come onto the log when the broker is back.
    if (log.durability() === 'wal') throw unannounced(epoch);
    const value: EpochOpened = {
      schema: 'epoch.v1',
      shard,
      epoch,
      first_seq: firstSeq,
      cut,
      opened_at_ms: clock.nowMs(),
      reason: reason === 'restarted' ? 'behind' : reason,
    };
    const record = {
      topic: TOPICS.epochs,
      key: `shard|${shard}`,
      value: new TextEncoder().encode(JSON.stringify(value)),
      epoch,
    };
    const position = await log.appendReadable([record]);
    if (position === null) throw unannounced(epoch);
    const { follower } = this.#options;
    await follower.followed(position);
    // Who led before, and was late, may have said something else of the same epoch: what is first on the log counts.
    if (follower.epochOf(shard)?.position !== position) throw new Error(openedByAnother(epoch));
  }

  async #open(token: OpenedToken, lastSeq: number | null): Promise<void> {
    const { reason, doubtMs } = this.#options;
    // Where there never was a state, nobody decided without it.
    await this.#writer.open(token, { lastSeq, doubtMs: reason === 'first' ? 0 : doubtMs });
  }

  async release(): Promise<void> {
    // Without a connection it runs out by itself.
    await this.#writer.release().catch(() => undefined);
  }

  async #call(args: readonly RedisArgument[]): Promise<Reply> {
    const { link, runId } = this.#options;
    if (link.runId !== runId) throw new Error('the connection broke');
    const reply = await within(link.call(args), CALL_TIMEOUT_MS);
    if (reply !== MISSED) return reply;
    link.restart();
    throw new Error(`${String(args[1])} was not answered within ${CALL_TIMEOUT_MS} ms`);
  }
}

/** What is said where another's record of an epoch is before one's own. */
export function openedByAnother(epoch: number): string {
  return `epoch ${epoch} was opened on the log by somebody else`;
}

function unannounced(epoch: number): VetoError {
  const message = `epoch ${epoch} is not on the log: the broker does not answer`;
  return new VetoError('log_unavailable', message, { retryable: true });
}
