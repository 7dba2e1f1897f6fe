import { invariant, TOPICS, type StoredLogRecord, type Topic } from '@veto/domain';

/** Blocks double from the first size to the second, so that a small log stays small. */
const SLAB_BYTES_MIN = 64 * 1024;
const SLAB_BYTES_MAX = 32 * 1024 * 1024;
/** Numbers in the place of one record. */
const PLACE_NUMBERS = 6;
const TOPIC_BY_NUMBER: readonly Topic[] = Object.values(TOPICS);

/**
 * Records of a log that lives in memory, packed end to end in a few large blocks. A million decisions as objects of
 * their own are a million things for the garbage collector to visit, again and again; as bytes in blocks they are none.
 * Position, time, seq and epoch of record i lie in numbers; its key, applied event and value follow each other in a block.
 */
export class RecordArena {
  readonly #slabs: Buffer[] = [];
  #slabFilled = 0;
  #length = 0;
  /** Per record: position, appendedAtMs, seq, epoch; −1 where there is none. */
  #numbers = new Float64Array(4 * 1_024);
  /** Per record: slab, offset, bytes of the key, bytes of the value, number of the topic, 1 + bytes of the applied event or 0. */
  #places = new Uint32Array(PLACE_NUMBERS * 1_024);

  get length(): number {
    return this.#length;
  }

  add(record: StoredLogRecord): void {
    if (this.#numbers.length < 4 * (this.#length + 1)) this.#grow();
    const keyBytes = Buffer.byteLength(record.key);
    const appliedBytes = record.applied?.length ?? 0;
    const offset = this.#reserve(keyBytes + appliedBytes + record.value.length);
    const slab = this.#slabs.at(-1)!;
    slab.write(record.key, offset);
    if (record.applied !== undefined) slab.set(record.applied, offset + keyBytes);
    slab.set(record.value, offset + keyBytes + appliedBytes);
    const numbers = [record.position, record.appendedAtMs, record.seq ?? -1, record.epoch ?? -1];
    const topic = TOPIC_BY_NUMBER.indexOf(record.topic);
    invariant(topic >= 0, `position ${record.position}: unknown topic ${record.topic}`);
    this.#numbers.set(numbers, 4 * this.#length);
    const applied = record.applied === undefined ? 0 : 1 + appliedBytes;
    const place = [this.#slabs.length - 1, offset, keyBytes, record.value.length, topic, applied];
    this.#places.set(place, PLACE_NUMBERS * this.#length);
    this.#length++;
  }

  positionAt(i: number): number {
    return this.#numbers[4 * i]!;
  }

  topicAt(i: number): Topic {
    return TOPIC_BY_NUMBER[this.#places[PLACE_NUMBERS * i + 4]!]!;
  }

  /** The record as it was added; its value is a view of the arena's bytes, which never change. */
  at(i: number): StoredLogRecord {
    const place = this.#places.subarray(PLACE_NUMBERS * i, PLACE_NUMBERS * (i + 1));
    const [slabNumber, offset, keyBytes, valueBytes, , applied] = place;
    const [position, appendedAtMs, seq, epoch] = this.#numbers.subarray(4 * i, 4 * i + 4);
    const slab = this.#slabs[slabNumber!]!;
    const keyEnd = offset! + keyBytes!;
    const valueFrom = keyEnd + Math.max(0, applied! - 1);
    return {
      topic: this.topicAt(i),
      key: slab.toString('utf8', offset, keyEnd),
      // Not a Buffer, whose `slice` would share the bytes instead of copying them.
      value: new Uint8Array(slab.buffer, slab.byteOffset + valueFrom, valueBytes!),
      position: position!,
      appendedAtMs: appendedAtMs!,
      ...(seq === -1 ? {} : { seq: seq! }),
      ...(epoch === -1 ? {} : { epoch: epoch! }),
      ...(applied === 0
        ? {}
        : { applied: new Uint8Array(slab.buffer, slab.byteOffset + keyEnd, applied! - 1) }),
    };
  }

  /** Room for so many bytes in the last block, or in a new one. @returns their offset */
  #reserve(byteCount: number): number {
    if (this.#slabFilled + byteCount > (this.#slabs.at(-1)?.length ?? 0)) {
      const size = Math.min(SLAB_BYTES_MAX, Math.max(SLAB_BYTES_MIN, 2 * (this.#slabs.at(-1)?.length ?? 0)));
      this.#slabs.push(Buffer.allocUnsafeSlow(Math.max(size, byteCount)));
      this.#slabFilled = 0;
    }
    const offset = this.#slabFilled;
    this.#slabFilled += byteCount;
    return offset;
  }

  #grow(): void {
    const numbers = new Float64Array(this.#numbers.length * 2);
    numbers.set(this.#numbers);
    this.#numbers = numbers;
    const places = new Uint32Array(this.#places.length * 2);
    places.set(this.#places);
    this.#places = places;
  }
}
