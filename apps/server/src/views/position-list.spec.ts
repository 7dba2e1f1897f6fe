import fc from 'fast-check';
import { PositionList } from './position-list';

describe('a list of positions', () => {
  it('answers as an array that is searched through', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(500), { maxLength: 80 }),
        fc.integer({ min: -1, max: 501 }),
        fc.nat(100),
        (values, after, count) => {
          const sorted = [...values].sort((a, b) => a - b);
          const list = new PositionList();
          for (const value of sorted) list.append(value);
          const later = sorted.filter((value) => value > after);
          expect(list.count).toBe(sorted.length);
          expect(list.countBetween(after)).toBe(later.length);
          expect(list.countBetween(after, after + 50)).toBe(
            later.filter((value) => value <= after + 50).length,
          );
          expect(list.after(after, count)).toEqual(later.slice(0, count));
          expect(list.positionBeforeLast(count)).toBe(sorted[sorted.length - count - 1] ?? -1);
          expect(PositionList.fromBase64(list.toBase64()).after(-1, 1_000)).toEqual(sorted);
        },
      ),
    );
  });

  it('takes a position once', () => {
    const list = new PositionList();
    list.append(3);
    list.append(3);
    list.append(2);
    expect(list.after(-1, 10)).toEqual([3]);
  });

  it('goes on after it was read back', () => {
    const list = new PositionList();
    list.append(1);
    const read = PositionList.fromBase64(list.toBase64());
    read.append(2);
    expect(read.after(-1, 10)).toEqual([1, 2]);
  });
});
