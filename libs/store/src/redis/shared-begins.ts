import type { BeginRequest, BeginResult, ClaimId } from '@veto/domain';
import { allOf, type LoggedDecisions } from '../embedded/begin-answers';
import { claimKeyOf } from '../embedded/claim-book';
import type { ClaimIndex, DecidedClaim } from '../embedded/claim-index';
import type { BegunClaims } from './begun-claims';
import { isSameFingerprint, type StoredClaim } from './claim-codec';
import type { LocalMemory } from './local-memory';
import type { RedisShard } from './redis-shard';

export interface SharedBeginsParts {
  readonly memory: LocalMemory;
  readonly begun: BegunClaims;
  readonly index: ClaimIndex;
  readonly decisions: LoggedDecisions;
  readonly shardOf: (tenantId: string) => RedisShard;
  readonly partsOf: (
    places: readonly number[],
    requests: readonly ClaimId[],
  ) => readonly { readonly shard: RedisShard; readonly places: readonly number[] }[];
}

/** Begins ids in Redis, and where that is out of reach, in this process; ids that are decided on the log are known without it. */
export class SharedBegins {
  readonly #parts: SharedBeginsParts;

  constructor(parts: SharedBeginsParts) {
    this.#parts = parts;
  }

  async begin(requests: readonly BeginRequest[]): Promise<readonly BeginResult[]> {
    const known = requests.map((request) => this.#answerKnown(request));
    const asked = known.flatMap((answer, i) => (answer === null ? [i] : []));
    const results: BeginResult[] = [];
    // Everything is sent before anything is waited for, so that the order of calls is the order of sequence numbers.
    const parts = this.#parts.partsOf(asked, requests).map(async ({ shard, places }) => {
      const answers = await this.#beginIn(
        shard,
        places.map((i) => requests[i]!),
      );
      places.forEach((place, i) => (results[place] = answers[i]!));
    });
    await Promise.all(parts);
    for (const [i, answer] of known.entries()) if (answer !== null) results[i] = await answer;
    return results;
  }

  /** What is answered without a sequence number: ids that are decided on the log, or were begun in this process alone. */
  #answerKnown(request: BeginRequest): BeginResult | Promise<BeginResult> | null {
    const decided = this.#parts.index.decided(claimKeyOf(request));
    if (decided === null) return this.#parts.memory.answer(request);
    return decided.fingerprint === null
      ? this.#answerUntold(request, decided)
      : this.#parts.decisions.answer(decided, request.fingerprint);
  }

  /** The log does not tell of what body this is the decision; Redis does, while it has the claim. */
  async #answerUntold(request: BeginRequest, decided: DecidedClaim): Promise<BeginResult> {
    const claimKey = claimKeyOf(request);
    const claim = await this.#parts.shardOf(request.tenantId).ask((calls) => calls.find(claimKey));
    const isOther = claim !== null && !isSameFingerprint(claim, request.fingerprint);
    const bytes = await this.#parts.decisions.read(decided.position);
    return isOther ? { status: 'fingerprint_mismatch', first: bytes } : { status: 'decided', bytes };
  }

  async #beginIn(shard: RedisShard, requests: readonly BeginRequest[]): Promise<readonly BeginResult[]> {
    const begun = await shard.begin(requests);
    if (begun === null)
      // What came on the log meanwhile is no longer to be decided, and would never be forgotten here.
      return allOf(
        requests.map(
          (request) => this.#answerKnown(request) ?? this.#parts.memory.begin(request, shard.epoch),
        ),
      );
    const { epoch, begunAtMs, answers } = begun;
    const provisional = shard.isProvisional;
    return answers.map((answer, i): BeginResult => {
      const request = requests[i]!;
      if ('claim' in answer) return answerClaimed(answer.claim, request.fingerprint);
      const { seq, histories } = answer;
      this.#parts.memory.note(request.entityKeys, request.record, seq);
      const own = { seq, fingerprint: request.fingerprint, begunAtMs };
      this.#parts.begun.set(claimKeyOf(request), { epoch, own });
      return provisional
        ? { status: 'begun', epoch, seq, histories, provisional }
        : { status: 'begun', epoch, seq, histories };
    });
  }
}

/** What a second `begin` of an id hears whose decision is not known here to be on the log. */
function answerClaimed(claim: StoredClaim, fingerprint: string): BeginResult {
  if (!isSameFingerprint(claim, fingerprint)) return { status: 'fingerprint_mismatch', first: claim.bytes };
  return claim.isDecided
    ? { status: 'decided', bytes: claim.bytes, isLogged: false }
    : { status: 'in_flight' };
}
