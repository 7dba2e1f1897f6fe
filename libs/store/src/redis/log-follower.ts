import { TOPICS, type EpochOpened, type EventLog, type LogCut, type StoredLogRecord } from '@veto/domain';
import { claimKeyOf } from '../embedded/claim-book';
import type { ClaimIndex, ShardMark } from '../embedded/claim-index';
import { labelKeyOf, type HistoryEventOf } from '../embedded/state-of-log';
import { shardOf, tenantOfKey } from './shard-keys';

const READ_COUNT = 2_000;
const FOLLOWED = [TOPICS.decisions, TOPICS.labels, TOPICS.epochs];
const decoder = new TextDecoder();

/** An epoch of which the log tells. */
export interface KnownEpoch {
  readonly epoch: number;
  /** How much of the log it begins with; null where that was read by an earlier process. */
  readonly cut: LogCut | null;
  /** Where its record is in the log as it can be read here; −1 where that was read by an earlier process. */
  readonly position: number;
}

/** Follows the log as it can be read here: which ids are decided and where, which labels there are, which epochs. */
export class LogFollower {
  readonly #log: EventLog;
  readonly #index: ClaimIndex;
  readonly #historyEventOf: HistoryEventOf;
  readonly #shardCount: number;
  readonly #onDecided: (claimKey: string) => void;
  readonly #onPlaced: (claimKey: string, epoch: number) => void;
  readonly #epochs: (KnownEpoch | null)[];
  readonly #seen: ShardMark[];
  readonly #waiting = new Set<() => void>();
  #unsubscribe: () => void = () => undefined;
  #position: number;

  /**
   * @param onDecided told of every id of which a decision came on the log
   * @param onPlaced told of every decision that came with a place in the order of an epoch
   */
  constructor(options: {
    readonly log: EventLog;
    readonly index: ClaimIndex;
    readonly historyEventOf: HistoryEventOf;
    readonly shardCount: number;
    readonly onDecided: (claimKey: string) => void;
    readonly onPlaced: (claimKey: string, epoch: number) => void;
  }) {
    this.#log = options.log;
    this.#index = options.index;
    this.#historyEventOf = options.historyEventOf;
    this.#shardCount = options.shardCount;
    this.#onDecided = options.onDecided;
    this.#onPlaced = options.onPlaced;
    const { mark } = options.index;
    const shards = mark?.shards?.length === options.shardCount ? mark.shards : null;
    this.#seen = Array.from(
      { length: options.shardCount },
      (_, shard) => shards?.[shard] ?? { epoch: 0, seq: 0 },
    );
    this.#epochs = this.#seen.map(({ epoch }) => (epoch === 0 ? null : { epoch, cut: null, position: -1 }));
    // Marks of another number of shards say nothing of these.
    this.#position = mark === null || shards === null ? -1 : mark.position;
  }

  /** Reads what is on the log, and then hears of the rest. */
  async start(): Promise<void> {
    const early: StoredLogRecord[] = [];
    let isLive = false;
    this.#unsubscribe = this.#log.subscribe((records) => {
      if (isLive) this.#follow(records);
      else early.push(...records);
    });
    while (this.#position < this.#log.end()) {
      const { records, to } = await this.#log.read({
        after: this.#position,
        recordCountMax: READ_COUNT,
        topics: FOLLOWED,
      });
      this.#follow(records);
      if (to <= this.#position && records.length === 0) break;
      this.#position = Math.max(this.#position, to);
    }
    this.#follow(early);
    isLive = true;
  }

  /** The position up to which the log was followed. */
  get position(): number {
    return this.#position;
  }

  /** The latest epoch of a shard, as the log has it. */
  epochOf(shard: number): KnownEpoch | null {
    return this.#epochs[shard] ?? null;
  }

  /** The highest (epoch, seq) of a shard on the log. */
  seenOf(shard: number): ShardMark {
    return this.#seen[shard] ?? { epoch: 0, seq: 0 };
  }

  /** Resolves when the log was followed up to `position`. */
  async followed(position: number): Promise<void> {
    while (this.#position < position) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  #follow(records: readonly StoredLogRecord[]): void {
    for (const record of records) {
      if (record.position <= this.#position) continue;
      this.#apply(record);
      this.#position = record.position;
    }
    const last = records.at(-1);
    if (last === undefined) return;
    const { position, appendedAtMs, key } = last;
    this.#index.advance({ position, appendedAtMs, key, shards: [...this.#seen] });
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  #apply(record: StoredLogRecord): void {
    switch (record.topic) {
      case TOPICS.decisions:
        this.#noteSeen(record);
        this.#noteDecision(record);
        if ((record.seq ?? 0) > 0) this.#onPlaced(record.key, record.epoch ?? 0);
        return;
      case TOPICS.labels:
        this.#noteLabel(record);
        return;
      case TOPICS.epochs:
        this.#noteEpoch(record);
        return;
      default:
    }
  }

  #noteSeen({ key, epoch = 0, seq = 0 }: StoredLogRecord): void {
    if (seq === 0) return;
    const shard = shardOf(tenantOfKey(key), this.#shardCount);
    const seen = this.seenOf(shard);
    if (epoch > seen.epoch || (epoch === seen.epoch && seq > seen.seq)) this.#seen[shard] = { epoch, seq };
  }

  /** The first decision under a key is the decision; what follows are its repetitions, and revisions. */
  #noteDecision(record: StoredLogRecord): void {
    if (this.#index.decided(record.key) !== null) return;
    const event = this.#historyEventOf(record);
    if (event?.type !== 'decided') return;
    const claimKey = claimKeyOf(event);
    if (this.#index.decided(claimKey) !== null) return;
    this.#index.putDecided(claimKey, { position: record.position, fingerprint: event.fingerprint ?? null });
    this.#onDecided(claimKey);
  }

  /** A label without a seq came in from outside, and is yet to be recorded. */
  #noteLabel(record: StoredLogRecord): void {
    if (record.seq === undefined) return;
    this.#noteSeen(record);
    const event = this.#historyEventOf(record);
    if (event?.type !== 'label') return;
    const labelKey = labelKeyOf(event);
    if (this.#index.labelSeq(labelKey) === null) this.#index.putLabel(labelKey, record.seq);
  }

  #noteEpoch(record: StoredLogRecord): void {
    const { shard, epoch, cut, first_seq } = JSON.parse(decoder.decode(record.value)) as EpochOpened;
    if (shard >= this.#shardCount || epoch <= (this.#epochs[shard]?.epoch ?? 0)) return;
    this.#epochs[shard] = { epoch, cut, position: record.position };
    if (epoch > this.seenOf(shard).epoch) this.#seen[shard] = { epoch, seq: first_seq - 1 };
  }

  stop(): void {
    this.#unsubscribe();
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}
