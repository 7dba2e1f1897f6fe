import { cutIncludes } from './log-record';

describe('a cut of the log', () => {
  it.each([
    ['itself', { 'a/0': 3, 'a/1': 5 }, true],
    ['a smaller one', { 'a/0': 2, 'a/1': 5 }, true],
    ['one that lacks a partition', { 'a/1': 5 }, true],
    ['the empty one', {}, true],
    ['one that is ahead in one partition', { 'a/0': 3, 'a/1': 6 }, false],
    ['one with a partition of which it has nothing', { 'b/0': 1 }, false],
    ['one with a partition of which nobody has anything', { 'b/0': 0 }, true],
  ])('is compared with %s', (_, wanted, expected) => {
    expect(cutIncludes({ 'a/0': 3, 'a/1': 5 }, wanted)).toBe(expected);
  });
});
