import { HeadTracker } from './head-tracker';

describe('a batch with the offsets 5, 6, 9 that ends at 12', () => {
  const trackerOf = () => new HeadTracker([5, 6, 9], 12);

  it('has nothing to commit while its first record is not finished, whatever else is', () => {
    const tracker = trackerOf();
    tracker.finish(1);
    tracker.finish(2);
    expect(tracker.nextOffset()).toBeNull();
    expect(tracker.headIndex).toBe(0);
  });

  it('is committed over the finished head only, and over its whole length when all are finished', () => {
    const tracker = trackerOf();
    tracker.finish(0);
    expect(tracker.nextOffset()).toBe(6);
    tracker.finish(2);
    expect(tracker.nextOffset()).toBe(6);
    expect(tracker.isComplete).toBe(false);
    tracker.finish(1);
    expect(tracker.nextOffset()).toBe(12);
    expect(tracker.isComplete).toBe(true);
  });

  it('does not count a record twice', () => {
    const tracker = trackerOf();
    tracker.finish(0);
    tracker.finish(0);
    tracker.finish(0);
    expect(tracker.isComplete).toBe(false);
    expect(tracker.nextOffset()).toBe(6);
  });

  it('knows no fourth record', () => {
    expect(() => trackerOf().finish(3)).toThrow('record 3 of a batch of 3');
  });
});
