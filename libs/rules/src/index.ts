export { compileRuleset, SEEN_COUNT_MAX, type CompiledRule, type CompiledRuleset } from './compile-ruleset';
export { evaluateRules, type RuleFacts } from './evaluate-rules';
export { MISSING_FACT } from './fact-context';
export { paymentFacts, type FactDefinition, type FactType } from './facts';
export { ruleClause } from './rule-clause';
export { startingRules } from './starting-rules';
