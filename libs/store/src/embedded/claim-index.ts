/** A decision that is on the log: where, and of what. */
export interface DecidedClaim {
  /** Position of the decision on the log. */
  readonly position: number;
  /** Null for a decision that came on the log without having been begun: any body is then taken for the first one. */
  readonly fingerprint: string | null;
}

/** How far an index has followed the log, and by what to know that it is the same log. */
export interface LogMark {
  readonly position: number;
  readonly appendedAtMs: number;
  readonly key: string;
  /** The highest order on the log of each shard, where there are shards. */
  readonly shards?: readonly ShardMark[];
}

export interface ShardMark {
  readonly epoch: number;
  readonly seq: number;
}

/**
 * What is known for ever: decided ids and labels. It follows the log: what is on the log up to `mark` is in it.
 * Reads see what was put, at once.
 */
export interface ClaimIndex {
  readonly mark: LogMark | null;
  decided(claimKey: string): DecidedClaim | null;
  /** The seq of a label that is on the log, or null. */
  labelSeq(labelKey: string): number | null;
  putDecided(claimKey: string, claim: DecidedClaim): void;
  putLabel(labelKey: string, seq: number): void;
  /** Everything on the log up to here was put. */
  advance(mark: LogMark): void;
  /** Resolves when everything put before, and the mark, is on the disk. */
  flush(): Promise<void>;
  /** Forgets everything, for it belongs to another log. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** An index that lasts as long as its process. */
export function createMemoryClaimIndex(): ClaimIndex {
  const decided = new Map<string, DecidedClaim>();
  const labels = new Map<string, number>();
  let mark: LogMark | null = null;
  return {
    get mark() {
      return mark;
    },
    decided: (claimKey) => decided.get(claimKey) ?? null,
    labelSeq: (labelKey) => labels.get(labelKey) ?? null,
    putDecided(claimKey, claim) {
      if (!decided.has(claimKey)) decided.set(claimKey, claim);
    },
    putLabel(labelKey, seq) {
      if (!labels.has(labelKey)) labels.set(labelKey, seq);
    },
    advance(next) {
      mark = next;
    },
    flush: () => Promise.resolve(),
    clear() {
      decided.clear();
      labels.clear();
      mark = null;
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}
