import { partitionOfKey, type RoutedRecord } from '@veto/log';
import type { PlantedFault } from './planted-faults.spec-support';
import { TOPICS, type LogCut, type LogRecord, type Topic } from '@veto/domain';

/** A record as the broker holds it. */
export interface BrokerRecord extends LogRecord {
  readonly appendedAtMs: number;
}

const PARTITION_COUNTS: Readonly<Partial<Record<Topic, number>>> = {
  [TOPICS.decisions]: 3,
  [TOPICS.labels]: 2,
  [TOPICS.epochs]: 1,
};

/** The log itself: what was acknowledged is never lost, whatever became of the broker. */
export class SimBroker {
  readonly partitions = new Map<string, BrokerRecord[]>();
  readonly #followers = new Set<() => void>();
  isUp = true;
  readonly #isSpread: boolean;
  #spreadCount = 0;

  constructor(faults: ReadonlySet<PlantedFault>) {
    this.#isSpread = faults.has('key_spread');
    for (const [topic, count] of Object.entries(PARTITION_COUNTS))
      for (let partition = 0; partition < count; partition++)
        this.partitions.set(`${topic}/${partition}`, []);
  }

  partitionOf({ topic, key }: Pick<LogRecord, 'topic' | 'key'>): number {
    const count = PARTITION_COUNTS[topic] ?? 0;
    if (this.#isSpread) return this.#spreadCount++ % count;
    return count === 1 ? 0 : partitionOfKey(key, count);
  }

  /** Told after each append. */
  onAppend(follower: () => void): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  /** @returns the offset of each */
  append(records: readonly RoutedRecord[], nowMs: number): readonly number[] {
    const offsets = records.map(({ record, partition }) => {
      const held = this.partitions.get(`${record.topic}/${partition}`)!;
      return held.push({ ...record, appendedAtMs: record.appendedAtMs ?? nowMs }) - 1;
    });
    if (records.length > 0) for (const follower of this.#followers) follower();
    return offsets;
  }

  cut(): LogCut {
    return Object.fromEntries([...this.partitions].map(([name, { length }]) => [name, length]));
  }
}
