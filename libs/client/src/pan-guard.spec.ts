import { findPans } from '@veto/domain';
import fc from 'fast-check';
import { pansIn } from './pan-guard';

describe('the guard against card numbers', () => {
  it('finds one in any field, also as a number and as a name', () => {
    const body = {
      a: ['x', { 'b/c': '4242-4242-4242-4242' }],
      n: 4_111_111_111_111_111,
      '5555555555554444': 1,
    };
    expect(new Set(pansIn(body))).toEqual(new Set(['/a/1/b~1c', '/n', '']));
  });

  it('finds one beside other digits, and none in an id of a machine', () => {
    expect(pansIn({ card: '4242 4242 4242 4242 12 28' })).toEqual(['/card']);
    expect(
      pansIn({ session: 'f47ac10b-58cc-4372-a567-424242424242', digest: 'c0ffee4242424242424242c0' }),
    ).toEqual([]);
  });

  it('lets through what only looks like one', () => {
    expect(
      pansIn({ wrongChecksum: '4242424242424241', short: '424242424242', long: '42424242424242424242' }),
    ).toEqual([]);
  });

  it('finds what the server would refuse, and nothing else', () => {
    const digits = fc
      .array(fc.constantFrom(...'0123456789 -x'), { minLength: 11, maxLength: 24 })
      .map((signs) => signs.join(''));
    const pieces = fc.constantFrom(
      '4242 4242 4242 4242',
      '378282246310005',
      '12 28',
      '7',
      ' ',
      '-',
      'f47ac10b-58cc-4372-a567-4242424242424242',
      'f47ac10b-58cc-4372-a567-424242424242',
      'c0ffee4242424242424242c0',
      'n/a',
    );
    const beside = fc.array(pieces, { maxLength: 4 }).map((parts) => parts.join(''));
    const leaf = fc.oneof(digits, beside, fc.integer(), fc.maxSafeNat());
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(digits, tie('tree'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(tree, (body) => {
        expect(pansIn(body).sort()).toEqual(
          findPans(body)
            .map(({ pointer }) => pointer)
            .sort(),
        );
      }),
      { numRuns: 2_000 },
    );
  });
});
