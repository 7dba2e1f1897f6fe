import type { Offsets } from 'kafkajs';

interface Progress {
  readonly topic: string;
  readonly partition: number;
  next: number;
  committed: number | null;
}

export interface PartitionOffset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** Up to where each partition is finished, and how much of that the group has been told. */
export class OffsetBook {
  readonly #partitions = new Map<string, Progress>();

  note({ topic, partition, offset }: PartitionOffset): void {
    const name = `${topic}/${partition}`;
    const progress = this.#partitions.get(name);
    if (progress === undefined)
      this.#partitions.set(name, { topic, partition, next: offset, committed: null });
    else progress.next = offset;
  }

  /** What is to be committed now. */
  uncommitted(): readonly PartitionOffset[] {
    return [...this.#partitions.values()]
      .filter(({ next, committed }) => next !== committed)
      .map(({ topic, partition, next }) => ({ topic, partition, offset: next }));
  }

  committed(offsets: readonly PartitionOffset[]): void {
    for (const { topic, partition, offset } of offsets) {
      const progress = this.#partitions.get(`${topic}/${partition}`);
      if (progress !== undefined) progress.committed = offset;
    }
  }

  /** After a rebalance: what was ours may be another's now, and a late commit would set it back. */
  clear(): void {
    this.#partitions.clear();
  }
}

/** As kafkajs wants to be told. */
export function commitRequest(offsets: readonly PartitionOffset[]): Offsets {
  const topics = new Map<string, { partition: number; offset: string }[]>();
  for (const { topic, partition, offset } of offsets) {
    const partitions = topics.get(topic) ?? [];
    topics.set(topic, partitions);
    partitions.push({ partition, offset: String(offset) });
  }
  return { topics: [...topics].map(([topic, partitions]) => ({ topic, partitions })) };
}
