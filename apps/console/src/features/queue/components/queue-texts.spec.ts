import { parseQuery } from '../../../desk/query-grammar';
import { chipsOf } from './filter-bar';
import { newItemsText } from './new-items-bar';

const NOTHING = { heldCount: 0, heldCriticalCount: 0, letGoCount: 0, decidedCount: 0 };

describe('the bar above the rows', () => {
  it.each([
    [{}, ''],
    [{ heldCount: 62, heldCriticalCount: 4 }, 'Show 62 new · 4 critical'],
    [{ heldCount: 1 }, 'Show 1 new'],
    [{ decidedCount: 3 }, 'Clear 3 decided'],
    [{ heldCount: 5_000, letGoCount: 210 }, 'Show 5,000+ new · the most urgent of 5,210'],
  ])('for %o says “%s”', (counts, text) => {
    expect(newItemsText({ ...NOTHING, ...counts })).toBe(text);
  });
});

describe('the chips of a filter', () => {
  it('name what narrows the list, one each', () => {
    const chips = chipsOf(parseQuery('outcome:review,block score>=65 -merchant:atlas 4242'));
    expect(chips.map(({ label }) => label)).toEqual([
      'Outcome: Review, Block',
      'Score ≥ 65',
      'Merchant is not atlas',
      '“4242”',
    ]);
  });

  it('give the query without themselves', () => {
    const [outcome, score] = chipsOf(parseQuery('outcome:review score>=65'));
    expect(outcome?.without).toEqual(parseQuery('score>=65'));
    expect(score?.without).toEqual(parseQuery('outcome:review'));
  });
});
