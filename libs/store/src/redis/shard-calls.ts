import {
  HISTORY_RECORD_BYTES,
  HISTORY_RECORD_COUNT_MAX,
  HISTORY_SEQ_OFFSET,
  invariant,
  type AppendLabelRequest,
  type BeginRequest,
} from '@veto/domain';
import { claimKeyOf } from '../embedded/claim-book';
import { labelKeyOf } from '../embedded/state-of-log';
import {
  decodeClaim,
  decodeLabel,
  encodeCommit,
  encodeLabel,
  encodePending,
  epochBytes,
  viewOf,
  type StoredClaim,
} from './claim-codec';
import { LIBRARY } from './redis-function';
import type { RedisArgument, RedisLink, Reply } from './redis-link';
import type { ShardKeys } from './shard-keys';

const NOTHING = new Uint8Array(0);
const VISIBLE_BYTES_MAX = HISTORY_RECORD_COUNT_MAX * HISTORY_RECORD_BYTES;

/** What an instance knows of the epoch that is served. */
export interface Session {
  /** `epoch|run|base`, as it lies in Redis. */
  readonly token: string;
  readonly epoch: number;
  /** The highest sequence number that this instance ever saw in it. */
  seqSeen: number;
}

export interface ShardTimes {
  readonly claimTtlS: number;
  readonly historyTtlS: number;
}

export type BeginAnswer =
  { readonly seq: number; readonly histories: readonly Uint8Array[] } | { readonly claim: StoredClaim };

/** `true` for the winner; the winner's claim; `null` where nothing that could be committed is there. */
export type CommitAnswer = true | StoredClaim | null;

export interface LabelAnswer {
  readonly seq: number;
  readonly epoch: number;
  readonly duplicate: boolean;
}

/** A history lacks what was just appended to it: it was dropped in between. */
export class HistoryLost extends Error {}

/** The calls on one shard. Each rejects when Redis refuses, or the connection breaks. */
export class ShardCalls {
  readonly #link: RedisLink;
  readonly #keys: ShardKeys;
  readonly #times: ShardTimes;
  readonly #instance: number;

  constructor(link: RedisLink, keys: ShardKeys, options: ShardTimes & { readonly instance: number }) {
    this.#link = link;
    this.#keys = keys;
    this.#times = options;
    this.#instance = options.instance;
  }

  /**
   * Two calls, one behind the other on one connection. What others append in between is cut off by the seq, and what is
   * pending is not cut away: so it need not be one step.
   * @param requests `BATCH_COUNT_MAX` at most
   */
  async begin(
    session: Session,
    requests: readonly BeginRequest[],
    begunAtMs: number,
  ): Promise<readonly BeginAnswer[]> {
    const { claims, entityNames, entitiesOf, values } = this.#pack(session, requests, begunAtMs);
    const { open, seq, pending } = { ...this.#keys, pending: this.#keys.pending(session.epoch) };
    const begun = this.#link.call([
      'FCALL',
      `${LIBRARY}_begin`,
      String(3 + claims.length + entityNames.length),
      open,
      seq,
      pending,
      ...claims,
      ...entityNames,
      session.token,
      String(session.seqSeen),
      String(requests.length),
      String(this.#times.claimTtlS),
      String(this.#times.historyTtlS),
      ...values,
    ]);
    const read = entityNames.length === 0 ? Promise.resolve([]) : this.#link.call(['MGET', ...entityNames]);
    // The second may fail first; the first tells why.
    read.catch(() => undefined);
    const answers = (await begun) as readonly (number | Buffer)[];
    const histories = (await read) as readonly (Buffer | null)[];
    return answers.map((answer, i) => {
      if (typeof answer !== 'number') return { claim: decodeClaim(answer) };
      if (answer > session.seqSeen) session.seqSeen = answer;
      return { seq: answer, histories: entitiesOf[i]!.map((at) => historyBefore(histories[at], answer)) };
    });
  }

  #pack(
    session: Session,
    requests: readonly BeginRequest[],
    begunAtMs: number,
  ): {
    readonly claims: readonly string[];
    readonly entityNames: readonly string[];
    readonly entitiesOf: readonly (readonly number[])[];
    readonly values: readonly RedisArgument[];
  } {
    const { epoch } = session;
    const prefix = this.#keys.historyPrefix(epoch);
    const places = new Map<string, number>();
    const entityNames: string[] = [];
    const placeOf = (key: string): number => {
      const known = places.get(key);
      if (known !== undefined) return known;
      places.set(key, entityNames.length);
      return entityNames.push(prefix + key) - 1;
    };
    const claims: string[] = [];
    const entitiesOf: number[][] = [];
    const values: RedisArgument[] = [];
    for (const request of requests) {
      const { fingerprint, entityKeys, payload, record } = request;
      invariant(record.length === HISTORY_RECORD_BYTES, `history record of ${record.length} bytes`);
      const claimKey = claimKeyOf(request);
      const entities = entityKeys.map(placeOf);
      claims.push(this.#keys.claim(claimKey));
      entitiesOf.push(entities);
      const instance = this.#instance;
      const claim = encodePending({ fingerprint, epoch, begunAtMs, instance, entityKeys, payload });
      values.push(claimKey, claim, recordWithPlaces(record, entities));
    }
    return { claims, entityNames, entitiesOf, values };
  }

  /** @param epoch in which they were begun; null = in any */
  async commit(
    session: Session,
    epoch: number | null,
    decisions: readonly { readonly claimKey: string; readonly bytes: Uint8Array }[],
  ): Promise<readonly CommitAnswer[]> {
    const answers = (await this.#link.call([
      'FCALL',
      `${LIBRARY}_commit`,
      String(3 + decisions.length),
      this.#keys.open,
      this.#keys.pending(epoch ?? session.epoch),
      this.#keys.unlogged(epoch ?? session.epoch),
      ...decisions.map(({ claimKey }) => this.#keys.claim(claimKey)),
      session.token,
      epoch === null ? '' : epochBytes(epoch),
      String(this.#times.claimTtlS),
      ...decisions.flatMap(({ claimKey, bytes }) => [claimKey, encodeCommit(bytes)]),
    ])) as readonly (number | Buffer)[];
    return answers.map((answer) => (typeof answer === 'number' ? answer === 1 || null : decodeClaim(answer)));
  }

  /** Keeps a claim where there is none. @returns the claim that is there already, or null */
  async keep(claimKey: string, claim: Buffer): Promise<StoredClaim | null> {
    const args = ['SET', this.#keys.claim(claimKey), claim, 'NX', 'GET', 'EX', String(this.#times.claimTtlS)];
    const old = (await this.#link.call(args)) as Buffer | null;
    return old === null ? null : decodeClaim(old);
  }

  async find(claimKey: string): Promise<StoredClaim | null> {
    const claim = (await this.#link.call(['GET', this.#keys.claim(claimKey)])) as Buffer | null;
    return claim === null ? null : decodeClaim(claim);
  }

  async label(session: Session, request: AppendLabelRequest): Promise<LabelAnswer> {
    const { entityKeys, record, payload } = request;
    const { epoch } = session;
    const labelKey = labelKeyOf(request);
    const prefix = this.#keys.historyPrefix(epoch);
    const answer: Reply = await this.#link.call([
      'FCALL',
      `${LIBRARY}_label`,
      String(5 + entityKeys.length),
      this.#keys.open,
      this.#keys.seq,
      this.#keys.pending(epoch),
      this.#keys.labels,
      this.#keys.label(labelKey),
      ...entityKeys.map((key) => prefix + key),
      session.token,
      String(session.seqSeen),
      String(this.#times.claimTtlS),
      String(this.#times.historyTtlS),
      labelKey,
      encodeLabel({ epoch, entityKeys, record, payload }),
      bufferOf(record),
    ]);
    if (typeof answer !== 'number') return { ...decodeLabel(answer as Buffer), duplicate: true };
    session.seqSeen = Math.max(session.seqSeen, answer);
    return { seq: answer, epoch, duplicate: false };
  }

  /** The places of these ids are on the log. */
  async notePlacesLogged(epoch: number, claimKeys: readonly string[]): Promise<void> {
    await this.#link.call(['ZREM', this.#keys.unlogged(epoch), ...claimKeys]);
  }

  /** The label is on the log. */
  async noteLabelLogged(labelKey: string): Promise<void> {
    await this.#link.call(['ZREM', this.#keys.labels, labelKey]);
  }
}

/** The records before `seq` in what was read after the record with `seq` was appended. */
function historyBefore(history: Buffer | null | undefined, seq: number): Uint8Array {
  let at = (history?.length ?? 0) - HISTORY_RECORD_BYTES;
  while (at >= 0 && history!.readUIntLE(at + HISTORY_SEQ_OFFSET, 6) > seq) at -= HISTORY_RECORD_BYTES;
  if (at < 0 || history!.readUIntLE(at + HISTORY_SEQ_OFFSET, 6) !== seq)
    throw new HistoryLost(`a history does not hold the record ${seq} that was appended to it`);
  return at === 0 ? NOTHING : viewOf(history!, Math.max(0, at - VISIBLE_BYTES_MAX), at);
}

/** The records before `seq`, the latest of them, whether one with `seq` is there or not. */
export function visibleBefore(history: Buffer | null, seq: number): Uint8Array {
  if (history === null) return NOTHING;
  let end = history.length;
  while (end > 0 && history.readUIntLE(end - HISTORY_RECORD_BYTES + HISTORY_SEQ_OFFSET, 6) >= seq)
    end -= HISTORY_RECORD_BYTES;
  return viewOf(history, Math.max(0, end - VISIBLE_BYTES_MAX), end);
}

/** One argument, for each costs. */
function recordWithPlaces(record: Uint8Array, places: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(HISTORY_RECORD_BYTES + places.length * 2);
  bytes.set(record);
  for (let i = 0; i < places.length; i++) bytes.writeUInt16BE(places[i]!, HISTORY_RECORD_BYTES + i * 2);
  return bytes;
}

export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
