import { editCount, nearestName } from './nearest-name';

describe('the nearest name', () => {
  it.each([
    ['card_cout_10m', 'card_count_10m'],
    ['card_count_10min', 'card_count_10m'],
    ['weather', null],
  ])('to %s is %s', (name, expected) => {
    expect(nearestName(name, ['amount', 'card_count_1h', 'card_count_10m'])).toBe(expected);
  });

  it('is told by insertions, deletions and replacements', () => {
    expect(editCount('kitten', 'sitting')).toBe(3); // k→s, e→i, +g
    expect(editCount('', 'abc')).toBe(3);
    expect(editCount('same', 'same')).toBe(0);
  });
});
