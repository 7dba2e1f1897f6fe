import { measureRules } from './evaluate-rules.bench';

describe('the bench of the rules', () => {
  it('measures a rule at less than twenty readings of the payment, even in a small run on a busy machine', () => {
    const { nsPerRuleAllKnown, nsPerRuleNoneKnown, nsPerJsonParse } = measureRules(2_000);
    expect(nsPerRuleAllKnown).toBeLessThan(20 * nsPerJsonParse);
    expect(nsPerRuleNoneKnown).toBeLessThan(20 * nsPerJsonParse);
  });
});
