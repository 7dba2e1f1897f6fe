import type { ClaimId } from '@veto/domain';

/** An id that was begun and whose decision is not yet known to be on the log. */
export interface Claim extends ClaimId {
  readonly fingerprint: string;
  readonly epoch: number;
  readonly seq: number;
  readonly payload: Uint8Array;
  readonly histories: readonly Uint8Array[];
  readonly begunAtMs: number;
  /** The winner's bytes once committed. */
  bytes: Uint8Array | null;
}

type Waiter = (bytes: Uint8Array | null) => void;

/** The identity of a decision: the same text as the log's keys. */
export function claimKeyOf(id: ClaimId): string {
  return `${id.tenantId}|${id.transactionId}`;
}

/** Claims from `begin` until their decision is seen on the log; from then on the index knows them. */
export class ClaimBook {
  /** Begun and not committed, in order of seq. */
  readonly #pending = new Map<string, Claim>();
  /** Committed, their decision not yet seen on the log. */
  readonly #committed = new Map<string, Claim>();
  readonly #waiters = new Map<string, Set<Waiter>>();

  get(claimKey: string): Claim | undefined {
    return this.#pending.get(claimKey) ?? this.#committed.get(claimKey);
  }

  add(claimKey: string, claim: Claim): void {
    this.#pending.set(claimKey, claim);
  }

  /** The first commit of a claim: its waiters are told. */
  commit(claimKey: string, claim: Claim, bytes: Uint8Array): void {
    claim.bytes = bytes;
    this.#pending.delete(claimKey);
    this.#committed.set(claimKey, claim);
    this.#tell(claimKey, bytes);
  }

  /** The decision is on the log, and the index has it. */
  forget(claimKey: string, bytes: Uint8Array): void {
    this.#pending.delete(claimKey);
    this.#committed.delete(claimKey);
    this.#tell(claimKey, bytes);
  }

  #tell(claimKey: string, bytes: Uint8Array | null): void {
    const waiters = this.#waiters.get(claimKey);
    if (waiters === undefined) return;
    this.#waiters.delete(claimKey);
    for (const waiter of waiters) waiter(bytes);
  }

  /** Resolves when the claim is committed, or with null after the time. */
  waitFor(claimKey: string, timeoutMs: number): Promise<Uint8Array | null> {
    return new Promise((resolve) => {
      const waiters = this.#waiters.get(claimKey) ?? new Set<Waiter>();
      this.#waiters.set(claimKey, waiters);
      const waiter: Waiter = (bytes) => {
        clearTimeout(timer);
        resolve(bytes);
      };
      const timer = setTimeout(() => {
        waiters.delete(waiter);
        if (waiters.size === 0 && this.#waiters.get(claimKey) === waiters) this.#waiters.delete(claimKey);
        resolve(null);
      }, timeoutMs);
      waiters.add(waiter);
    });
  }

  /** Begun and not committed, oldest first. */
  pending(): IterableIterator<Claim> {
    return this.#pending.values();
  }

  /** Not yet known to be decided on the log, oldest first. */
  undecided(): Claim[] {
    return [...this.#pending.values(), ...this.#committed.values()].sort((a, b) => a.seq - b.seq);
  }

  /** Forgets every claim; whoever waits is told that there is nothing. */
  clear(): void {
    this.#pending.clear();
    this.#committed.clear();
    for (const claimKey of [...this.#waiters.keys()]) this.#tell(claimKey, null);
  }
}
