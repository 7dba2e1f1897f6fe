import { Random, randomOf, WeightedIndex } from './random';

const draw = <T>(count: number, next: () => T): T[] => Array.from({ length: count }, next);
const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

describe('seeded chance', () => {
  it('is sfc32, as its author wrote it down', () => {
    // The reference by hand, for one step from the state 1, 2, 3, 4: the output is a + b + counter = 1 + 2 + 4.
    const [a, b, c, counter] = [1, 2, 3, 4];
    const steps: number[] = [];
    let state = { a, b, c, counter };
    for (let i = 0; i < 13; i++) {
      const sum = (state.a + state.b + state.counter) >>> 0;
      steps.push(sum);
      const rotated = ((state.c << 21) | (state.c >>> 11)) >>> 0;
      state = {
        a: (state.b ^ (state.b >>> 9)) >>> 0,
        b: (state.c + (state.c << 3)) >>> 0,
        c: (rotated + sum) >>> 0,
        counter: state.counter + 1,
      };
    }
    expect(steps[0]).toBe(7);
    // The first twelve outputs still resemble the seed and are thrown away.
    expect(new Random(a, b, c, counter).uint32()).toBe(steps[12]);
  });

  it('repeats itself for the same seed and path, and for no other', () => {
    const first = (seed: number, ...path: (string | number)[]): number[] => {
      const random = randomOf(seed, ...path);
      return draw(5, () => random.uint32());
    };
    expect(first(7, 'customer', 42)).toEqual(first(7, 'customer', 42));
    const others = [
      first(8, 'customer', 42),
      first(7, 'customer', 43),
      first(7, 'customer/4', 2),
      first(7 + 2 ** 32, 'customer', 42),
    ];
    expect(new Set([first(7, 'customer', 42), ...others].map(String)).size).toBe(5);
  });

  it('has the means that its distributions promise', () => {
    const random = randomOf(1, 'means');
    const count = 40_000;
    // Each within four standard errors.
    expect(Math.abs(meanOf(draw(count, () => random.unit())) - 0.5)).toBeLessThan((4 * 0.289) / 200);
    expect(Math.abs(meanOf(draw(count, () => random.normal())))).toBeLessThan(4 / 200);
    expect(Math.abs(meanOf(draw(count, () => random.normal() ** 2)) - 1)).toBeLessThan((4 * 1.42) / 200);
    expect(Math.abs(meanOf(draw(count, () => random.exponential(3))) - 3)).toBeLessThan((4 * 3) / 200);
    expect(Math.abs(meanOf(draw(count, () => random.poisson(2.5))) - 2.5)).toBeLessThan((4 * 1.59) / 200);
    expect(Math.abs(meanOf(draw(count, () => random.poisson(200))) - 200)).toBeLessThan((4 * 14.2) / 200);
    const logs = draw(count, () => Math.log(random.logNormal(20, 0.6)));
    expect(Math.abs(meanOf(logs) - Math.log(20))).toBeLessThan((4 * 0.6) / 200);
  });

  it('chooses by weight', () => {
    const random = randomOf(2, 'weights');
    const index = new WeightedIndex([0, 1, 0, 3]);
    const picked = draw(8_000, () => index.pick(random));
    expect(new Set(picked)).toEqual(new Set([1, 3]));
    expect(picked.filter((each) => each === 3).length / 8_000).toBeCloseTo(0.75, 1);
    const words = draw(8_000, () =>
      random.pickWeighted([
        ['a', 1],
        ['b', 0],
        ['c', 3],
      ] as const),
    );
    expect(new Set(words)).toEqual(new Set(['a', 'c']));
  });

  it('makes tokens without a run of digits that could be a card number', () => {
    const random = randomOf(3, 'tokens');
    const tokens = draw(20_000, () => random.token(20));
    expect(tokens.filter((token) => /\d{3}/.test(token))).toEqual([]);
    expect(new Set(tokens).size).toBe(20_000);
  });

  it('does not choose from nothing', () => {
    expect(() => randomOf(1).pick([])).toThrow(RangeError);
    expect(() => randomOf(1).pickWeighted([])).toThrow(RangeError);
  });
});
