/** How far behind a consumer is on one partition. */
export interface PartitionLag {
  /** As the broker calls it. */
  readonly topic: string;
  readonly partition: number;
  /** Records on the broker that are not finished. */
  readonly recordCount: number;
  /** Age of the oldest of them, s; 0 without any. */
  readonly seconds: number;
  /** Why the partition stands still; null while it moves. */
  readonly pausedBy: 'circuit' | null;
}

/** Where a partition stands. */
export interface PartitionProgress {
  readonly topic: string;
  readonly partition: number;
  highWatermark: number;
  nextOffset: number;
  /** When the first record was made that is not finished; the last one, while the next is not here yet. */
  oldestMs: number;
}

/** Where each assigned partition stands, from what its batches tell and, while none comes, from the broker. */
export class LagBook {
  readonly #partitions = new Map<string, PartitionProgress>();
  #assigned: ReadonlyMap<string, readonly number[]> = new Map();

  /** Forgets the partitions that are not ours any more. */
  assigned(partitions: ReadonlyMap<string, readonly number[]>): void {
    this.#assigned = partitions;
    for (const [name, { topic, partition }] of this.#partitions) {
      if (partitions.get(topic)?.includes(partition) !== true) this.#partitions.delete(name);
    }
  }

  moved(progress: PartitionProgress): void {
    const name = `${progress.topic}/${progress.partition}`;
    const before = this.#partitions.get(name)?.highWatermark ?? 0;
    this.#partitions.set(name, { ...progress, highWatermark: Math.max(before, progress.highWatermark) });
  }

  /** Topics of which partitions are ours. */
  topics(): readonly string[] {
    return [...this.#assigned].flatMap(([topic, { length }]) => (length === 0 ? [] : [topic]));
  }

  /** Whether a partition is ours and no batch of it has come yet. */
  isUnread(topic: string, partition: number): boolean {
    const isOurs = this.#assigned.get(topic)?.includes(partition) === true;
    return isOurs && !this.#partitions.has(`${topic}/${partition}`);
  }

  /** Where a partition ends, as the broker says. @param nowMs for the age of what nothing was known of before */
  reached(topic: string, partition: number, highWatermark: number, nowMs: number): void {
    const progress = this.#partitions.get(`${topic}/${partition}`);
    if (progress === undefined || highWatermark <= progress.highWatermark) return;
    if (progress.nextOffset >= progress.highWatermark) progress.oldestMs = nowMs;
    progress.highWatermark = highWatermark;
  }

  lag(nowMs: number, isPaused: (topic: string, partition: number) => boolean): readonly PartitionLag[] {
    return [...this.#partitions.values()].map(({ topic, partition, highWatermark, nextOffset, oldestMs }) => {
      const recordCount = Math.max(0, highWatermark - nextOffset);
      return {
        topic,
        partition,
        recordCount,
        seconds: recordCount === 0 ? 0 : Math.max(0, nowMs - oldestMs) / 1000,
        pausedBy: isPaused(topic, partition) ? 'circuit' : null,
      };
    });
  }
}
