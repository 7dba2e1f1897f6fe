import fc from 'fast-check';
import { findPans, holdsPan, passesLuhn } from './find-pan';

// Published test numbers of the networks; none belongs to anyone.
const VISA = '4242424242424242';
const AMEX = '378282246310005';
const VISA_13 = '4222222222222';
const MAESTRO_19 = '6304000000000000000';

describe('the Luhn checksum', () => {
  it('of 79927398713 is right, and of no other last digit', () => {
    // The standard's example: 7+9+9+4+7+6+9+7+7+2 = 67, so the check digit is 3.
    const passing = Array.from({ length: 10 }, (_, digit) => `7992739871${digit}`).filter(passesLuhn);
    expect(passing).toEqual(['79927398713']);
  });
});

describe('a text', () => {
  it.each([
    ['unbroken', VISA],
    ['in groups of four', '4242 4242 4242 4242'],
    ['with hyphens', '4242-4242-4242-4242'],
    ['of 13 digits', VISA_13],
    ['of 15 digits', AMEX],
    ['of 19 digits', MAESTRO_19],
    ['inside a sentence', `card no. ${VISA}, thanks`],
    ['beside its expiry date', '4242 4242 4242 4242 12 28'],
    ['behind an order number', `1001-${VISA}`],
    ['before a telephone number', `${VISA} 0700123456`],
  ])('holds a card number %s', (_, text) => {
    expect(holdsPan(text)).toBe(true);
  });

  it.each([
    ['one digit wrong', '4242424242424241'],
    ['12 digits that pass Luhn', '424242424242'],
    ['20 digits in a row', `${VISA}4242`],
    ['two blanks between the groups', '42424242  42424242'],
    ['letters between the groups', '42424242a42424242'],
    ['no digits', 'cfp_ohne_ziffern'],
  ])('with %s holds none', (_, text) => {
    expect(holdsPan(text)).toBe(false);
  });
});

describe('an id that machines make', () => {
  it('is no card number, whatever digits stand in it', () => {
    const digest = fc.stringMatching(/^[0-9a-f]{63}[a-f]$/);
    const ids = fc.oneof(
      fc.uuid().filter((id) => /[a-f]/.test(id)),
      digest,
    );
    fc.assert(
      fc.property(ids, (id) => !holdsPan(id) && !holdsPan(`cfp_${id}`)),
      { numRuns: 2_000 },
    );
    // These do hold sixteen digits that pass Luhn.
    expect(holdsPan('4242424242424242abcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdef')).toBe(false);
    expect(holdsPan('deadbeef-dead-beef-4242-424242424242')).toBe(false);
  });

  it('of decimal digits alone is looked into', () => {
    expect(holdsPan('00000000-0000-0000-4242-424242424242')).toBe(true);
  });

  it('does not hide the card number beside it', () => {
    expect(holdsPan(`deadbeef-dead-beef-dead-beefdeadbeef ${VISA}`)).toBe(true);
    expect(holdsPan(`x${VISA}`)).toBe(true);
  });
});

describe('a body', () => {
  it('is searched everywhere, and each place is named by its pointer', () => {
    const body = { a: VISA, b: [{ 'c/d~e': Number(VISA) }], f: { g: 'dull' } };
    expect(findPans(body).map(({ pointer, code }) => [pointer, code])).toEqual([
      ['/a', 'pan_not_accepted'],
      ['/b/0/c~1d~0e', 'pan_not_accepted'],
    ]);
  });

  it('with a card number as the name of a member is reported at the parent, without the name', () => {
    const issues = findPans({ metadata: { [VISA]: AMEX } });
    expect(issues.map(({ pointer }) => pointer)).toEqual(['/metadata', '/metadata/*']);
  });

  it('never has its value repeated', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(VISA, AMEX, VISA_13, MAESTRO_19),
        fc.string(),
        fc.string(),
        (pan, before, key) => {
          const issues = findPans({ [key]: [`${before} x${pan}x`], [`x${pan}`]: 1 });
          expect(issues.length).toBeGreaterThanOrEqual(2);
          expect(JSON.stringify(issues)).not.toContain(pan);
        },
      ),
    );
  });

  it('is read 32 levels deep and no deeper', () => {
    const nested = (depth: number): unknown => (depth === 0 ? VISA : [nested(depth - 1)]);
    expect(findPans(nested(32))).toHaveLength(1);
    expect(findPans(nested(33))).toEqual([]);
  });

  it('without one has no issues', () => {
    expect(findPans({ a: [1, null, true, 'x', 1e12 + 1, -1, 0.5] })).toEqual([]);
  });
});
