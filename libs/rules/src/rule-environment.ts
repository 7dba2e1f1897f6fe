import { Environment, type ASTNode } from '@marcbachmann/cel-js';
import { invariant, type FeatureSet } from '@veto/domain';
import type { FactContext } from './fact-context';
import { factGroups, fieldOf, groupOf, paymentFacts } from './facts';

/** Limits of one expression, which keep it readable and its evaluation short. */
const EXPRESSION_LIMITS = {
  maxAstNodes: 400,
  maxDepth: 24,
  maxListElements: 200,
  maxMapEntries: 0,
  maxCallArguments: 4,
};

/**
 * What an expression may call. Left out of CEL on purpose: `matches`, since a pattern written by a person can take a
 * host's regular expressions minutes; `has`, because `known` asks the same of every fact; dates, bytes and maps,
 * which no fact is.
 */
export const ALLOWED_CALLS: ReadonlySet<string> = new Set([
  'known',
  'size',
  'contains',
  'startsWith',
  'endsWith',
  'lowerAscii',
  'upperAscii',
  'trim',
  'exists',
  'all',
  'exists_one',
]);

/** Hints for calls that people who know CEL will try. */
export const CALL_HINTS: Readonly<Record<string, string>> = {
  has: 'ask known(…), which works for features as well',
  matches: 'use startsWith, endsWith, contains or in',
};

interface Evaluator {
  tryEval(node: ASTNode, context: unknown): unknown;
}
interface Checker {
  check(node: ASTNode, context: unknown): unknown;
  getType(name: string): unknown;
}
interface KnownMacro {
  readonly argument: ASTNode;
}

/** `known(x)`: whether x can be told, that is whether no fact that it needs is missing. */
function known({ args }: { readonly args: readonly ASTNode[] }): object {
  return {
    argument: args[0],
    typeCheck(checker: Checker, macro: KnownMacro, context: unknown) {
      checker.check(macro.argument, context);
      return checker.getType('bool');
    },
    evaluate(evaluator: Evaluator, macro: KnownMacro, context: unknown) {
      return !(evaluator.tryEval(macro.argument, context) instanceof Error);
    },
  };
}

/** Lets an integer literal stand where a double does: people write `card_count_10m == 5` and `2 * amount`. */
function registerMixedNumbers(environment: Environment): void {
  type Numeric = number | bigint;
  const operators: Readonly<Record<string, (a: Numeric, b: Numeric) => number>> = {
    '+': (a, b) => Number(a) + Number(b),
    '-': (a, b) => Number(a) - Number(b),
    '*': (a, b) => Number(a) * Number(b),
    '/': (a, b) => Number(a) / Number(b),
  };
  for (const [operator, handler] of Object.entries(operators)) {
    environment.registerOperator(`double ${operator} int: double`, handler);
    environment.registerOperator(`int ${operator} double: double`, handler);
  }
  environment.registerOperator('double == int', (a: Numeric, b: Numeric) => Number(a) === Number(b));
}

/** CEL with the declared facts: features by name and `score` as doubles, the payment's own facts by group and field. */
export function createRuleEnvironment(featureSet: FeatureSet, context: FactContext): Environment {
  const environment = new Environment({ limits: EXPRESSION_LIMITS });
  for (const group of factGroups) {
    const fields = Object.fromEntries(
      paymentFacts
        .filter(({ name }) => groupOf(name) === group)
        .map(({ name, type }) => [fieldOf(name), type]),
    );
    const ctor = context.groupClasses.get(group);
    invariant(ctor !== undefined, `fact group ${group} has no class`);
    environment.registerType(`veto_${group}`, { ctor, fields });
    environment.registerVariable(group, `veto_${group}`);
  }
  for (const { name } of featureSet.definitions) {
    invariant(!factGroups.includes(name) && name !== 'score', `feature ${name} bears the name of a fact`);
    environment.registerVariable(name, 'double');
  }
  environment.registerVariable('score', 'double');
  registerMixedNumbers(environment);
  environment.registerFunction('known(ast): bool', known);
  return environment;
}
