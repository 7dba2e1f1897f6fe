import fc from 'fast-check';
import { EventQueue } from './event-queue';

describe('a queue by time', () => {
  it('gives what is due, the earliest first, and of two at the same time the first that came', () => {
    const times = fc.array(fc.nat(20), { maxLength: 60 });
    fc.assert(
      fc.property(times, fc.nat(22), (given, untilMs) => {
        const queue = new EventQueue<{ atMs: number; place: number }>();
        given.forEach((atMs, place) => queue.put(atMs, { atMs, place }));
        const taken: { atMs: number; place: number }[] = [];
        for (let next = queue.takeBefore(untilMs); next !== undefined; next = queue.takeBefore(untilMs))
          taken.push(next);
        // The oracle: a stable sort.
        const due = given.map((atMs, place) => ({ atMs, place })).filter(({ atMs }) => atMs < untilMs);
        expect(taken).toEqual(due.sort((a, b) => a.atMs - b.atMs));
        expect(queue.size).toBe(given.length - taken.length);
      }),
    );
  });
});
