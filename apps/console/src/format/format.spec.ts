import { formatFeatureValue, formatTypical } from './feature-value';
import { formatMoney, formatMoneyTitle } from './money';
import { formatCount, formatLatency, formatMeasure, formatPoints, formatScore } from './number';
import { initialsOf, plainText, sentenceOfCode, shortenId, whoLabel } from './text';
import { formatDuration, formatListTime } from './time';

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

describe('money', () => {
  it.each([
    [128_400, 'EUR', 'EUR 1,284.00', '€1,284.00'],
    [919, 'JPY', 'JPY 919', '¥919'],
    [1_234, 'KWD', 'KWD 1.234', 'KWD 1.234'],
  ])('%i minor units of %s are %s', (amountMinor, currency, table, title) => {
    expect(plain(formatMoney(amountMinor, currency))).toBe(table);
    expect(plain(formatMoneyTitle(amountMinor, currency))).toBe(title);
  });

  it('of a currency without a known exponent is not guessed', () => {
    expect(formatMoney(100, 'ZZZ')).toBe('ZZZ 100 minor units');
  });
});

describe('scores, points and counts', () => {
  it('shows a score times a hundred with one decimal, and an unknown one as unknown', () => {
    expect(formatScore(0.9341)).toBe('93.4');
    expect(formatScore(0)).toBe('0.0');
    expect(formatScore(null)).toBe('–');
  });

  it('shows points with a sign, a real minus, and none for what rounds to nothing', () => {
    expect([0.212, -0.058, 0.0004, -0.0004].map(formatPoints)).toEqual(['+21.2', '−5.8', '0.0', '0.0']);
  });

  it('shows counts in full up to 99,999', () => {
    expect(formatCount(99_999)).toBe('99,999');
    expect(formatCount(1_020_000)).toBe('1.02M');
  });

  it('shows a latency with one decimal below ten', () => {
    expect([2.61, 9.94, 38.4].map(formatLatency)).toEqual(['2.6', '9.9', '38']);
  });

  it('shows what is worth reading of a measure', () => {
    expect([14, 4.2134, 0.01234, -0.8, 1234.56].map(formatMeasure)).toEqual([
      '14',
      '4.21',
      '0.0123',
      '−0.8',
      '1,235',
    ]);
  });
});

describe('a feature’s value', () => {
  it.each([
    [14, 'payments', '14 payments'],
    [180, 'seconds', '3 m'],
    [1, 'yes or no', 'yes'],
    [1284.5, 'EUR', 'EUR 1,285'],
    [0.5, 'ratio', '0.5×'],
    [2 / 3, 'share', '66.7 %'],
    [14, 'hour', '14 h'],
    [2, 'distinct cards', '2 distinct cards'],
    [null, 'payments', 'missing'],
  ])('%s in %s reads %s', (value, unit, text) => {
    expect(formatFeatureValue(value, unit)).toBe(text);
  });

  it('has a typical range, or says that none is known', () => {
    expect(formatTypical([0, 2], 'payments')).toBe('0–2');
    expect(formatTypical([-0.8, 1.1], 'standard deviations')).toBe('−0.8 to 1.1');
    expect(formatTypical([0, 0], 'yes or no')).toBe('no');
    expect(formatTypical([0, 1], 'yes or no')).toBe('either');
    expect(formatTypical(null, 'payments')).toBe('not known');
  });
});

describe('time', () => {
  it('is a clock today and a date on any other day', () => {
    const atMs = new Date(2026, 10, 22, 14, 7, 57).getTime();
    expect(formatListTime(atMs, atMs + 1_000)).toBe('14:07:57');
    expect(formatListTime(atMs, atMs + 2 * 86_400_000)).toBe('22 Nov 14:07');
  });

  it.each([
    [0, '0 s'],
    [-5_000, '0 s'],
    [59_999, '59 s'],
    [372_000, '6 m 12 s'],
    [180_000, '3 m'],
    [3_840_000, '1 h 4 m'],
    [259_200_000, '3 d'],
  ])('%i ms last %s', (durationMs, text) => {
    expect(formatDuration(durationMs)).toBe(text);
  });
});

describe('text', () => {
  it('shortens an id in the middle and leaves a short one alone', () => {
    expect(shortenId('dec_01J8KQ2ZXABCDEFGH91')).toBe('dec_01J8K…GH91');
    expect(shortenId('ord_81273')).toBe('ord_81273');
  });

  it('makes characters visible that would rearrange the screen', () => {
    expect(plainText('safe\u202eevil\u0007')).toBe('safe␀evil␀');
  });

  it('cuts what others wrote at two hundred characters', () => {
    expect(plainText('x'.repeat(200))).toHaveLength(200);
    expect(plainText('x'.repeat(201))).toBe(`${'x'.repeat(200)}…`);
  });

  it('makes words of a code', () => {
    expect(['stolen_card', 'bin_attack', 'HIGH'].map(sentenceOfCode)).toEqual([
      'Stolen card',
      'BIN attack',
      'High',
    ]);
  });

  it('says who, from one’s own point of view', () => {
    expect(initialsOf('Ana Maria Ruiz')).toBe('AM');
    expect(whoLabel('Ana', 'Ana')).toBe('you');
    expect(whoLabel('JP Moreau', 'Ana')).toBe('JM');
  });
});
