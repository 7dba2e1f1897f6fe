import { HISTORY_RECORD_BYTES, invariant } from '@veto/domain';

/** Blocks hold 1, 2, 4, 8 or 16 records: 2 ** class. */
export const BLOCK_CLASS_MAX = 4;

const CHUNK_RECORD_COUNT = 1 << 16;
const CHUNK_SHIFT = 16;
/** Blocks of one class are carved from pages of the largest block's size, so that no block lies in two chunks. */
const PAGE_RECORD_COUNT = 1 << BLOCK_CLASS_MAX;
const ADDRESS_COUNT_MAX = 2 ** 32;

/** The address of no block. */
export const NO_BLOCK = 0xffff_ffff;

/**
 * Room for very many small histories, in few large arrays: one typed array of its own for each would cost several times
 * what it holds. Addresses count records. Freed blocks are used again, so bytes of the arena are never handed out.
 */
export class RecordArena {
  readonly #chunks: Uint8Array[] = [];
  /** Freed blocks of each class. */
  readonly #free: number[][] = Array.from({ length: BLOCK_CLASS_MAX + 1 }, () => []);
  #nextPage = 0;

  /** Bytes that are kept, used or not. */
  get byteLength(): number {
    return this.#chunks.length * CHUNK_RECORD_COUNT * HISTORY_RECORD_BYTES;
  }

  /** @param blockClass 0 … 4 @returns the address of a block of 2 ** blockClass records */
  allocate(blockClass: number): number {
    const free = this.#free[blockClass]!;
    const address = free.pop();
    if (address !== undefined) return address;
    const page = this.#nextPage;
    invariant(page + PAGE_RECORD_COUNT < ADDRESS_COUNT_MAX, 'the record arena has no address left');
    this.#nextPage += PAGE_RECORD_COUNT;
    if (page % CHUNK_RECORD_COUNT === 0)
      this.#chunks.push(new Uint8Array(CHUNK_RECORD_COUNT * HISTORY_RECORD_BYTES));
    const blockRecordCount = 1 << blockClass;
    for (let at = page + PAGE_RECORD_COUNT - blockRecordCount; at > page; at -= blockRecordCount)
      free.push(at);
    return page;
  }

  release(address: number, blockClass: number): void {
    this.#free[blockClass]!.push(address);
  }

  /** Writes one record at a place in a block. */
  write(address: number, record: Uint8Array): void {
    this.#chunkOf(address).set(record, this.#offsetOf(address));
  }

  /** Copies records out of a block. */
  copyTo(target: Uint8Array, targetOffset: number, address: number, recordCount: number): void {
    const from = this.#offsetOf(address);
    target.set(
      this.#chunkOf(address).subarray(from, from + recordCount * HISTORY_RECORD_BYTES),
      targetOffset,
    );
  }

  /** Copies records from one block into another. */
  move(to: number, from: number, recordCount: number): void {
    this.copyTo(this.#chunkOf(to), this.#offsetOf(to), from, recordCount);
  }

  #chunkOf(address: number): Uint8Array {
    return this.#chunks[address >>> CHUNK_SHIFT]!;
  }

  #offsetOf(address: number): number {
    return (address % CHUNK_RECORD_COUNT) * HISTORY_RECORD_BYTES;
  }
}
