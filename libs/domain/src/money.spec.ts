import { baseAmountMinor, CURRENCY_CODES, isKnownCurrency, majorAmount, minorUnitExponent } from './money';

describe('an amount in minor units', () => {
  it.each([
    // Exponent 2, 0 and 3 (ISO 4217), at the reference rates 1.17, 184 and 0.36 for a euro.
    ['EUR', 12_990, 2, 129.9, 12_990],
    ['USD', 117_00, 2, 117, 100_00],
    ['JPY', 18_400, 0, 18_400, 100_00],
    ['KWD', 36_000, 3, 36, 100_00],
  ])('of %s: %d', (currency, amountMinor, exponent, major, cents) => {
    expect(minorUnitExponent(currency)).toBe(exponent);
    expect(majorAmount(amountMinor, currency)).toBe(major);
    expect(baseAmountMinor(amountMinor, currency)).toBe(cents);
  });

  it('becomes whole cents, the nearest', () => {
    // 1 yen is 100 / 184 = 0.54 cents, 3 yen are 1.63, and of 2 forint (0.02 HUF at 385) nothing is left.
    expect([baseAmountMinor(1, 'JPY'), baseAmountMinor(3, 'JPY'), baseAmountMinor(2, 'HUF')]).toEqual([
      1, 2, 0,
    ]);
  });

  it('of the largest payment still is a safe integer in every currency', () => {
    for (const currency of CURRENCY_CODES) {
      // A history keeps it in 48 bits and sums 256 of them.
      expect(baseAmountMinor(99_999_999_999, currency) * 256).toBeLessThan(Number.MAX_SAFE_INTEGER);
    }
  });
});

describe('a currency', () => {
  it('that is not known has no exponent', () => {
    expect(isKnownCurrency('ZZZ')).toBe(false);
    expect(isKnownCurrency('toString')).toBe(false);
    expect(() => minorUnitExponent('ZZZ')).toThrow('currency ZZZ was not refused at the border');
  });

  it('that is known is of three capitals', () => {
    expect(CURRENCY_CODES.filter((code) => !/^[A-Z]{3}$/.test(code) || !isKnownCurrency(code))).toEqual([]);
    expect(CURRENCY_CODES.length).toBeGreaterThan(40);
  });
});
