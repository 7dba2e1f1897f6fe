import { ParseError, TypeError, type Environment, type ParseResult } from '@marcbachmann/cel-js';
import { canonicalJson, ruleSchema, sha256Hex, VetoError, type FeatureSet, type Rule } from '@veto/domain';
import { createFactContext, type FactContext, type FactNeeds } from './fact-context';
import { factGroups, paymentFacts } from './facts';
import { mentionsOf, type Mention } from './named-facts';
import { neededFacts } from './needed-facts';
import { nearestName } from './nearest-name';
import { ALLOWED_CALLS, CALL_HINTS, createRuleEnvironment } from './rule-environment';

/** Part of every rule set's hash: grows when the same text would mean something else. */
const LANGUAGE_VERSION = 1;

/** Facts of one rule that are recorded with its hit. */
export const SEEN_COUNT_MAX = 8;

export interface CompiledRule {
  readonly rule: Rule;
  /** @returns true or false; @throws MISSING_FACT where it cannot be told */
  readonly matches: (variables: Readonly<Record<string, unknown>>) => unknown;
  /** Facts without any of which it cannot be true. */
  readonly needs: FactNeeds;
  /** Names of the facts to record with a hit, in the order of the expression. */
  readonly seenNames: readonly string[];
}

/** A rule set whose every expression has been checked against the declared facts. Immutable. */
export interface CompiledRuleset {
  /** `sha256:<hex>` over the rules, the language and the features that they were checked against. */
  readonly hash: string;
  /** All rules, sorted by id, those that are off included. */
  readonly rules: readonly Rule[];
  /** Those that are evaluated: live and shadow, sorted by id. */
  readonly compiled: readonly CompiledRule[];
  readonly context: FactContext;
}

/**
 * Checks and compiles rules.
 * @throws VetoError rule_invalid with the rule's id, what is wrong and a caret under the place
 */
export function compileRuleset(rules: readonly Rule[], featureSet: FeatureSet): CompiledRuleset {
  const sorted = rules.map(parsedRule).sort((a, b) => (a.id < b.id ? -1 : 1));
  sorted.forEach((rule, i) => {
    if (rule.id === sorted[i + 1]?.id)
      throw new VetoError('rule_invalid', `${rule.id}: two rules bear this id`);
  });
  const context = createFactContext(featureSet);
  const environment = createRuleEnvironment(featureSet, context);
  const names = [
    'score',
    ...featureSet.definitions.map(({ name }) => name),
    ...paymentFacts.map(({ name }) => name),
  ];
  const compiled = sorted.map((rule) => compileRule(rule, { environment, context, names }));
  const declaration = { language: LANGUAGE_VERSION, features: featureSet.hash, rules: sorted };
  return {
    hash: `sha256:${sha256Hex(canonicalJson(declaration))}`,
    rules: sorted,
    compiled: compiled.filter(({ rule }) => rule.mode !== 'off'),
    context,
  };
}

function parsedRule(rule: Rule): Rule {
  const parsed = ruleSchema.safeParse(rule);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new VetoError(
    'rule_invalid',
    `${String(rule.id)}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'has not the shape of a rule'}`,
  );
}

interface Language {
  readonly environment: Environment;
  readonly context: FactContext;
  readonly names: readonly string[];
}

function compileRule(rule: Rule, { environment, context, names }: Language): CompiledRule {
  const refuse = (what: string, cause?: unknown): never => {
    throw new VetoError('rule_invalid', `${rule.id}: ${what}`, { cause });
  };
  const refuseAt = (start: number, what: string): never =>
    refuse(`${what}\n\n${caretUnder(rule.expression, start)}`);
  let expression: ParseResult;
  try {
    expression = environment.parse(rule.expression);
  } catch (error) {
    if (error instanceof ParseError) return refuse(error.message, error);
    throw error;
  }
  const { facts, calls } = mentionsOf(expression.ast);
  for (const { name, start } of calls) {
    if (!ALLOWED_CALLS.has(name))
      refuseAt(start, `${name}(…) is not part of the rule language${hintFor(name)}`);
  }
  for (const fact of facts) {
    if (!names.includes(fact.name)) refuseAt(fact.start, unknownFact(fact, names));
  }
  const checked = expression.check();
  if (!checked.valid)
    return refuse(
      checked.error instanceof TypeError ? checked.error.message : String(checked.error),
      checked.error,
    );
  if (checked.type !== 'bool') refuseAt(0, `is of type ${checked.type}; a rule is of type bool`);
  return {
    rule,
    matches: expression,
    needs: context.needsOf(neededFacts(expression.ast)),
    seenNames: facts.slice(0, SEEN_COUNT_MAX).map(({ name }) => name),
  };
}

function hintFor(call: string): string {
  const hint = CALL_HINTS[call] ?? `it has ${[...ALLOWED_CALLS].join(', ')}`;
  return `; ${hint}`;
}

function unknownFact({ name }: Mention, names: readonly string[]): string {
  if (factGroups.includes(name)) return `${name} is a group of facts; name one of its fields`;
  const near = nearestName(name, names);
  return `there is no fact ${name}${near === null ? '' : `; did you mean ${near}?`}`;
}

/** The line of an expression that holds the position, with its number, and a caret under it, as the parser prints them. */
function caretUnder(expression: string, position: number): string {
  const before = expression.slice(0, position).split('\n');
  const line = expression.split('\n')[before.length - 1] ?? '';
  const column = before.at(-1)?.length ?? 0;
  return `> ${String(before.length).padStart(4)} | ${line}\n${' '.repeat(9 + column)}^`;
}
