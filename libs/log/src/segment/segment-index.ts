import { crc32 } from 'node:zlib';

/** A block of the index begins with the first frame at least this many bytes after the last block's. */
const BLOCK_BYTES = 16 * 1024;

const INDEX_MAGIC = 'VETOIDX1';
const INDEX_HEADER_BYTES = 32;
const ENTRY_BYTES = 9;

/**
 * Where in a segment a position is to be found, and which topics lie there: one entry for each 16 KiB or so.
 * About 75 kB for a full segment of 128 MiB.
 */
export class SegmentIndex {
  #ordinals = new Uint32Array(64);
  #offsets = new Uint32Array(64);
  #topics = new Uint8Array(64);
  #blockCount = 0;
  #recordCount = 0;

  /** An index from the entries of its file. */
  static fromEntries(
    recordCount: number,
    blockCount: number,
    entry: (block: number) => { readonly ordinal: number; readonly offset: number; readonly topics: number },
  ): SegmentIndex {
    const index = new SegmentIndex();
    index.#resize(blockCount);
    for (let block = 0; block < blockCount; block++) {
      const { ordinal, offset, topics } = entry(block);
      index.#ordinals[block] = ordinal;
      index.#offsets[block] = offset;
      index.#topics[block] = topics;
    }
    index.#blockCount = blockCount;
    index.#recordCount = recordCount;
    return index;
  }

  /** Records in the segment. */
  get recordCount(): number {
    return this.#recordCount;
  }

  get blockCount(): number {
    return this.#blockCount;
  }

  /** Notes the next frame. @param offset in the file @param topicBit as in `frameTopicBit` */
  add(offset: number, topicBit: number): void {
    const last = this.#blockCount - 1;
    if (last < 0 || offset - this.#offsets[last]! >= BLOCK_BYTES) {
      if (this.#blockCount === this.#offsets.length) this.#resize(Math.max(64, this.#blockCount * 2));
      this.#ordinals[this.#blockCount] = this.#recordCount;
      this.#offsets[this.#blockCount] = offset;
      this.#topics[this.#blockCount] = topicBit;
      this.#blockCount += 1;
    } else {
      this.#topics[last] = this.#topics[last]! | topicBit;
    }
    this.#recordCount += 1;
  }

  /** Gives back the room that was kept for growth. */
  seal(): void {
    this.#resize(this.#blockCount);
  }

  #resize(blockCount: number): void {
    const count = Math.min(blockCount, this.#blockCount);
    const grow = <T extends Uint32Array | Uint8Array>(to: T, from: T): T => {
      to.set(from.subarray(0, count));
      return to;
    };
    this.#ordinals = grow(new Uint32Array(blockCount), this.#ordinals);
    this.#offsets = grow(new Uint32Array(blockCount), this.#offsets);
    this.#topics = grow(new Uint8Array(blockCount), this.#topics);
  }

  /** The block that holds the record number `ordinal` of the segment. */
  blockOf(ordinal: number): number {
    let low = 0;
    let high = this.#blockCount - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#ordinals[middle]! <= ordinal) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The first block from `block` on that holds a topic of the mask, or `blockCount`. */
  nextBlockWith(mask: number, block: number): number {
    let found = block;
    while (found < this.#blockCount && (this.#topics[found]! & mask) === 0) found += 1;
    return found;
  }

  /** The first block after `block` that holds no topic of the mask, or `blockCount`. */
  runEndWith(mask: number, block: number): number {
    let end = block + 1;
    while (end < this.#blockCount && (this.#topics[end]! & mask) !== 0) end += 1;
    return end;
  }

  offsetOf(block: number): number {
    return this.#offsets[block]!;
  }

  /** Number within the segment of the block's first record. */
  firstOrdinalOf(block: number): number {
    return this.#ordinals[block]!;
  }

  /** The index as a file: header, entries, CRC-32. @param byteLength of the sealed segment */
  encode(byteLength: number): Buffer {
    const bytes = Buffer.alloc(INDEX_HEADER_BYTES + this.#blockCount * ENTRY_BYTES + 4);
    bytes.write(INDEX_MAGIC, 0, 'latin1');
    bytes.writeUIntLE(byteLength, 8, 6);
    bytes.writeUInt32LE(this.#recordCount, 16);
    bytes.writeUInt32LE(this.#blockCount, 20);
    let at = INDEX_HEADER_BYTES;
    for (let block = 0; block < this.#blockCount; block++) {
      bytes.writeUInt32LE(this.#ordinals[block]!, at);
      bytes.writeUInt32LE(this.#offsets[block]!, at + 4);
      bytes[at + 8] = this.#topics[block]!;
      at += ENTRY_BYTES;
    }
    bytes.writeUInt32LE(crc32(bytes.subarray(0, at)), at);
    return bytes;
  }
}

/** An index file → the index and the length that its segment must have; null when the bytes are not whole. */
export function decodeSegmentIndex(
  bytes: Buffer,
): { readonly index: SegmentIndex; readonly byteLength: number } | null {
  const end = bytes.length - 4;
  if (end < INDEX_HEADER_BYTES || bytes.toString('latin1', 0, INDEX_MAGIC.length) !== INDEX_MAGIC)
    return null;
  if (crc32(bytes.subarray(0, end)) !== bytes.readUInt32LE(end)) return null;
  const recordCount = bytes.readUInt32LE(16);
  const blockCount = bytes.readUInt32LE(20);
  if (end !== INDEX_HEADER_BYTES + blockCount * ENTRY_BYTES) return null;
  const index = SegmentIndex.fromEntries(recordCount, blockCount, (block) => {
    const at = INDEX_HEADER_BYTES + block * ENTRY_BYTES;
    return { ordinal: bytes.readUInt32LE(at), offset: bytes.readUInt32LE(at + 4), topics: bytes[at + 8]! };
  });
  return { index, byteLength: bytes.readUIntLE(8, 6) };
}
