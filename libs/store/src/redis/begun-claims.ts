/** So many ids may be begun and neither committed nor forgotten. */
const COUNT_MAX = 200_000;

/** What this process knows of an id that it is about to commit. */
export interface BegunClaim {
  readonly epoch: number;
  /** What its claim says and its place in the order; null for one that another process began. */
  readonly own: OwnClaim | null;
}

export interface OwnClaim {
  readonly seq: number;
  readonly fingerprint: string;
  readonly begunAtMs: number;
}

/** The ids that this process is about to commit. Bounded: the oldest goes, and is of any epoch then. */
export class BegunClaims {
  readonly #claims = new Map<string, BegunClaim>();

  set(claimKey: string, claim: BegunClaim): void {
    this.#claims.set(claimKey, claim);
    if (this.#claims.size <= COUNT_MAX) return;
    const oldest = this.#claims.keys().next().value;
    if (oldest !== undefined) this.#claims.delete(oldest);
  }

  /** What is known, null = nothing; and forgets it. */
  take(claimKey: string): BegunClaim | null {
    const claim = this.#claims.get(claimKey);
    if (claim === undefined) return null;
    this.#claims.delete(claimKey);
    return claim;
  }
}
