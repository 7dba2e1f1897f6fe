import type { PendingClaim } from '@veto/domain';
import { unavailable } from '../embedded/journal';
import { decodeClaim, decodeLabel, type StoredClaim, type StoredLabel } from './claim-codec';
import { heardInstances } from './heard-instances';
import { OldHistories } from './old-histories';
import { LIBRARY } from './redis-function';
import { MISSED, within, type RedisArgument, type RedisLink, type Reply } from './redis-link';
import type { ShardKeys } from './shard-keys';
import { visibleBefore } from './visible-history';

const CALL_TIMEOUT_MS = 2_000;
/** Claims that are looked at to find those that are old enough. */
const SLACK_COUNT = 64;
const NOTHING = new Uint8Array(0);

export interface Orphan extends PendingClaim {
  readonly claim: StoredClaim;
}

/** What a crash left in one shard. Only one instance at a time gets to see it. */
export class ShardSweep {
  readonly #link: RedisLink;
  readonly #keys: ShardKeys;
  readonly #holder: string;
  readonly #leaseMs: number;
  readonly #oldHistories: OldHistories;

  constructor(
    link: RedisLink,
    keys: ShardKeys,
    options: { readonly holder: string; readonly leaseMs: number },
  ) {
    this.#link = link;
    this.#keys = keys;
    this.#holder = options.holder;
    this.#leaseMs = options.leaseMs;
    this.#oldHistories = new OldHistories((args) => this.#call(args), keys);
  }

  /** Whether this instance is the one that sweeps, for the time of the lease. */
  async lease(): Promise<boolean> {
    if (this.#link.runId === null) return false;
    const args = ['FCALL', `${LIBRARY}_lease`, '1', this.#keys.sweep, this.#holder, String(this.#leaseMs)];
    return (await this.#call(args)) === 1;
  }

  async release(): Promise<void> {
    if (this.#link.runId === null) return;
    await this.#call(['FCALL', `${LIBRARY}_release`, '1', this.#keys.sweep, this.#holder]);
  }

  /** Ids begun at `latestMs` or before and not committed, or committed and not known to be logged, by epoch. */
  async orphans(of: {
    readonly latestMs: number;
    readonly countMax: number;
    /** Of what is committed: whether somebody here is bringing it onto the log. */
    readonly isOnTheWay: (claimKey: string) => boolean;
    /** Of what is not committed: whether whoever began it is to finish it. */
    readonly isLeftAlone: (claimKey: string, claim: StoredClaim) => boolean;
  }): Promise<readonly Orphan[]> {
    const generations = (await this.#call(['SMEMBERS', this.#keys.generations])) as readonly Buffer[];
    const epochs = generations.map((epoch) => Number(epoch.toString())).sort((a, b) => a - b);
    const found: Orphan[] = [];
    for (const epoch of epochs) {
      for (const key of [this.#keys.pending(epoch), this.#keys.unlogged(epoch)])
        found.push(...(await this.#orphansOf(epoch, key, { ...of, countMax: of.countMax - found.length })));
    }
    return found;
  }

  async #orphansOf(
    epoch: number,
    key: string,
    { latestMs, countMax, isOnTheWay, isLeftAlone }: Parameters<ShardSweep['orphans']>[0],
  ): Promise<Orphan[]> {
    if (countMax <= 0) return [];
    const isPending = key === this.#keys.pending(epoch);
    const listed = (await this.#call([
      'ZRANGE',
      key,
      '0',
      String(countMax + SLACK_COUNT - 1),
      'WITHSCORES',
    ])) as readonly (readonly [Buffer, number | Buffer])[];
    if (listed.length === 0) return [];
    const claimKeys = listed.map(([claimKey]) => claimKey.toString());
    const claims = (await this.#call([
      'MGET',
      ...claimKeys.map((claimKey) => this.#keys.claim(claimKey)),
    ])) as readonly (Buffer | null)[];
    const found: Orphan[] = [];
    const gone: string[] = [];
    const committed: string[] = [];
    for (const [i, stored] of claims.entries()) {
      const claim = stored === null ? null : decodeClaim(stored);
      const seq = String(listed[i]![1]);
      if (claim === null || claim.epoch !== epoch) gone.push(claimKeys[i]!);
      else if (claim.isDecided && isPending) committed.push(seq, claimKeys[i]!);
      else if (
        claim.begunAtMs <= latestMs &&
        found.length < countMax &&
        !(claim.isDecided ? isOnTheWay(claimKeys[i]!) : isLeftAlone(claimKeys[i]!, claim))
      )
        found.push(await this.#orphanOf(claimKeys[i]!, claim, Number(seq)));
    }
    // Somebody committed it who did not know of which epoch it is.
    if (committed.length > 0) await this.#call(['ZADD', this.#keys.unlogged(epoch), ...committed]);
    const removed = [...gone, ...committed.filter((_, i) => i % 2 === 1)];
    if (removed.length > 0) await this.#call(['ZREM', key, ...removed]);
    return found;
  }

  /** Instances that were heard of just now, by name. */
  heard(): Promise<ReadonlySet<string>> {
    return heardInstances((args) => this.#call(args), this.#keys);
  }

  /** Takes some histories away that nobody reads any more. @returns how many */
  dropOldHistories(): Promise<number> {
    return this.#oldHistories.drop();
  }

  async #orphanOf(claimKey: string, claim: StoredClaim, seq: number): Promise<Orphan> {
    const prefix = this.#keys.historyPrefix(claim.epoch);
    const names = claim.entityKeys.map((key) => prefix + key);
    const histories =
      names.length === 0 ? [] : ((await this.#call(['MGET', ...names])) as readonly (Buffer | null)[]);
    const tenantId = claimKey.slice(0, claimKey.indexOf('|'));
    return {
      tenantId,
      transactionId: claimKey.slice(tenantId.length + 1),
      epoch: claim.epoch,
      seq,
      payload: claim.isDecided ? NOTHING : claim.bytes,
      ...(claim.isDecided && { bytes: claim.bytes }),
      histories: histories.map((history) => visibleBefore(history, seq)),
      claim,
    };
  }

  /** Labels that are not known to be on the log, oldest first. */
  async labels(countMax: number): Promise<readonly (StoredLabel & { readonly labelKey: string })[]> {
    const listed = (await this.#call([
      'ZRANGE',
      this.#keys.labels,
      '0',
      String(countMax - 1),
    ])) as readonly Buffer[];
    if (listed.length === 0) return [];
    const labelKeys = listed.map((labelKey) => labelKey.toString());
    const labels = (await this.#call([
      'MGET',
      ...labelKeys.map((labelKey) => this.#keys.label(labelKey)),
    ])) as readonly (Buffer | null)[];
    return labels.flatMap((label, i) =>
      label === null ? [] : [{ ...decodeLabel(label), labelKey: labelKeys[i]! }],
    );
  }

  async #call(args: readonly RedisArgument[]): Promise<Reply> {
    const reply = await within(this.#link.call(args), CALL_TIMEOUT_MS).catch((cause: unknown) => {
      throw unavailable(`what a crash left cannot be asked for: ${String(cause)}`, cause);
    });
    if (reply !== MISSED) return reply;
    this.#link.restart();
    throw unavailable(`${String(args[0])} was not answered within ${CALL_TIMEOUT_MS} ms`);
  }
}
