import { nextUndecided } from './next-undecided';

const IDS = ['a', 'b', 'c', 'd'];

describe('after a decision', () => {
  it('goes to the row below', () => {
    expect(nextUndecided(IDS, 'b', () => true)).toBe('c');
  });

  it('skips what is decided', () => {
    expect(nextUndecided(IDS, 'b', (id) => id !== 'c')).toBe('d');
  });

  it('goes up when nothing is left below', () => {
    expect(nextUndecided(IDS, 'c', (id) => id === 'a' || id === 'b')).toBe('b');
  });

  it('stays when nothing is left at all', () => {
    expect(nextUndecided(IDS, 'c', (id) => id === 'c')).toBeNull();
  });

  it('starts at the top without a selection', () => {
    expect(nextUndecided(IDS, null, () => true)).toBe('a');
  });
});
