import { createHash } from 'node:crypto';
import type { LogRecord } from '@veto/domain';

/** What lies in one partition of the target, as hashes in order, and how much of it was recognised. */
interface Present {
  readonly hashes: string[];
  readonly recognised: Set<string>;
  next: number;
  /** True when what lies at `next` is not ours. */
  isStrange: boolean;
}

/**
 * What an earlier attempt left on the target. An attempt writes each partition in order and may have written a batch
 * twice, when it did not hear of the first: so the target is a beginning of what is to be written, with repetitions.
 */
export class PresentRecords {
  readonly #partitions = new Map<string, Present>();

  /** A record of the target, those of one partition in order. */
  add(record: LogRecord, partition: number): void {
    this.#presentOf(record, partition).hashes.push(hashOf(record));
  }

  /** The next record that is to be written to a partition. @returns true when it is there already */
  recognise(record: LogRecord, partition: number): boolean {
    const present = this.#presentOf(record, partition);
    const hash = hashOf(record);
    while (!present.isStrange && present.next < present.hashes.length) {
      const found = present.hashes[present.next]!;
      if (found === hash) {
        present.next++;
        present.recognised.add(hash);
        return true;
      }
      // A repetition of what was there before is passed over; anything else is not ours.
      if (present.recognised.has(found)) present.next++;
      else present.isStrange = true;
    }
    return false;
  }

  /** The first record of the target that was not recognised when everything had been asked for; null = all were. */
  strange(): { readonly partition: string; readonly offset: number } | null {
    for (const [partition, { hashes, recognised, next }] of this.#partitions) {
      for (let offset = next; offset < hashes.length; offset++)
        if (!recognised.has(hashes[offset]!)) return { partition, offset };
    }
    return null;
  }

  /** From the beginning again, for a second walk through what is to be written. */
  rewind(): void {
    for (const present of this.#partitions.values()) {
      present.next = 0;
      present.isStrange = false;
      present.recognised.clear();
    }
  }

  #presentOf({ topic }: LogRecord, partition: number): Present {
    const name = `${topic}/${partition}`;
    const known = this.#partitions.get(name);
    if (known !== undefined) return known;
    const present = { hashes: [], recognised: new Set<string>(), next: 0, isStrange: false };
    this.#partitions.set(name, present);
    return present;
  }
}

/** Of everything that is written of a record. */
function hashOf({ key, value, seq = -1, epoch = -1, applied }: LogRecord): string {
  const hash = createHash('sha256').update(`${key}\n${seq}\n${epoch}\n`).update(value);
  if (applied !== undefined) hash.update('\n').update(applied);
  return hash.digest('base64');
}
