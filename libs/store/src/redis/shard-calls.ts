import { HISTORY_RECORD_BYTES, invariant, type AppendLabelRequest, type BeginRequest } from '@veto/domain';
import { claimKeyOf } from '../embedded/claim-book';
import { labelKeyOf } from '../embedded/state-of-log';
import { AskedExpiries } from './asked-expiries';
import type { OwnClaim } from './begun-claims';
import {
  decodeClaim,
  decodeLabel,
  encodeCommit,
  encodeDecided,
  encodeLabel,
  encodePending,
  epochBytes,
  type StoredClaim,
} from './claim-codec';
import { LIBRARY } from './redis-function';
import type { RedisArgument, RedisLink, Reply } from './redis-link';
import { ShardHistories } from './shard-histories';
import type { ShardKeys } from './shard-keys';
import { bufferOf } from './visible-history';

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

export interface ShardCallsOptions extends ShardTimes {
  /** Of this process, unlike any other's. */
  readonly instance: number;
  /** Histories of so many records and more are copied here, so that only what is new is read of them. */
  readonly copiedFromCount: number;
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

/** What is to be committed, and what its claim says where this process began it. */
export interface CommittedDecision {
  readonly claimKey: string;
  readonly bytes: Uint8Array;
  readonly own: OwnClaim | null;
}

/** The calls on one shard. Each rejects when Redis refuses, or the connection breaks. */
export class ShardCalls {
  readonly #link: RedisLink;
  readonly #keys: ShardKeys;
  readonly #times: ShardTimes;
  readonly #instance: number;
  readonly #histories: ShardHistories;
  readonly #expiries = new AskedExpiries();

  constructor(link: RedisLink, keys: ShardKeys, options: ShardCallsOptions) {
    this.#link = link;
    this.#keys = keys;
    this.#times = options;
    this.#instance = options.instance;
    this.#histories = new ShardHistories(link, options.copiedFromCount);
  }

  /**
   * A call that begins and others that read, one behind the other on one connection. What others append in between is cut off
   * by the seq, and what is pending is not cut away: so it need not be one step.
   * @param requests `BATCH_COUNT_MAX` at most
   */
  async begin(
    session: Session,
    requests: readonly BeginRequest[],
    begunAtMs: number,
  ): Promise<readonly BeginAnswer[]> {
    const { claims, entityNames, entitiesOf, records } = this.#pack(session, requests, begunAtMs);
    const due = this.#expiries.dueOf(entityNames, begunAtMs);
    const { today } = this.#expiries;
    const begun = this.#link.call([
      'FCALL',
      `${LIBRARY}_begin`,
      String(3 + claims.length + entityNames.length),
      this.#keys.open,
      this.#keys.seq,
      this.#keys.pending(session.epoch),
      ...requests.map((request) => this.#keys.claim(claimKeyOf(request))),
      ...entityNames,
      session.token,
      String(session.seqSeen),
      String(requests.length),
      String(this.#times.claimTtlS),
      String(this.#times.historyTtlS),
      this.#keys.claimNameAt,
      due,
      records,
      ...claims,
    ]);
    const read = this.#histories.read(entityNames);
    // What was read is of no use then; why it was not begun counts.
    read.catch(() => undefined);
    const answers = (await begun) as readonly (number | Buffer)[];
    const seqs = answers.map((answer) => (typeof answer === 'number' ? answer : null));
    session.seqSeen = Math.max(session.seqSeen, ...seqs.map((seq) => seq ?? 0));
    for (const [i, seq] of seqs.entries())
      if (seq !== null)
        for (const at of entitiesOf[i]!) if (due[at] === '1') this.#expiries.note(entityNames[at]!, today);
    const histories = await (await read).before(seqs, entitiesOf);
    return answers.map((answer, i) =>
      typeof answer === 'number' ? { seq: answer, histories: histories[i]! } : { claim: decodeClaim(answer) },
    );
  }

  #pack(
    { epoch }: Session,
    requests: readonly BeginRequest[],
    begunAtMs: number,
  ): {
    readonly claims: readonly Buffer[];
    readonly entityNames: readonly string[];
    /** For each request, the places of its entities among the names. */
    readonly entitiesOf: readonly (readonly number[])[];
    readonly records: Buffer;
  } {
    const prefix = this.#keys.historyPrefix(epoch);
    const instance = this.#instance;
    const places = new Map<string, number>();
    const entityNames: string[] = [];
    const placeOf = (key: string): number => {
      const known = places.get(key);
      if (known !== undefined) return known;
      places.set(key, entityNames.length);
      return entityNames.push(prefix + key) - 1;
    };
    const entitiesOf = requests.map(({ entityKeys }) => entityKeys.map(placeOf));
    const claims = requests.map(({ fingerprint, entityKeys, payload }) =>
      encodePending({ fingerprint, epoch, begunAtMs, instance, entityKeys, payload }),
    );
    return { claims, entityNames, entitiesOf, records: encodeRecords(requests, entitiesOf) };
  }

  /** @param epoch in which they were begun; null = in any */
  async commit(
    session: Session,
    epoch: number | null,
    decisions: readonly CommittedDecision[],
  ): Promise<readonly CommitAnswer[]> {
    const instance = this.#instance;
    const values: RedisArgument[] = [];
    for (const { bytes, own } of decisions) {
      if (own === null || epoch === null) values.push('', encodeCommit(bytes));
      else values.push(String(own.seq), encodeDecided({ ...own, epoch, instance }, bytes));
    }
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
      this.#keys.claimNameAt,
      ...values,
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

/** Each with two bytes that say to how many entities it goes, and two for each of these: one argument, for each costs. */
function encodeRecords(
  requests: readonly BeginRequest[],
  entitiesOf: readonly (readonly number[])[],
): Buffer {
  const placeCount = entitiesOf.reduce((count, places) => count + places.length, 0);
  const bytes = Buffer.allocUnsafe(requests.length * (2 + HISTORY_RECORD_BYTES) + 2 * placeCount);
  let at = 0;
  for (const [i, { record }] of requests.entries()) {
    invariant(record.length === HISTORY_RECORD_BYTES, `history record of ${record.length} bytes`);
    const places = entitiesOf[i]!;
    at = bytes.writeUInt16BE(places.length, at);
    bytes.set(record, at);
    at += HISTORY_RECORD_BYTES;
    for (const place of places) at = bytes.writeUInt16BE(place, at);
  }
  return bytes;
}
