import { benchSegmentLog } from './segment-event-log.bench';

describe('the bench of the segment log', () => {
  it('runs, and gives a figure for everything that it measures', async () => {
    const result = await benchSegmentLog({
      stopwatch: () => performance.now(),
      recordCount: 64,
      batchCount: 16,
      loneCount: 3,
    });
    for (const [name, figure] of Object.entries(result))
      expect({ name, isFigure: figure > 0 && Number.isFinite(figure) }).toEqual({ name, isFigure: true });
  });
});
