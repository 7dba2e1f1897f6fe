import { createHash, type Hash } from 'node:crypto';

const BLOCK_BYTES = 1 << 20;
/** UTF-8 takes at most three bytes for each unit of a JavaScript string. */
const UTF8_BYTES_MAX = 3;

/**
 * As `StateStore.digest`: SHA-256 (hex) over every history in key order, each after its key and a line feed. It is
 * hashed in large blocks, for each call costs more than what it hashes.
 */
export function digestOfHistories(histories: Iterable<readonly [string, Uint8Array]>): string {
  const byKey = new Map(histories);
  const hash = createHash('sha256');
  const block = new HashedBlocks(hash);
  for (const key of [...byKey.keys()].sort()) {
    const bytes = byKey.get(key)!;
    if (bytes.length > 0) block.add(key, bytes);
  }
  block.flush();
  return hash.digest('hex');
}

class HashedBlocks {
  readonly #hash: Hash;
  readonly #block = Buffer.allocUnsafe(BLOCK_BYTES);
  #used = 0;

  constructor(hash: Hash) {
    this.#hash = hash;
  }

  add(key: string, bytes: Uint8Array): void {
    const room = key.length * UTF8_BYTES_MAX + 1 + bytes.length;
    if (this.#used + room > BLOCK_BYTES) this.flush();
    if (room > BLOCK_BYTES) {
      this.#hash.update(`${key}\n`).update(bytes);
      return;
    }
    this.#used += this.#block.write(`${key}\n`, this.#used);
    this.#block.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  flush(): void {
    this.#hash.update(this.#block.subarray(0, this.#used));
    this.#used = 0;
  }
}
