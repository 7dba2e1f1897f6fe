import type { ClaimId, Clock, CommitRequest, CommitResult } from '@veto/domain';
import type { LoggedDecisions } from '../embedded/begin-answers';
import { claimKeyOf } from '../embedded/claim-book';
import type { ClaimIndex } from '../embedded/claim-index';
import type { BegunClaim, BegunClaims } from './begun-claims';
import { encodeDecided, type StoredClaim } from './claim-codec';
import type { LocalMemory, Untold } from './local-memory';
import type { RedisShard } from './redis-shard';
import { tenantOfKey } from './shard-keys';
import type { UnloggedPlaces } from './unlogged-places';

/** Decisions that are told in one go. */
const TOLD_COUNT_MAX = 256;

export interface SharedCommitsParts {
  readonly memory: LocalMemory;
  readonly begun: BegunClaims;
  readonly unlogged: UnloggedPlaces;
  readonly index: ClaimIndex;
  readonly decisions: LoggedDecisions;
  readonly clock: Clock;
  readonly instance: number;
  readonly shardOf: (tenantId: string) => RedisShard;
  readonly partsOf: (
    places: readonly number[],
    requests: readonly ClaimId[],
  ) => readonly { readonly shard: RedisShard; readonly places: readonly number[] }[];
}

/** One request of those that are committed, and what is known of its claim. */
interface Begun extends Pick<BegunClaim, 'own'> {
  readonly place: number;
}

/** The first writer wins: on the claim in Redis, and where that is out of reach, on the log. */
export class SharedCommits {
  readonly #parts: SharedCommitsParts;

  constructor(parts: SharedCommitsParts) {
    this.#parts = parts;
  }

  async commit(requests: readonly CommitRequest[]): Promise<readonly CommitResult[]> {
    const results: CommitResult[] = [];
    const shared: number[] = [];
    const waiting: Promise<void>[] = [];
    for (const [i, request] of requests.entries()) {
      if (this.#parts.memory.has(claimKeyOf(request)))
        waiting.push(this.#commitLocal(request).then((result) => void (results[i] = result)));
      else shared.push(i);
    }
    for (const { shard, places } of this.#parts.partsOf(shared, requests))
      for (const [epoch, ofEpoch] of this.#byEpoch(places, requests))
        waiting.push(this.#commitIn(shard, epoch, ofEpoch, requests, results));
    await Promise.all(waiting);
    return results;
  }

  #byEpoch(places: readonly number[], requests: readonly CommitRequest[]): Map<number | null, Begun[]> {
    const byEpoch = new Map<number | null, Begun[]>();
    for (const place of places) {
      const claim = this.#parts.begun.take(claimKeyOf(requests[place]!));
      const epoch = claim?.epoch ?? null;
      const begun = { place, own: claim?.own ?? null };
      const others = byEpoch.get(epoch);
      if (others === undefined) byEpoch.set(epoch, [begun]);
      else others.push(begun);
    }
    return byEpoch;
  }

  async #commitIn(
    shard: RedisShard,
    epoch: number | null,
    begun: readonly Begun[],
    requests: readonly CommitRequest[],
    results: CommitResult[],
  ): Promise<void> {
    const decisions = begun.map(({ place, own }) => ({
      claimKey: claimKeyOf(requests[place]!),
      bytes: requests[place]!.bytes,
      own,
    }));
    // Before it is asked: the decision may be on the log before the answer is here.
    if (epoch !== null)
      for (const { claimKey } of decisions) this.#parts.unlogged.note(claimKey, { shard, epoch });
    const answers = await shard.commit(epoch, decisions);
    for (const [i, { place }] of begun.entries()) {
      const { claimKey, bytes } = decisions[i]!;
      const answer = answers?.[i] ?? null;
      if (answer === true) results[place] = { won: true, bytes };
      else if (answer !== null) results[place] = { won: false, bytes: answer.bytes };
      else results[place] = await this.#commitUnclaimed(claimKey, bytes);
    }
  }

  /** The claim is out of reach, or gone: what is on the log has won, else the first that comes there will have. */
  async #commitUnclaimed(claimKey: string, bytes: Uint8Array): Promise<CommitResult> {
    const decided = this.#parts.index.decided(claimKey);
    if (decided === null) {
      this.#parts.memory.noteUntold({ claimKey, bytes, fingerprint: null });
      return { won: true, bytes, provisional: true };
    }
    return { won: false, bytes: await this.#parts.decisions.read(decided.position) };
  }

  /** A decision of this process alone is told to the others: at once where that can be done, else by `tellLocal`. */
  async #commitLocal(request: CommitRequest): Promise<CommitResult> {
    const claimKey = claimKeyOf(request);
    const own = this.#parts.memory.commit(claimKey, request.bytes) ?? {
      won: true,
      bytes: request.bytes,
      provisional: true,
    };
    if (!own.won) return own;
    const fingerprint = this.#parts.memory.fingerprintOf(claimKey) ?? '';
    const told = await this.#tell({ claimKey, bytes: own.bytes, fingerprint });
    return told?.decided == null ? own : { won: false, bytes: told.decided, provisional: true };
  }

  /**
   * Tells the shared state what was decided here while it did not answer: else whoever sweeps would decide an id anew that
   * is pending there, and so would whoever is sent it again. What is on the log needs no telling.
   */
  async tellLocal(): Promise<void> {
    for (const untold of this.#parts.memory.untold(TOLD_COUNT_MAX))
      if ((await this.#tell(untold)) === null) return;
  }

  /** @returns what somebody else decided, if so; null when the shared state was not reached */
  async #tell(untold: Untold): Promise<{ readonly decided: Uint8Array | null } | null> {
    const { claimKey } = untold;
    const shard = this.#parts.shardOf(tenantOfKey(claimKey));
    if (!shard.isServing) return null;
    const winner = (await this.#kept(untold, shard)) ?? (await this.#committed(untold, shard));
    if (winner === null) return null;
    this.#parts.memory.noteTold(claimKey);
    return { decided: winner === true ? null : winner.bytes };
  }

  /** @returns true where there was no claim, else the decided one that is there; null where one is pending, or nobody answers */
  async #kept(
    { claimKey, bytes, fingerprint }: Untold,
    shard: RedisShard,
  ): Promise<StoredClaim | true | null> {
    if (fingerprint === null) return null;
    const { clock, instance } = this.#parts;
    const parts = { fingerprint, epoch: shard.epoch, begunAtMs: clock.nowMs(), instance };
    const claim = encodeDecided(parts, bytes);
    const kept = await shard.ask(async (calls) => ({ there: await calls.keep(claimKey, claim) }));
    if (kept === null) return null;
    if (kept.there === null) return true;
    return kept.there.isDecided ? kept.there : null;
  }

  /**
   * Whoever began it has not decided it, or it is a begin of our own that was answered too late: whoever sweeps writes its
   * place down. Where the claim is gone there is nothing to be told.
   */
  async #committed({ claimKey, bytes }: Untold, shard: RedisShard): Promise<StoredClaim | true | null> {
    const answers = await shard.commit(null, [{ claimKey, bytes, own: null }]);
    return answers === null ? null : (answers[0] ?? true);
  }
}
