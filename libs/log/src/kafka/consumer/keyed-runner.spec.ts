import { assert, asyncProperty, array, integer, record } from 'fast-check';
import { KeyedRunner } from './keyed-runner';

interface Item {
  readonly id: number;
  readonly key: string | null;
  readonly turns: number;
}

async function runAll(items: readonly Item[], concurrencyMax: number) {
  const order: number[] = [];
  const running = new Map<string, number>();
  let runningCount = 0;
  let runningCountMax = 0;
  let overlaps = 0;
  await new Promise<void>((resolve) => {
    if (items.length === 0) resolve();
    const runner = new KeyedRunner<Item>({
      concurrencyMax,
      keyOf: ({ key }) => key,
      run: async ({ id, key, turns }) => {
        runningCount += 1;
        runningCountMax = Math.max(runningCountMax, runningCount);
        if (key !== null) {
          if (running.has(key)) overlaps += 1;
          running.set(key, id);
        }
        for (let turn = 0; turn < turns; turn++) await Promise.resolve();
        order.push(id);
        if (key !== null) running.delete(key);
        runningCount -= 1;
        if (order.length === items.length) setImmediate(resolve);
      },
    });
    runner.add(items.slice(0, items.length / 2));
    runner.add(items.slice(items.length / 2));
  });
  return { order, overlaps, runningCountMax };
}

describe('a keyed runner', () => {
  it('runs everything once, each key as one after the other would, never more at once than allowed', async () => {
    const items = array(record({ key: integer({ min: -1, max: 5 }), turns: integer({ min: 0, max: 6 }) }), {
      maxLength: 60,
    });
    await assert(
      asyncProperty(items, integer({ min: 1, max: 8 }), async (drawn, concurrencyMax) => {
        const all = drawn.map(({ key, turns }, id) => ({ id, turns, key: key < 0 ? null : `k${key}` }));
        const { order, overlaps, runningCountMax } = await runAll(all, concurrencyMax);
        expect(order.toSorted((left, right) => left - right)).toEqual(all.map(({ id }) => id));
        for (const key of new Set(all.map((item) => item.key).filter((each) => each !== null))) {
          const serial = all.filter((item) => item.key === key).map(({ id }) => id);
          expect(order.filter((id) => serial.includes(id))).toEqual(serial);
        }
        expect(overlaps).toBe(0);
        expect(runningCountMax).toBeLessThanOrEqual(concurrencyMax);
      }),
      { numRuns: 200 },
    );
  });

  it('runs different keys side by side, up to its limit', async () => {
    const items = Array.from({ length: 20 }, (_, id) => ({ id, key: `k${id}`, turns: 5 }));
    expect((await runAll(items, 8)).runningCountMax).toBe(8);
  });
});
