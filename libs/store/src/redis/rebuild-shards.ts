import {
  TOPICS,
  VetoError,
  type Clock,
  type EpochOpened,
  type LogCut,
  type LogRecord,
  type StoredLogRecord,
} from '@veto/domain';
import type { HistoryEventOf } from '../embedded/state-of-log';
import { digestOfHistories } from './digest-of-histories';
import type { EpochWriter } from './epoch-writer';
import { EpochFold } from './fold-epoch';
import { ShardAccess, type ShardState } from './shard-access';
import { shardOf, tenantOfKey } from './shard-keys';
import { openedByAnother, SEQ_HEADROOM } from './shard-recovery';

/** A log as a rebuild reads it. */
export interface RebuiltLog {
  /**
   * Hands over what lies between a cut and the log's end, records of one key in their order.
   * @param from null = from the beginning
   * @returns the cut up to which was read
   */
  read(from: LogCut | null, take: (records: readonly StoredLogRecord[]) => void): Promise<LogCut>;
  /** Resolves when the record is on the log. */
  append(record: LogRecord): Promise<void>;
}

export interface RebuildOptions {
  /** One Redis for each shard, in their order. */
  readonly urls: readonly string[];
  readonly log: RebuiltLog;
  readonly clock: Clock;
  readonly historyEventOf: HistoryEventOf;
  /** Also while instances serve; they decide by what they know themselves until the epoch is open. */
  readonly force?: boolean;
  /** How long the lead may be silent, in ms; 10 000. */
  readonly leaseMs?: number;
  /** How long Redis keeps a history that nobody touches, in s; 40 days. */
  readonly historyTtlS?: number;
  /** For how long the first decision on the log wins after the epoch opened, in ms; 30 000. */
  readonly doubtMs?: number;
  readonly onStep?: (step: string) => void;
}

export interface Rebuilt {
  /** Events that took effect, each once. */
  readonly eventCount: number;
  readonly entityCount: number;
  readonly shards: readonly { readonly shard: number; readonly epoch: number; readonly firstSeq: number }[];
  /** Of what the log says; see `StateStore.digest`. */
  readonly digest: string;
  /** Of what Redis holds, read back; null when instances serve, for then it goes on. */
  readonly redisDigest: string | null;
}

/** Topics that a rebuild reads. */
export const REBUILT_TOPICS = [TOPICS.decisions, TOPICS.labels, TOPICS.epochs] as const;

const decoder = new TextDecoder();

/**
 * Makes the shared state anew from the log, because somebody asked: as a recovery does, in an epoch of its own.
 * Serving goes on while most is read and loaded, and stops for the rest.
 * @throws VetoError store_unavailable when a shard does not answer, when another leads or opened the epoch before
 *   this, or while instances serve and `force` is not set; log_unavailable
 */
export async function rebuildShards(options: RebuildOptions): Promise<Rebuilt> {
  const accesses = options.urls.map((url, shard) => new ShardAccess(url, shard));
  const rebuild = new Rebuild(options, accesses);
  try {
    return await rebuild.run();
  } finally {
    await rebuild.release();
    for (const access of accesses) access.close();
  }
}

interface ShardWork {
  readonly access: ShardAccess;
  readonly runId: string;
  readonly writer: EpochWriter;
  readonly before: ShardState;
  readonly fold: EpochFold;
  /** The latest epoch on the log, and its first record there; 0, null = none. */
  epochOnLog: number;
  openedOnLog: Uint8Array | null;
  /** The epoch that is being made; 0 = not yet known. */
  epoch: number;
  firstSeq: number;
}

class Rebuild {
  readonly #options: RebuildOptions;
  readonly #accesses: readonly ShardAccess[];
  #works: readonly ShardWork[] = [];
  #renewal: NodeJS.Timeout | null = null;

  constructor(options: RebuildOptions, accesses: readonly ShardAccess[]) {
    this.#options = options;
    this.#accesses = accesses;
  }

  async run(): Promise<Rebuilt> {
    const { log, onStep = () => undefined } = this.#options;
    const instanceCount = await this.#prepare();
    onStep('reading the log');
    const cut = await log.read(null, (records) => this.#take(records));
    onStep('loading histories');
    for (const work of this.#works) await this.#loadFirst(work);
    for (const { writer } of this.#works) await writer.close();
    onStep('reading what came meanwhile');
    const end = await log.read(cut, (records) => this.#take(records));
    for (const work of this.#works) await this.#finish(work, end);
    return this.#result(instanceCount);
  }

  /** Takes the lead of every shard. @returns how many instances serve */
  async #prepare(): Promise<number> {
    const { leaseMs = 10_000, historyTtlS = 40 * 24 * 3_600, force = false, historyEventOf } = this.#options;
    const works: ShardWork[] = [];
    const shardCount = this.#accesses.length;
    for (const access of this.#accesses) {
      const runId = await access.connected();
      const isOfShard = (tenantId: string): boolean => shardOf(tenantId, shardCount) === access.shard;
      works.push({
        ...{ access, runId, epochOnLog: 0, openedOnLog: null, epoch: 0, firstSeq: 0 },
        writer: access.writer({ leaseMs, historyTtlS }),
        before: await access.state(),
        fold: new EpochFold({ historyEventOf, isOfShard }),
      });
    }
    const instanceCount = Math.max(...works.map(({ before }) => before.instanceCount));
    if (instanceCount > 0 && !force)
      throw unavailable(
        `${instanceCount} instances serve; stop them, or say that it shall be done all the same`,
      );
    this.#works = works;
    for (const { writer, access } of works)
      if (!(await writer.lease())) throw unavailable(`another makes shard ${access.shard} anew`);
    this.#renewal = setInterval(() => {
      for (const { writer } of works) void writer.renew().catch(() => undefined);
    }, leaseMs / 3);
    return instanceCount;
  }

  #take(records: readonly StoredLogRecord[]): void {
    const works = this.#works;
    for (const record of records) {
      if (record.topic === TOPICS.epochs) this.#takeEpoch(record);
      else works[shardOf(tenantOfKey(record.key), works.length)]!.fold.add(record);
    }
  }

  #takeEpoch({ value }: StoredLogRecord): void {
    const { shard, epoch } = JSON.parse(decoder.decode(value)) as EpochOpened;
    const work = this.#works[shard];
    if (work === undefined)
      throw unavailable(`the log has epochs of shard ${shard}: name the Redis of every shard`);
    if (epoch <= work.epochOnLog) return;
    work.epochOnLog = epoch;
    work.openedOnLog = value;
  }

  async #loadFirst(work: ShardWork): Promise<void> {
    const { before, fold, writer } = work;
    work.epoch = Math.max(work.epochOnLog, before.opened?.epoch ?? 0, fold.epochMax) + 1;
    work.firstSeq = firstSeqOf(fold, before);
    await writer.load(work.epoch, fold.open(work.firstSeq));
  }

  /** Nobody is served here until the epoch is on the log and open. */
  async #finish(work: ShardWork, cut: LogCut): Promise<void> {
    const { access, writer, fold, runId, epoch } = work;
    const { doubtMs = 30_000 } = this.#options;
    work.firstSeq = firstSeqOf(fold, await access.state());
    const opened = fold.open(work.firstSeq, { onlyTouched: true });
    await writer.load(epoch, opened);
    await this.#announce(work, cut);
    await writer.open({ epoch, runId, base: opened.lastSeq }, { lastSeq: opened.lastSeq, doubtMs });
  }

  async #announce(work: ShardWork, cut: LogCut): Promise<void> {
    const { log, clock } = this.#options;
    const { shard } = work.access;
    const { epoch, firstSeq } = work;
    const opened: EpochOpened = {
      schema: 'epoch.v1',
      shard,
      epoch,
      first_seq: firstSeq,
      cut,
      opened_at_ms: clock.nowMs(),
      reason: 'asked',
    };
    const value = new TextEncoder().encode(JSON.stringify(opened));
    await log.append({ topic: TOPICS.epochs, key: `shard|${shard}`, value, epoch });
    await log.read(cut, (records) => {
      for (const record of records) if (record.topic === TOPICS.epochs) this.#takeEpoch(record);
    });
    // Whoever led before, and was late, may have said something else of the same epoch: what is first on the log counts.
    if (work.openedOnLog === null || !Buffer.from(value).equals(work.openedOnLog))
      throw unavailable(openedByAnother(epoch));
  }

  async #result(instanceCount: number): Promise<Rebuilt> {
    const histories: (readonly [string, Uint8Array])[] = [];
    let eventCount = 0;
    for (const { fold, firstSeq } of this.#works) {
      const opened = fold.open(firstSeq);
      eventCount += fold.eventCount;
      for (const key of opened.keys) histories.push([key, opened.historyOf(key)]);
    }
    return {
      eventCount,
      entityCount: histories.length,
      shards: this.#works.map(({ access: { shard }, epoch, firstSeq }) => ({ shard, epoch, firstSeq })),
      digest: digestOfHistories(histories),
      redisDigest: instanceCount === 0 ? await this.#readBack() : null,
    };
  }

  async #readBack(): Promise<string> {
    const histories = await Promise.all(this.#works.map(({ access, epoch }) => access.histories(epoch)));
    return digestOfHistories(histories.flat());
  }

  async release(): Promise<void> {
    if (this.#renewal !== null) clearInterval(this.#renewal);
    // What cannot be given back runs out by itself.
    for (const { writer } of this.#works) await writer.release().catch(() => undefined);
  }
}

/** Above everything that was handed out, with room for what is on its way; 1 where nothing ever was. */
function firstSeqOf(fold: EpochFold, { seq }: ShardState): number {
  const floor = Math.max(seq, fold.seqMax);
  return floor === 0 ? 1 : floor + SEQ_HEADROOM;
}

function unavailable(message: string): VetoError {
  return new VetoError('store_unavailable', message, { retryable: true });
}
