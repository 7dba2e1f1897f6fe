const POOL_BYTES = 64 * 1024;

/** Cuts small arrays from large ones, for one allocation of each is dear. What was cut is never cut again. */
export class HandoutPool {
  #pool = new Uint8Array(POOL_BYTES);
  #used = 0;

  /** @returns so many zero bytes of the caller's own */
  take(byteLength: number): Uint8Array {
    if (byteLength > POOL_BYTES / 4) return new Uint8Array(byteLength);
    if (this.#used + byteLength > POOL_BYTES) {
      this.#pool = new Uint8Array(POOL_BYTES);
      this.#used = 0;
    }
    const from = this.#used;
    this.#used += byteLength;
    return this.#pool.subarray(from, this.#used);
  }
}
