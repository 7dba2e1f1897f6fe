import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { invariant } from '@veto/domain';

const BLOCK_BYTES = 1 << 20;
/** Blocks that are kept in memory while reading: what is read next lies near what was read last. */
const CACHED_BLOCK_COUNT = 64;

/** Where something lies in the file. */
export interface Spilled {
  readonly at: number;
  readonly byteLength: number;
}

/**
 * What is read from the log in one order and needed in another: written to a temporary file in the first, read in the
 * second, so that memory holds only where each lies.
 */
export class SpillFile {
  readonly #directory = mkdtempSync(join(tmpdir(), 'veto-verify-'));
  readonly #file = openSync(join(this.#directory, 'spill'), 'w+');
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #writtenBytes = 0;
  readonly #blocks = new Map<number, Buffer>();

  add(bytes: Uint8Array): Spilled {
    const at = this.#writtenBytes + this.#waitingBytes;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes >= BLOCK_BYTES) this.#flush();
    return { at, byteLength: bytes.length };
  }

  #flush(): void {
    if (this.#waitingBytes === 0) return;
    const bytes = Buffer.concat(this.#waiting);
    for (let at = 0; at < bytes.length;)
      at += writeSync(this.#file, bytes, at, bytes.length - at, this.#writtenBytes + at);
    this.#writtenBytes += bytes.length;
    this.#waiting = [];
    this.#waitingBytes = 0;
    // A last block may have been read before it was full.
    this.#blocks.clear();
  }

  read({ at, byteLength }: Spilled): Buffer {
    this.#flush();
    const bytes = Buffer.allocUnsafe(byteLength);
    for (let done = 0; done < byteLength;) {
      const from = at + done;
      const block = this.#blockOf(Math.floor(from / BLOCK_BYTES));
      const copied = block.copy(bytes, done, from % BLOCK_BYTES);
      invariant(copied > 0, `the spill file ends at ${this.#writtenBytes}, before ${at + byteLength}`);
      done += copied;
    }
    return bytes;
  }

  #blockOf(number: number): Buffer {
    const cached = this.#blocks.get(number);
    if (cached !== undefined) return cached;
    const block = Buffer.allocUnsafe(BLOCK_BYTES);
    let length = 0;
    for (let read = -1; read !== 0; length += read)
      read = readSync(this.#file, block, length, BLOCK_BYTES - length, number * BLOCK_BYTES + length);
    const oldest = this.#blocks.keys().next();
    if (this.#blocks.size >= CACHED_BLOCK_COUNT && oldest.done !== true) this.#blocks.delete(oldest.value);
    const found = block.subarray(0, length);
    this.#blocks.set(number, found);
    return found;
  }

  close(): void {
    closeSync(this.#file);
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
