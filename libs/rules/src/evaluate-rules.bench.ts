import { aTransaction } from '@veto/testing';
import { aFeatureSet } from './a-feature-set.spec-support';
import { compileRuleset } from './compile-ruleset';
import { evaluateRules } from './evaluate-rules';
import { startingRules } from './starting-rules';

/** Nanoseconds of processor for one rule, over the starting rules. */
export interface RuleFigures {
  /** Every fact known, so that every rule is evaluated to its end or its first false. */
  readonly nsPerRuleAllKnown: number;
  /** No feature known. */
  readonly nsPerRuleNoneKnown: number;
  /** One `JSON.parse` of the payment's body in the same run, to compare with another machine. */
  readonly nsPerJsonParse: number;
}

const FEATURE = /\b(?:card|customer|device|ip|email|bin|three_ds)_[a-z0-9_]+\b/g;

/** Processor time of this process so far, in ns. */
function processorNs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1_000;
}

function nsPerTurn(turnCount: number, turn: () => unknown): number {
  for (let i = 0; i < turnCount / 10; i++) turn();
  const startedNs = processorNs();
  for (let i = 0; i < turnCount; i++) turn();
  return (processorNs() - startedNs) / turnCount;
}

/** Evaluates the starting rules over one payment again and again. */
export function measureRules(turnCount: number): RuleFigures {
  const featureSet = aFeatureSet([
    ...new Set(startingRules.flatMap(({ expression }) => expression.match(FEATURE) ?? [])),
  ]);
  const ruleset = compileRuleset(startingRules, featureSet);
  const transaction = aTransaction();
  const ruleCount = ruleset.compiled.length;
  const nsPerRule = (value: number): number => {
    const features = { values: new Float64Array(featureSet.definitions.length).fill(value), truncated: [] };
    const facts = { transaction, features, score: null, listHits: [] };
    return nsPerTurn(turnCount, () => evaluateRules(ruleset, facts)) / ruleCount;
  };
  const body = JSON.stringify(transaction.payload);
  return {
    nsPerRuleAllKnown: nsPerRule(0.5),
    nsPerRuleNoneKnown: nsPerRule(NaN),
    nsPerJsonParse: nsPerTurn(turnCount, () => JSON.parse(body) as unknown),
  };
}
