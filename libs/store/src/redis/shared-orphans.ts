import type { Clock, PendingClaim } from '@veto/domain';
import type { LoggedDecisions } from '../embedded/begin-answers';
import { claimKeyOf } from '../embedded/claim-book';
import type { ClaimIndex } from '../embedded/claim-index';
import type { BegunClaims } from './begun-claims';
import type { StoredClaim } from './claim-codec';
import { instanceNameOf } from './heard-instances';
import type { LocalMemory } from './local-memory';
import type { RedisShard } from './redis-shard';
import type { SharedCommits } from './shared-commits';
import type { SharedLabels } from './shared-labels';
import type { UnloggedPlaces } from './unlogged-places';

export interface SharedOrphansParts {
  readonly index: ClaimIndex;
  readonly decisions: LoggedDecisions;
  readonly begun: BegunClaims;
  readonly unlogged: UnloggedPlaces;
  readonly labels: SharedLabels;
  readonly commits: Pick<SharedCommits, 'tellLocal'>;
  readonly memory: LocalMemory;
  readonly clock: Clock;
  /** Of this process, unlike any other's. */
  readonly instance: number;
}

/** So long whoever lives is waited for: it may be kept from deciding what it began by a mistake of ours. */
const PATIENCE_MS = 30_000;

/** What crashes left in Redis, for the one instance that sweeps. */
export class SharedOrphans {
  readonly #parts: SharedOrphansParts;

  constructor(parts: SharedOrphansParts) {
    this.#parts = parts;
  }

  /**
   * Ids that nobody is at work on, of those shards where this instance is the one that sweeps.
   * @param of.latestMs begun then or before
   * @throws VetoError store_unavailable | log_unavailable
   */
  async take(
    shards: readonly RedisShard[],
    of: { readonly latestMs: number; readonly countMax: number },
  ): Promise<readonly PendingClaim[]> {
    const { begun, unlogged, labels, commits } = this.#parts;
    await unlogged.tell();
    await commits.tellLocal();
    const found: PendingClaim[] = [];
    for (const shard of shards) {
      if (!shard.isServing || !(await shard.sweep.lease())) continue;
      await labels.sweep(shard);
      const heard = await shard.sweep.heard();
      const orphans = await shard.sweep.orphans({
        latestMs: of.latestMs,
        countMax: of.countMax - found.length,
        isOnTheWay: (claimKey) => unlogged.isOnTheWay(claimKey),
        isLeftAlone: (claimKey, claim) => this.#isLeftAlone(claimKey, claim, heard),
      });
      for (const { claim: _claim, ...orphan } of orphans) {
        const claimKey = claimKeyOf(orphan);
        const { epoch } = orphan;
        begun.set(claimKey, { epoch, own: null });
        unlogged.note(claimKey, { shard, epoch });
        if (await this.#isLogged(orphan)) unlogged.placed(claimKey, epoch);
        else found.push(orphan);
      }
      await shard.dropOldHistories();
    }
    return found;
  }

  /**
   * An instance that lives may have decided alone what it began here too late, and answered it from its file: it tells so as
   * soon as it can, and until then nobody else decides it. What is on the log is decided, and only lacks its place.
   */
  #isLeftAlone(claimKey: string, claim: StoredClaim, heard: ReadonlySet<string>): boolean {
    const { index, memory, clock, instance } = this.#parts;
    if (index.decided(claimKey) !== null) return false;
    if (claim.instance === instance) return memory.isUntold(claimKey);
    const isPatient = claim.begunAtMs > clock.nowMs() - PATIENCE_MS;
    return isPatient && heard.has(instanceNameOf(claim.instance));
  }

  /** Whoever committed it may have died before it told Redis that its place is on the log. */
  async #isLogged(orphan: PendingClaim): Promise<boolean> {
    const { index, decisions } = this.#parts;
    const decided = orphan.bytes === undefined ? null : index.decided(claimKeyOf(orphan));
    return decided !== null && decisions.hasPlace(decided.position, orphan);
  }
}
