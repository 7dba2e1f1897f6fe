import { VetoError, type Rule } from '@veto/domain';
import { aRule } from '@veto/testing';
import { aFeatureSet } from './a-feature-set.spec-support';
import { compileRuleset } from './compile-ruleset';

const featureSet = aFeatureSet(['amount', 'card_count_10m', 'device_card_distinct_7d', 'is_night']);
const compile = (...rules: Rule[]): ReturnType<typeof compileRuleset> => compileRuleset(rules, featureSet);

function refusalOf(expression: string): string {
  try {
    compile(aRule({ id: 'rl_wrong', expression }));
  } catch (error) {
    if (error instanceof VetoError && error.code === 'rule_invalid') return error.message;
    throw error;
  }
  return 'was not refused';
}

describe('a rule that does not compile', () => {
  it.each([
    ['a misspelt feature', 'card_cout_10m >= 5'],
    ['a misspelt field', 'transaction.amout > 10'],
    ['a fact that is like no other', 'weather == "rain"'],
    ['a misspelling on the second line', 'amount > 10\n  && is_nigt == 1'],
    ['a group of facts without a field', 'card == "visa"'],
    ['a number compared with a text', 'amount > "ten"'],
    ['a text compared with a number', 'card.bin == 457173'],
    ['an expression that is no condition', 'amount * 2'],
    ['a condition that breaks off', 'amount >'],
    ['an assignment', 'amount = 10'],
    ['a bracket that is not closed', '(amount > 10 && is_night == 1'],
    ['a regular expression', 'card.bin.matches("^4")'],
    ['has, which knows no features', 'has(card.bin)'],
    ['a function that does not exist', 'now() > 3'],
    ['an unknown fact within known', 'known(card.bim)'],
    ['a map', '{"a": 1}.a > 0'],
    ['nesting without end', `${'('.repeat(40)}true${')'.repeat(40)}`],
  ])('is refused with the place: %s', (_, expression) => {
    expect(refusalOf(expression)).toMatchSnapshot();
  });

  it('is refused when another one bears its id', () => {
    expect(() => compile(aRule({ id: 'rl_a' }), aRule({ id: 'rl_a', version: 2 }))).toThrow(
      'rl_a: two rules bear this id',
    );
  });

  it('is refused when it has not the shape of a rule', () => {
    expect(() => compile({ ...aRule(), reason_code: 'lower case' })).toThrow(/rl_never: reason_code: /);
  });
});

describe('the hash of a rule set', () => {
  const one = aRule({ id: 'rl_one', expression: 'amount > 10' });
  const two = aRule({ id: 'rl_two', expression: 'amount > 20' });

  it('does not depend on the order in which rules are given', () => {
    expect(compile(one, two).hash).toBe(compile(two, one).hash);
    expect(compile(one, two).hash).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it.each<[string, Partial<Rule>]>([
    ['its expression', { expression: 'amount > 11' }],
    ['its mode', { mode: 'shadow' }],
    ['its effect', { effect: 'block' }],
    ['its version', { version: 2 }],
  ])('changes when a rule changes %s', (_, change) => {
    expect(compile({ ...one, ...change }, two).hash).not.toBe(compile(one, two).hash);
  });

  it('changes with the features that the rules were checked against', () => {
    const renewed = { ...featureSet, hash: `sha256:${'1'.repeat(64)}` };
    expect(compileRuleset([one], renewed).hash).not.toBe(compile(one).hash);
  });
});

describe('a rule set', () => {
  it('keeps its rules sorted by id, those that are off included', () => {
    const set = compile(
      aRule({ id: 'rl_c' }),
      aRule({ id: 'rl_a', mode: 'off' }),
      aRule({ id: 'rl_b', mode: 'shadow' }),
    );
    expect(set.rules.map(({ id }) => id)).toEqual(['rl_a', 'rl_b', 'rl_c']);
    expect(set.compiled.map(({ rule }) => rule.id)).toEqual(['rl_b', 'rl_c']);
  });

  it('may be empty', () => {
    expect(compile().compiled).toEqual([]);
  });
});
