import { HISTORY_RECORD_BYTES } from '@veto/domain';
import { LIBRARY, type RedisArgument } from '@veto/store';
import type { Chance } from './chance.spec-support';
import {
  CALLS,
  claimKeyOf,
  claimOf,
  countOf,
  decidedClaim,
  ENTITIES,
  EPOCHS,
  GENERATIONS,
  NAME_AT,
  historyOf,
  INSTANCES,
  LABELS,
  LEAD,
  LISTS,
  OPEN,
  pendingOf,
  SEQ,
  unloggedOf,
  type Command,
} from './redis-commands.spec-support';

/** What the walk sees of what its calls did so far, so that most of them have something to do. */
export interface Walked {
  readonly nowMs: number;
  text(key: string): string | null;
}

const HOLDERS = ['a', 'b', 'c'];
const CLAIM_TTLS_S = ['1000', '172800'];
/** Less than the slack of five days with which an expiry is written, more than it, that and some days, what is usual. */
const HISTORY_TTLS_S = ['1000', '1000000', '1400000', '3456000'];
/** So long that what a test itself takes decides nothing. */
const [DOUBT_MS, GONE_MS, FORGET_MS] = [1_000_000, 2_000_000, 9_000_000];
const FEW_COUNT_MAX = 4;
const FEW_NAMES_COUNT = 6;
const BATCH_COUNT = 32;
const LABEL_HEAD_BYTES = 13;

/** Calls as instances make them, out of order and out of date, on few keys: by chance, and on what came of those before. */
export class RedisWalk {
  readonly #chance: Chance;
  readonly #walked: Walked;
  readonly #names = Array.from({ length: FEW_NAMES_COUNT }, (_, i) => `t|${i}`);
  /** Whether one history is filled until it is cut. */
  readonly #isHot: boolean;
  #count = 0;

  constructor(chance: Chance, walked: Walked) {
    this.#chance = chance;
    this.#walked = walked;
    this.#isHot = chance.isTrue(0.35);
  }

  next(): Command {
    this.#count += 1;
    // Without an epoch everybody is refused, which is looked at often enough all the same.
    if (this.#count === 1) return this.#fcall('lease', [LEAD], ['a', '60000']);
    if (this.#count === 2 && this.#chance.isTrue(0.9))
      return this.#fcall('open', [LEAD, OPEN, SEQ, GENERATIONS, INSTANCES], ['a', '1|run|0', '1', '0', '0']);
    const call = this.#chance.weighted(CALLS);
    return this[call]();
  }

  #fcall(name: string, keys: readonly string[], args: readonly RedisArgument[]): Command {
    return ['FCALL', `${LIBRARY}_${name}`, String(keys.length), ...keys, ...args];
  }

  #often(usual: string, others: readonly string[]): string {
    return this.#chance.isTrue(0.92) ? usual : this.#chance.pick(others);
  }

  #epoch(): string {
    return this.#walked.text(OPEN)?.slice(0, 1) ?? this.#chance.pick(EPOCHS);
  }

  #token(): string {
    return this.#often(this.#walked.text(OPEN) ?? '1|run|0', ['1|run|0', '2|run|7', '1|other|0']);
  }

  #seen(): string {
    const seq = Number(this.#walked.text(SEQ) ?? '0');
    return this.#chance.isTrue(0.08) ? String(seq + 1) : this.#chance.pick(['0', String(seq)]);
  }

  #holder(): string {
    return this.#chance.isTrue(0.25) ? this.#chance.pick(HOLDERS) : (this.#walked.text(LEAD) ?? 'a');
  }

  #record(): Buffer {
    return Buffer.alloc(HISTORY_RECORD_BYTES, this.#chance.below(256));
  }

  #places(entityCount: number): Buffer {
    const count = this.#chance.below(entityCount + 1);
    const places = Buffer.alloc(2 * count);
    for (let i = 0; i < count; i++) places.writeUInt16BE(this.#chance.below(entityCount), 2 * i);
    return places;
  }

  #claim(epoch: string, rest: string): Buffer {
    return claimOf(epoch, rest, this.#often('f', ['g']));
  }

  #newNames(): readonly string[] {
    const names = Array.from({ length: BATCH_COUNT }, (_, i) => `t|${this.#count}.${i}`);
    this.#names.push(...names);
    return names;
  }

  #someNames(): readonly string[] {
    const count = 1 + this.#chance.below(FEW_COUNT_MAX);
    return Array.from({ length: count }, () => this.#chance.pick(this.#names));
  }

  /** Nearly everything that may be pending. */
  #lastNames(): readonly string[] {
    return [
      ...this.#names.slice(0, FEW_NAMES_COUNT),
      ...this.#names.slice(FEW_NAMES_COUNT).slice(-BATCH_COUNT),
    ];
  }

  begin(): Command {
    const isFull = this.#isHot && this.#chance.isTrue(0.8);
    const names = isFull ? this.#newNames() : this.#someNames();
    const entities = isFull
      ? ENTITIES.slice(0, 1)
      : ENTITIES.slice(0, this.#chance.below(ENTITIES.length + 1));
    const epoch = this.#often(this.#epoch(), EPOCHS);
    return this.#fcall(
      'begin',
      [OPEN, SEQ, pendingOf(epoch), ...names.map(claimKeyOf), ...entities],
      [
        ...[this.#token(), this.#seen(), String(names.length)],
        ...[this.#chance.pick(CLAIM_TTLS_S), this.#chance.pick(HISTORY_TTLS_S), NAME_AT],
        entities.map(() => this.#chance.pick(['0', '1'])).join(''),
        Buffer.concat(
          names.flatMap(() => {
            const places = isFull ? Buffer.alloc(2) : this.#places(entities.length);
            return [countOf(places), this.#record(), places];
          }),
        ),
        ...names.map(() => this.#claim(epoch, `begun in call ${this.#count}`)),
      ],
    );
  }

  commit(): Command {
    const names = this.#isHot && this.#chance.isTrue(0.6) ? this.#lastNames() : this.#someNames();
    const epoch = this.#often(this.#epoch(), EPOCHS);
    return this.#fcall(
      'commit',
      [OPEN, pendingOf(epoch), unloggedOf(epoch), ...names.map(claimKeyOf)],
      [
        this.#token(),
        this.#chance.isTrue(0.3) ? '' : claimOf(epoch, '').subarray(33, 37),
        ...[this.#chance.pick(CLAIM_TTLS_S), NAME_AT],
        ...names.flatMap(() => [
          this.#chance.isTrue(0.4) ? '' : String(1 + this.#chance.below(this.#count)),
          decidedClaim(this.#claim(epoch, `decided in call ${this.#count}`)),
        ]),
      ],
    );
  }

  label(): Command {
    const name = this.#chance.pick(['l|1', 'l|2', 'l|3']);
    const entities = ENTITIES.slice(0, this.#chance.below(ENTITIES.length + 1));
    const epoch = this.#epoch();
    const label = Buffer.from(`L${'\0'.repeat(LABEL_HEAD_BYTES - 1)}of call ${this.#count}`);
    return this.#fcall(
      'label',
      [OPEN, SEQ, pendingOf(epoch), LABELS, `{v0}l|${name}`, ...entities],
      [
        ...[this.#token(), this.#seen()],
        ...[this.#chance.pick(CLAIM_TTLS_S), this.#chance.pick(HISTORY_TTLS_S)],
        ...[name, label, this.#record()],
      ],
    );
  }

  look(): Command {
    const times = [DOUBT_MS, GONE_MS, FORGET_MS].map(String);
    const isLocal = this.#chance.isTrue(0.3) ? '1' : '0';
    return this.#fcall(
      'look',
      [OPEN, SEQ, INSTANCES],
      [this.#chance.pick(['', ...HOLDERS]), ...times, isLocal],
    );
  }

  lease(): Command {
    return this.#fcall('lease', [this.#lead()], [this.#chance.pick(HOLDERS), '60000']);
  }

  release(): Command {
    return this.#fcall('release', [this.#lead()], [this.#holder()]);
  }

  #lead(): string {
    return this.#often(LEAD, ['{v0}sweep']);
  }

  close(): Command {
    return this.#fcall('close', [LEAD, OPEN], [this.#holder()]);
  }

  load(): Command {
    const entities = ENTITIES.filter(() => this.#chance.isTrue(0.4));
    const args = [this.#holder(), '70000', this.#chance.pick(HISTORY_TTLS_S)];
    return this.#fcall('load', [LEAD, ...entities], [...args, ...entities.map(() => this.#history())]);
  }

  /** Few records, or so many that the next append cuts it unless something is pending, or cuts it in any case. */
  #history(): Buffer {
    const many = this.#chance.isTrue(0.15) ? 8_170 + this.#chance.below(40) : 250 + this.#chance.below(400);
    const count = this.#isHot ? many : this.#chance.below(5);
    return historyOf(count, Number(this.#walked.text(SEQ) ?? '0'), this.#chance.below(2));
  }

  open(): Command {
    const epoch = this.#chance.pick(EPOCHS);
    return this.#fcall(
      'open',
      [LEAD, OPEN, SEQ, GENERATIONS, INSTANCES],
      [
        this.#holder(),
        `${epoch}|run|${this.#chance.below(3)}`,
        epoch,
        this.#chance.pick(['', '', String(this.#count * 100)]),
        this.#chance.pick(['0', String(DOUBT_MS)]),
      ],
    );
  }

  /** What was kept for a while is gone. */
  expired(): Command {
    const kept = [
      LEAD,
      OPEN,
      SEQ,
      ...ENTITIES,
      '{v0}l|l|1',
      ...this.#names.slice(0, FEW_NAMES_COUNT).map(claimKeyOf),
    ];
    return ['DEL', this.#chance.pick(kept)];
  }

  /** An instance was heard of then, and said something of its decisions. */
  heard(): Command {
    const agoMs = this.#chance.pick([500_000, GONE_MS - 500_000, GONE_MS + 500_000, FORGET_MS + 500_000]);
    const untilMs = this.#walked.nowMs + this.#chance.pick([-500_000, 500_000, 1_500_000]);
    const value = `${this.#walked.nowMs - agoMs}|${untilMs}`;
    return ['HSET', INSTANCES, this.#chance.pick([...HOLDERS, 'd', 'e']), value];
  }

  read(): Command {
    const names = [...ENTITIES, claimKeyOf(this.#chance.pick(this.#names)), OPEN];
    return this.#chance.pick<Command>([
      ['GET', this.#chance.pick(names)],
      ['SMEMBERS', GENERATIONS],
      ['SCAN', '0', 'MATCH', '{v0}h1|*', 'COUNT', '1000'],
      ['GETRANGE', this.#chance.pick(names), String(60 * this.#chance.below(300)), '-1'],
      ['EXISTS', this.#chance.pick(names), ...LISTS.filter(() => this.#chance.isTrue(0.3))],
      ['MGET', ...names.filter(() => this.#chance.isTrue(0.5)), OPEN],
    ]);
  }

  /** A decision of one instance alone. */
  keep(): Command {
    const claim = decidedClaim(this.#claim(this.#epoch(), `kept in call ${this.#count}`));
    const key = claimKeyOf(this.#chance.pick(this.#names));
    return ['SET', key, claim, 'NX', 'GET', 'EX', this.#chance.pick(CLAIM_TTLS_S)];
  }

  listed(): Command {
    const range = ['ZRANGE', this.#chance.pick(LISTS), '0', this.#chance.pick(['-1', '0', '2'])] as const;
    return this.#chance.isTrue(0.5) ? [...range, 'WITHSCORES'] : range;
  }

  logged(): Command {
    return ['ZREM', this.#chance.pick(LISTS), 'l|1', ...this.#names.filter(() => this.#chance.isTrue(0.3))];
  }

  relisted(): Command {
    return [
      'ZADD',
      this.#chance.pick(LISTS),
      '3',
      't|1',
      String(this.#count),
      this.#chance.pick(this.#names),
    ];
  }
}
