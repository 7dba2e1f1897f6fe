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

  it('lets through what only looks like one', () => {
    expect(
      pansIn({ wrongChecksum: '4242424242424241', short: '424242424242', long: '42424242424242424242' }),
    ).toEqual([]);
  });

  it('finds what the server would refuse, and nothing else', () => {
    const digits = fc
      .array(fc.constantFrom(...'0123456789 -x'), { minLength: 11, maxLength: 24 })
      .map((signs) => signs.join(''));
    const leaf = fc.oneof(
      digits,
      fc.constantFrom('4242 4242 4242 4242', '378282246310005', 'n/a'),
      fc.integer(),
      fc.maxSafeNat(),
    );
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
