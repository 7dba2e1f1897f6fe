import { ruleClause } from './rule-clause';

describe('the clause of a rule', () => {
  it.each([
    ['card_count_10m >= 5', [{ name: 'card_count_10m', value: 14 }], 'card_count_10m >= 5 (value 14)'],
    [
      'amount > 300\n  &&   score > 0.2',
      [
        { name: 'amount', value: 512.123456 },
        { name: 'score', value: 0.31 },
      ],
      'amount > 300 && score > 0.2 (amount 512.1235, score 0.31)',
    ],
    ['ip.country != "SE"', [{ name: 'ip.country', value: null }], 'ip.country != "SE" (value missing)'],
    ['true', [], 'true'],
  ])('reads %j with what it saw on one line', (expression, seen, clause) => {
    expect(ruleClause(expression, seen)).toBe(clause);
  });
});
