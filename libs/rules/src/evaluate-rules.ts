import type { FeatureVector, ListHit, RuleEvaluation, RuleHit, SeenValue, Transaction } from '@veto/domain';
import type { CompiledRule, CompiledRuleset } from './compile-ruleset';
import { MISSING_FACT } from './fact-context';

/** What the rules of one transaction look at. */
export interface RuleFacts {
  readonly transaction: Transaction;
  readonly features: FeatureVector;
  /** Calibrated probability of fraud; null = the model was silent, and the fact `score` is missing. */
  readonly score: number | null;
  readonly listHits: readonly ListHit[];
}

/**
 * Evaluates every rule that is live or in shadow, in order of id, whatever the others said.
 * A rule that needs a missing fact does not match, negated or not. One that fails for any other reason is recorded as
 * an error and does not match.
 */
export function evaluateRules(ruleset: CompiledRuleset, facts: RuleFacts): RuleEvaluation {
  const { context, compiled } = ruleset;
  context.fill(facts);
  const hits: RuleHit[] = [];
  let shadowCount = 0;
  for (const entry of compiled) {
    if (entry.rule.mode === 'shadow') shadowCount++;
    if (context.lacks(entry.needs)) continue;
    const said = evaluateRule(entry, context.variables);
    if (said !== null) hits.push(said);
  }
  return { rulesetHash: ruleset.hash, evaluatedCount: compiled.length, shadowCount, hits };
}

function evaluateRule(compiled: CompiledRule, variables: Readonly<Record<string, unknown>>): RuleHit | null {
  try {
    return compiled.matches(variables) === true ? hitOf(compiled, variables, null) : null;
  } catch (error) {
    if (error === MISSING_FACT) return null;
    return hitOf(compiled, variables, error instanceof Error ? firstLine(error.message) : String(error));
  }
}

function hitOf(
  { rule, seenNames }: CompiledRule,
  variables: Readonly<Record<string, unknown>>,
  error: string | null,
): RuleHit {
  return {
    id: rule.id,
    version: rule.version,
    name: rule.name,
    mode: rule.mode,
    effect: rule.effect,
    reasonCode: rule.reason_code,
    result: error === null ? 'hit' : 'error',
    seen: seenNames.map((name) => ({ name, value: seenValue(name, variables) })),
    error,
  };
}

/** The value of a fact as a person reads it; null = missing. */
function seenValue(name: string, variables: Readonly<Record<string, unknown>>): SeenValue['value'] {
  try {
    const dot = name.indexOf('.');
    const value =
      dot === -1
        ? variables[name]
        : (variables[name.slice(0, dot)] as Readonly<Record<string, unknown>>)[name.slice(dot + 1)];
    if (Array.isArray(value)) return value.join(', ');
    return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean'
      ? value
      : null;
  } catch (error) {
    if (error === MISSING_FACT) return null;
    throw error;
  }
}

function firstLine(text: string): string {
  return text.slice(0, text.indexOf('\n') === -1 ? undefined : text.indexOf('\n'));
}
