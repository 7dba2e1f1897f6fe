import { benchEmbeddedStore } from './embedded-state-store.bench';

describe('the bench of the embedded store', () => {
  it('runs, and gives a figure for everything that it measures', async () => {
    const result = await benchEmbeddedStore({
      stopwatch: () => performance.now(),
      paymentCount: 640,
      entityCount: 100,
    });
    for (const [name, figure] of Object.entries(result))
      expect({ name, isFigure: Number.isFinite(figure) }).toEqual({ name, isFigure: true });
  });
});
