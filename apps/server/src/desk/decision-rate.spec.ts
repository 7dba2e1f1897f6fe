import { DecisionRate } from './decision-rate';

describe('the rate of decisions', () => {
  it('is that of the last whole second', () => {
    const rate = new DecisionRate();
    for (const atMs of [9_999, 10_000, 10_500, 10_999, 11_000]) rate.add('approve', atMs);
    expect(rate.perSecond(11_000)).toBe(3);
    expect(rate.perSecond(12_000)).toBe(1);
    expect(rate.perSecond(13_000)).toBe(0);
  });

  it('counts outcomes over the last sixty whole seconds', () => {
    const rate = new DecisionRate();
    rate.add('block', 0);
    rate.add('block', 1_000);
    rate.add('review', 60_000);
    expect(rate.lastMinute(60_999)).toEqual({ approve: 0, challenge: 0, review: 0, block: 2 });
    rate.add('approve', 61_000);
    expect(rate.lastMinute(61_000)).toEqual({ approve: 0, challenge: 0, review: 1, block: 1 });
    expect(rate.lastMinute(62_000)).toEqual({ approve: 1, challenge: 0, review: 1, block: 0 });
  });

  it('forgets what a later second took the place of, and leaves out what comes too late', () => {
    const rate = new DecisionRate();
    rate.add('block', 5_000);
    rate.add('approve', 66_000);
    rate.add('block', 5_500);
    expect(rate.lastMinute(67_000)).toEqual({ approve: 1, challenge: 0, review: 0, block: 0 });
  });
});
