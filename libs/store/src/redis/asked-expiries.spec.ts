import { AskedExpiries } from './asked-expiries';

const DAY_MS = 86_400_000;

describe('histories that were asked how long they are kept', () => {
  it('are due until they were asked, and again on another day', () => {
    const expiries = new AskedExpiries();
    expect(expiries.dueOf(['a', 'b'], DAY_MS)).toBe('11');
    expiries.note('a', expiries.today);
    expect(expiries.dueOf(['a', 'b', 'c'], 2 * DAY_MS - 1)).toBe('011');
    expect(expiries.dueOf(['a', 'b'], 2 * DAY_MS)).toBe('11');
  });

  it('are due where the answer came on another day than the question', () => {
    const expiries = new AskedExpiries();
    expiries.dueOf(['a'], DAY_MS);
    const { today } = expiries;
    expiries.dueOf(['b'], 2 * DAY_MS);
    expiries.note('a', today);
    expect(expiries.dueOf(['a'], 2 * DAY_MS)).toBe('1');
  });

  it('are all due once more when there are too many', () => {
    const expiries = new AskedExpiries(2);
    expiries.dueOf(['a', 'b', 'c'], 0);
    for (const name of ['a', 'b']) expiries.note(name, 0);
    expect(expiries.dueOf(['a', 'b', 'c'], 0)).toBe('001');
    expiries.note('c', 0);
    expect(expiries.dueOf(['a', 'b', 'c'], 0)).toBe('110');
  });
});
