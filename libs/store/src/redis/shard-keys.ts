/** Names of one shard's keys. They share a hash tag, so that one call stays in one slot. */
export class ShardKeys {
  /** The epoch that is served: `epoch|run|base`; absent = nothing is. */
  readonly open: string;
  /** The last sequence number that was handed out. */
  readonly seq: string;
  /** Who makes the state anew, while somebody does. */
  readonly lead: string;
  /** Who finishes orphans. */
  readonly sweep: string;
  /** Epochs of which claims may be pending. */
  readonly generations: string;
  /** Labels that are not known to be on the log, by seq. */
  readonly labels: string;
  /** When each instance was last heard of, and until when its decisions may be unseen here. */
  readonly instances: string;
  /** Of every epoch before this one the histories are gone. */
  readonly droppedBelow: string;
  readonly #claim: string;
  readonly #label: string;
  readonly #pending: string;
  readonly #unlogged: string;
  readonly #history: string;

  constructor(shard: number) {
    const tag = `{v${shard}}`;
    this.open = `${tag}open`;
    this.seq = `${tag}seq`;
    this.lead = `${tag}lead`;
    this.sweep = `${tag}sweep`;
    this.generations = `${tag}generations`;
    this.labels = `${tag}labels`;
    this.instances = `${tag}instances`;
    this.droppedBelow = `${tag}dropped`;
    this.#claim = `${tag}c|`;
    this.#label = `${tag}l|`;
    this.#pending = `${tag}p`;
    this.#unlogged = `${tag}u`;
    this.#history = `${tag}h`;
  }

  /** Where the id begins in the name of its claim, counted from 1. */
  get claimNameAt(): string {
    return String(this.#claim.length + 1);
  }

  claim(claimKey: string): string {
    return this.#claim + claimKey;
  }

  label(labelKey: string): string {
    return this.#label + labelKey;
  }

  /** Ids begun in an epoch and not committed, by seq. */
  pending(epoch: number): string {
    return `${this.#pending}${epoch}`;
  }

  /** Ids begun in an epoch and committed, whose place is not known to be on the log, by seq. */
  unlogged(epoch: number): string {
    return `${this.#unlogged}${epoch}`;
  }

  /** What the histories of an epoch have before the entity's key: whoever writes for another epoch cannot touch them. */
  historyPrefix(epoch: number): string {
    return `${this.#history}${epoch}|`;
  }

  /** For SCAN: the histories of every epoch. */
  get historyPattern(): string {
    return `${this.#history.replace(/[[\]*?\\]/g, '\\$&')}*`;
  }

  /** The epoch in a history's name. */
  epochOfHistory(name: string): number {
    return Number(name.slice(this.#history.length, name.indexOf('|')));
  }
}

const FNV_OFFSET = 0x811c_9dc5;
const FNV_PRIME = 0x0100_0193;

/** The shard that has everything of a tenant. */
export function shardOf(tenantId: string, shardCount: number): number {
  if (shardCount === 1) return 0;
  let hash = FNV_OFFSET;
  for (let i = 0; i < tenantId.length; i++) hash = Math.imul(hash ^ tenantId.charCodeAt(i), FNV_PRIME);
  return (hash >>> 0) % shardCount;
}

/** The tenant in a key of the log or of an entity: `<tenant>|…`. */
export function tenantOfKey(key: string): string {
  return key.slice(0, key.indexOf('|'));
}
