/** Positions in ascending order, eight bytes each: which records of the log matter to somebody. */
export class PositionList {
  #values: Float64Array;
  #count: number;

  constructor(values: Float64Array = new Float64Array(0)) {
    this.#values = values;
    this.#count = values.length;
  }

  get count(): number {
    return this.#count;
  }

  get last(): number {
    return this.#count === 0 ? -1 : this.#values[this.#count - 1]!;
  }

  /** A position that is not after the last one is known already and changes nothing. */
  append(position: number): void {
    if (position <= this.last) return;
    if (this.#count === this.#values.length) {
      const grown = new Float64Array(Math.max(1_024, this.#count * 2));
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#count] = position;
    this.#count += 1;
  }

  /** How many positions lie in (after, to]. */
  countBetween(after: number, to = Infinity): number {
    return this.#indexAfter(to) - this.#indexAfter(after);
  }

  /** The first `countMax` positions after `after`. */
  after(after: number, countMax: number): number[] {
    const from = this.#indexAfter(after);
    return Array.from(this.#values.subarray(from, Math.min(from + countMax, this.#count)));
  }

  /** The position that has exactly `count` positions after it; −1 when there are fewer. */
  positionBeforeLast(count: number): number {
    const index = this.#count - count - 1;
    return index < 0 ? -1 : this.#values[index]!;
  }

  toBase64(): string {
    return Buffer.from(this.#values.buffer, this.#values.byteOffset, this.#count * 8).toString('base64');
  }

  static fromBase64(text: string): PositionList {
    const bytes = Buffer.from(text, 'base64');
    return new PositionList(new Float64Array(new Uint8Array(bytes).buffer, 0, Math.floor(bytes.length / 8)));
  }

  /** Index of the first position that is greater. */
  #indexAfter(position: number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#values[middle]! > position) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
