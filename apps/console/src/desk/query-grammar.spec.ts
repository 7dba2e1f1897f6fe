import fc from 'fast-check';
import { anAlert } from '../testing/an-alert';
import { EMPTY_QUERY, formatQuery, matcherOf, parseQuery } from './query-grammar';

const finds = (text: string, change: Parameters<typeof anAlert>[0] = {}): boolean =>
  matcherOf(parseQuery(text))(anAlert(change));

describe('the filter as text', () => {
  it('reads outcomes, severities, bounds, fields and words', () => {
    expect(
      parseQuery(
        'score>=65 outcome:review,block severity:critical amount>=100 -merchant:"Atlas Travel" 4242',
      ),
    ).toEqual({
      outcomes: ['review', 'block'],
      severities: ['critical'],
      scoreFrom: 65,
      amountFrom: 100,
      fields: [{ field: 'merchant', value: 'Atlas Travel', isNot: true }],
      words: ['4242'],
    });
  });

  it('takes what it does not understand for a word, so that nothing typed is ignored', () => {
    expect(parseQuery('colour:red outcome:unknown -outcome:block').words).toEqual([
      'colour:red',
      '-outcome:block',
    ]);
  });

  it('is empty for an empty text', () => {
    expect(parseQuery('   ')).toEqual(EMPTY_QUERY);
    expect(formatQuery(EMPTY_QUERY)).toBe('');
  });

  it('reads its own text back, whatever was typed', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), (typed) => {
        const query = parseQuery(formatQuery(parseQuery(typed)));
        expect(parseQuery(formatQuery(query))).toEqual(query);
      }),
    );
  });

  it('does not read more than twenty terms', () => {
    expect(parseQuery(Array.from({ length: 30 }, (_, index) => `w${index}`).join(' ')).words).toHaveLength(
      20,
    );
  });
});

describe('what a filter lets through', () => {
  it('is everything when nothing is asked', () => {
    expect(finds('')).toBe(true);
  });

  it('is a score at the bound, and none below it or unknown', () => {
    expect(finds('score>=65', { score: 0.65 })).toBe(true);
    expect(finds('score>=65', { score: 0.6499 })).toBe(false);
    expect(finds('score>=65', { score: null })).toBe(false);
  });

  it('is an amount in the payment’s own currency: 919 yen are 919', () => {
    expect(finds('amount>=900', { amountMinor: 919, currency: 'JPY' })).toBe(true);
    expect(finds('amount>=900', { amountMinor: 919, currency: 'EUR' })).toBe(false);
  });

  it('is a merchant by a part of its name, and with a minus every other one', () => {
    expect(finds('merchant:nordsport')).toBe(true);
    expect(finds('-merchant:nordsport')).toBe(false);
    expect(finds('-merchant:atlas')).toBe(true);
  });

  it('is any word anywhere in the row, ids included', () => {
    expect(finds('8153')).toBe(true);
    expect(finds('ORD_1')).toBe(true);
    expect(finds('8153 nowhere')).toBe(false);
  });
});
