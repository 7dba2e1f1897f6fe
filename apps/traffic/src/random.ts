/**
 * Seeded chance: sfc32 (Chris Doty-Humphrey's Small Fast Counter, 128 bits of state), with the distributions that
 * the world is drawn from. The same seed and path give the same numbers on every machine: only integer arithmetic,
 * `Math.sqrt`, `Math.log` and `Math.exp` are used, and never `Math.random`.
 */
export class Random {
  private spareNormal: number | null = null;

  constructor(
    private a: number,
    private b: number,
    private c: number,
    private counter: number,
  ) {
    // The first outputs of a fresh state still resemble the seed.
    for (let round = 0; round < 12; round++) this.uint32();
  }

  /** An integer in [0, 2^32). */
  uint32(): number {
    const sum = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** A number in [0, 1), in steps of 2^-32. */
  unit(): number {
    return this.uint32() / 0x1_0000_0000;
  }

  /** An integer in [0, count). */
  below(count: number): number {
    return Math.floor(this.unit() * count);
  }

  /** An integer in [from, to], both included. */
  integer(from: number, to: number): number {
    return from + this.below(to - from + 1);
  }

  /** A number in [from, to). */
  between(from: number, to: number): number {
    return from + this.unit() * (to - from);
  }

  /** True with the given probability in [0, 1]. */
  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  /** Standard normal, by Marsaglia's polar method. */
  normal(): number {
    if (this.spareNormal !== null) {
      const spare = this.spareNormal;
      this.spareNormal = null;
      return spare;
    }
    for (;;) {
      const x = 2 * this.unit() - 1;
      const y = 2 * this.unit() - 1;
      const square = x * x + y * y;
      if (square > 0 && square < 1) {
        const factor = Math.sqrt((-2 * Math.log(square)) / square);
        this.spareNormal = y * factor;
        return x * factor;
      }
    }
  }

  /** Log-normal with the given median; `sigma` is the standard deviation of the logarithm. */
  logNormal(median: number, sigma: number): number {
    return median * Math.exp(sigma * this.normal());
  }

  /** Exponential with the given mean. */
  exponential(mean: number): number {
    return -Math.log(1 - this.unit()) * mean;
  }

  /** Poisson with the given mean; above 60 by its normal approximation, which is close enough for counts of events. */
  poisson(mean: number): number {
    if (mean > 60) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    const limit = Math.exp(-mean);
    let count = 0;
    for (let product = this.unit(); product > limit; product *= this.unit()) count++;
    return count;
  }

  /** One of the items, all equally likely. @throws RangeError when there is none */
  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError('pick: no items to choose from');
    return item;
  }

  /** One of the entries, each as likely as its weight. @throws RangeError when there is none */
  pickWeighted<T>(entries: readonly (readonly [item: T, weight: number])[]): T {
    let rest = this.unit() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [item, weight] of entries) {
      rest -= weight;
      if (rest < 0) return item;
    }
    const last = entries.at(-1);
    if (last === undefined) throw new RangeError('pickWeighted: no entries to choose from');
    return last[0];
  }

  /** `digitCount` decimal digits. */
  digits(digitCount: number): string {
    let text = '';
    for (let i = 0; i < digitCount; i++) text += this.below(10);
    return text;
  }

  /**
   * An opaque token of lower-case letters and digits. Every third character is a letter, so that no token holds a run
   * of digits that could be taken for a card number.
   */
  token(charCount: number): string {
    let text = '';
    for (let i = 0; i < charCount; i++)
      text += TOKEN_CHARS[this.below(i % 3 === 0 ? LETTER_COUNT : TOKEN_CHARS.length)];
    return text;
  }
}

const TOKEN_CHARS = 'abcdefghjkmnpqrstvwxyz0123456789';
const LETTER_COUNT = 22;

/**
 * A stream of chance of its own for one thing in the world: `randomOf(7, 'customer', 42)` is the same whatever was
 * drawn before, so that things can be made in any order, or again.
 */
export function randomOf(seed: number, ...path: readonly (string | number)[]): Random {
  let h1 = 1779033703 ^ seed;
  let h2 = 3144134277 ^ Math.floor(seed / 0x1_0000_0000);
  let h3 = 1013904242;
  let h4 = 2773480762;
  const text = `${seed}/${path.join('/')}`;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    h1 = h2 ^ Math.imul(h1 ^ code, 597399067);
    h2 = h3 ^ Math.imul(h2 ^ code, 2869860233);
    h3 = h4 ^ Math.imul(h3 ^ code, 951274213);
    h4 = h1 ^ Math.imul(h4 ^ code, 2716044179);
  }
  return new Random(h1, h2, h3, h4 | 1);
}

/** Chooses indices with given weights, in log time. */
export class WeightedIndex {
  private readonly cumulative: Float64Array;

  /** @param weights ≥ 0, at least one of them positive */
  constructor(weights: Iterable<number>) {
    let sum = 0;
    this.cumulative = Float64Array.from(weights, (weight) => (sum += weight));
  }

  /** An index, as likely as its weight. */
  pick(random: Random): number {
    const total = this.cumulative[this.cumulative.length - 1] ?? 0;
    const wanted = random.unit() * total;
    let low = 0;
    let high = this.cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.cumulative[middle] ?? 0) > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
