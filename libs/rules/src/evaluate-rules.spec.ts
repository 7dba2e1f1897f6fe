import fc from 'fast-check';
import type { ListHit, RuleEvaluation } from '@veto/domain';
import { aRule, aTransaction, type TransactionOverrides } from '@veto/testing';
import { aFeatureSet, aVector } from './a-feature-set.spec-support';
import { compileRuleset } from './compile-ruleset';
import { evaluateRules } from './evaluate-rules';

const featureSet = aFeatureSet(['a', 'b', 'c', 'card_count_10m']);

interface Given {
  readonly features?: Readonly<Record<string, number>>;
  readonly score?: number | null;
  readonly listHits?: readonly ListHit[];
  readonly transaction?: TransactionOverrides;
}

function evaluated(expression: string, given: Given = {}): RuleEvaluation {
  return evaluateRules(compileRuleset([aRule({ id: 'rl_asked', expression })], featureSet), {
    transaction: aTransaction(given.transaction),
    features: aVector(featureSet, given.features ?? {}),
    score: given.score ?? null,
    listHits: given.listHits ?? [],
  });
}

const matches = (expression: string, given: Given = {}): boolean =>
  evaluated(expression, given).hits.some(({ result }) => result === 'hit');

describe('a missing fact', () => {
  it.each([
    ['compared', 'a > 5'],
    ['compared the other way', 'a <= 5'],
    ['negated', '!(a > 5)'],
    ['compared for inequality', 'a != 5'],
    ['in arithmetic', 'a * 2 + 1 > 0'],
    ['beside what is true, both being needed', 'a > 5 && b == 1'],
    ['beside what is false, either sufficing', 'a > 5 || b == 2'],
    ['as a condition', 'a > 5 ? true : true'],
    ['in a list', 'a in [1.0, 2.0]'],
  ])('makes a rule not match: %s', (_, expression) => {
    expect(matches(expression, { features: { b: 1 } })).toBe(false);
  });

  it.each([
    ['beside what is true, either sufficing', 'a > 5 || b == 1'],
    ['on the right of what is true', 'b == 1 || a > 5'],
    ['beside what is false, the whole negated', '!(a > 5 && b == 2)'],
    ['in the branch that is not taken', 'b == 1 ? true : a > 5'],
    ['asked about', '!known(a)'],
    ['asked about before it is looked at', '!known(a) || a > 5'],
  ])('does not matter: %s', (_, expression) => {
    expect(matches(expression, { features: { b: 1 } })).toBe(true);
  });

  it('may be a field of the payment', () => {
    const withoutIp = { transaction: { payload: { ip: null } } } as const;
    expect(matches('card.issuer_country != ip.country', withoutIp)).toBe(false);
    expect(matches('!(card.issuer_country != ip.country)', withoutIp)).toBe(false);
    expect(matches('known(card.issuer_country) && !known(ip.country)', withoutIp)).toBe(true);
  });

  it('is the score of a silent model', () => {
    expect(matches('score < 0.5')).toBe(false);
    expect(matches('score < 0.5', { score: 0.1 })).toBe(true);
    expect(matches('known(score)')).toBe(false);
  });

  it('is null among the values seen', () => {
    const [hit] = evaluated('a > 5 || b == 1', { features: { b: 1 } }).hits;
    expect(hit?.seen).toEqual([
      { name: 'a', value: null },
      { name: 'b', value: 1 },
    ]);
  });

  it('decides what three-valued logic decides, for every expression', () => {
    type Node = { readonly text: string; readonly value: boolean | null };
    const given = { features: { b: 1, c: 0 } };
    const leaf: fc.Arbitrary<Node> = fc.constantFrom(
      { text: 'a > 5', value: null },
      { text: 'b == 1', value: true },
      { text: 'c == 1', value: false },
      { text: 'known(a)', value: false },
      { text: 'known(b)', value: true },
    );
    const and = (x: boolean | null, y: boolean | null): boolean | null =>
      x === false || y === false ? false : x === null || y === null ? null : true;
    const not = (x: boolean | null): boolean | null => (x === null ? null : !x);
    const { node } = fc.letrec<{ node: Node }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 5 },
        leaf,
        tie('node').map((x) => ({ text: `!(${x.text})`, value: not(x.value) })),
        fc
          .tuple(tie('node'), tie('node'))
          .map(([x, y]) => ({ text: `(${x.text} && ${y.text})`, value: and(x.value, y.value) })),
        fc.tuple(tie('node'), tie('node')).map(([x, y]) => ({
          text: `(${x.text} || ${y.text})`,
          value: not(and(not(x.value), not(y.value))),
        })),
        fc.tuple(tie('node'), tie('node'), tie('node')).map(([x, y, z]) => ({
          text: `(${x.text} ? ${y.text} : ${z.text})`,
          value: x.value === null ? null : x.value ? y.value : z.value,
        })),
      ),
    }));
    fc.assert(
      fc.property(node, ({ text, value }) => {
        fc.pre(text.length < 2_000);
        expect(matches(text, given)).toBe(value === true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the facts', () => {
  it.each([
    ['the amount in euros', 'transaction.amount == 49.9'],
    ['the amount against a whole number', 'transaction.amount > 49 && 50 > transaction.amount'],
    ['a number equal to a whole number', 'card_count_10m == 3 && card_count_10m != 4'],
    ['arithmetic with whole numbers', '2 * card_count_10m - 1 == 5 && card_count_10m / 2 == 1.5'],
    ['fields of the card', 'card.brand == "visa" && card.bin.startsWith("4571") && card.exp_year >= 2026'],
    ["the domain of the customer's address", 'customer.email_domain == "example.org"'],
    ['one of several', 'transaction.mcc in ["5661", "5734"]'],
    ['any of several', '["SE", "NO"].exists(country, country == ip.country)'],
  ])('can be asked for %s', (_, expression) => {
    expect(matches(expression, { features: { card_count_10m: 3 } })).toBe(true);
  });

  it('convert the amount of another currency', () => {
    // 1 184 yen at 184 to the euro are 6.43 euros (6.434…), as cents.
    const given = { transaction: { amountMinor: 1_184, currency: 'JPY' } };
    expect(matches('transaction.amount == 6.43 && transaction.amount_original == 1184', given)).toBe(true);
  });

  it('tell which entities are listed', () => {
    const hit: ListHit = { entry_id: 'le_00000001', kind: 'ip', effect: 'watch', reason: 'odd' };
    expect(matches('"ip" in lists.watched && !("card" in lists.watched)', { listHits: [hit] })).toBe(true);
    expect(matches('size(lists.watched) > 0')).toBe(false);
    expect(evaluated('"ip" in lists.watched', { listHits: [hit] }).hits[0]?.seen).toEqual([
      { name: 'lists.watched', value: 'ip' },
    ]);
  });
});

describe('an evaluation', () => {
  it('names every hit in order of id, and counts rules in shadow and leaves out those that are off', () => {
    const ruleset = compileRuleset(
      [
        aRule({ id: 'rl_c', expression: 'b == 1', effect: 'block' }),
        aRule({ id: 'rl_a', expression: 'b == 1', mode: 'shadow' }),
        aRule({ id: 'rl_b', expression: 'b == 2' }),
        aRule({ id: 'rl_d', expression: 'b == 1', mode: 'off' }),
      ],
      featureSet,
    );
    const facts = {
      transaction: aTransaction(),
      features: aVector(featureSet, { b: 1 }),
      score: null,
      listHits: [],
    };
    const evaluation = evaluateRules(ruleset, facts);
    expect(evaluation).toMatchObject({ rulesetHash: ruleset.hash, evaluatedCount: 3, shadowCount: 1 });
    expect(evaluation.hits.map(({ id, mode, effect }) => [id, mode, effect])).toEqual([
      ['rl_a', 'shadow', 'review'],
      ['rl_c', 'live', 'block'],
    ]);
  });

  it('records a rule that fails as an error, which is no hit, and goes on', () => {
    const ruleset = compileRuleset(
      [aRule({ id: 'rl_a', expression: '[b][2] > 0' }), aRule({ id: 'rl_b', expression: 'b == 1' })],
      featureSet,
    );
    const facts = {
      transaction: aTransaction(),
      features: aVector(featureSet, { b: 1 }),
      score: null,
      listHits: [],
    };
    const { hits } = evaluateRules(ruleset, facts);
    expect(hits.map(({ id, result, error }) => [id, result, error])).toEqual([
      ['rl_a', 'error', 'No such key: index out of bounds, index 2 >= size 1'],
      ['rl_b', 'hit', null],
    ]);
  });

  it('records the first eight facts that an expression names', () => {
    const names = Array.from({ length: 10 }, (_, i) => `f${i}`);
    const many = aFeatureSet(names);
    const rule = aRule({ expression: names.map((name) => `${name} == 1`).join(' && ') });
    const features = aVector(many, Object.fromEntries(names.map((name) => [name, 1])));
    const { hits } = evaluateRules(compileRuleset([rule], many), {
      transaction: aTransaction(),
      features,
      score: null,
      listHits: [],
    });
    expect(hits[0]?.seen.map(({ name }) => name)).toEqual(names.slice(0, 8));
  });

  it('does not remember the payment before', () => {
    const ruleset = compileRuleset(
      [aRule({ expression: 'known(score) || known(a) || known(ip.country)' })],
      featureSet,
    );
    const full = {
      transaction: aTransaction(),
      features: aVector(featureSet, { a: 1 }),
      score: 0.5,
      listHits: [],
    };
    const empty = {
      transaction: aTransaction({ payload: { ip: null } }),
      features: aVector(featureSet, {}),
      score: null,
      listHits: [],
    };
    expect(evaluateRules(ruleset, full).hits).toHaveLength(1);
    expect(evaluateRules(ruleset, empty).hits).toHaveLength(0);
  });
});
