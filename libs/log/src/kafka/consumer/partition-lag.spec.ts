import { LagBook } from './partition-lag';

const NOW_MS = 1_000_000;
const place = { topic: 'payments', partition: 0 };
const never = (): boolean => false;

describe('how far a consumer is behind', () => {
  it('is unread where nothing has come since the partition was assigned', () => {
    const book = new LagBook();
    book.assigned(new Map([['payments', [0, 1]]]));
    expect(book.topics()).toEqual(['payments']);
    book.moved({ ...place, nextOffset: 5, highWatermark: 5, oldestMs: NOW_MS });
    expect([0, 1, 2].map((partition) => book.isUnread('payments', partition))).toEqual([false, true, false]);
    expect(book.isUnread('labels', 0)).toBe(false);
  });

  it('counts from when a standing partition was seen to grow, not from its last record', () => {
    const book = new LagBook();
    book.assigned(new Map([['payments', [0]]]));
    book.moved({ ...place, nextOffset: 5, highWatermark: 5, oldestMs: NOW_MS - 3_600_000 });
    expect(book.lag(NOW_MS, never)).toEqual([{ ...place, recordCount: 0, seconds: 0, pausedBy: null }]);
    book.reached('payments', 0, 8, NOW_MS);
    book.reached('payments', 0, 9, NOW_MS + 2_000);
    expect(book.lag(NOW_MS + 4_000, never)).toEqual([
      { ...place, recordCount: 4, seconds: 4, pausedBy: null },
    ]);
  });

  it('forgets a partition that is another member’s now', () => {
    const book = new LagBook();
    book.assigned(new Map([['payments', [0]]]));
    book.moved({ ...place, nextOffset: 0, highWatermark: 9, oldestMs: NOW_MS });
    book.assigned(new Map([['payments', []]]));
    expect([book.lag(NOW_MS, never), book.topics(), book.isUnread('payments', 0)]).toEqual([[], [], false]);
  });
});
