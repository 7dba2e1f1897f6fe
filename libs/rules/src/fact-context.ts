import { invariant, type FeatureSet, type FeatureVector } from '@veto/domain';
import { factGroups, fieldOf, groupOf, paymentFacts, type FactDefinition, type FactSubject } from './facts';

/**
 * Thrown where an expression looks at a fact that this payment does not have. CEL treats it as any error: `true || missing`
 * is true, `false && missing` is false, and everything else that depends on it is undecided, so that the rule does
 * not match. One instance for all, since a stack trace for each would cost more than the rule.
 */
export const MISSING_FACT = new Error('a fact is missing');

/** What the rules of one rule set look at; refilled for each transaction, which works because evaluation never waits. */
export interface FactContext {
  /** The object that CEL reads variables from. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** One class for each group of facts, for CEL to know its fields by. */
  readonly groupClasses: ReadonlyMap<string, GroupClass>;
  fill(facts: FactSubject & { readonly features: FeatureVector; readonly score: number | null }): void;
  /** Names → where they are read. */
  needsOf(names: readonly string[]): FactNeeds;
  /** True when the present payment lacks any of these. */
  lacks(needs: FactNeeds): boolean;
}

/** Facts that an expression cannot do without, by where they are read. */
export interface FactNeeds {
  readonly featureIndices: readonly number[];
  readonly payment: readonly FactDefinition[];
  readonly score: boolean;
}

export type GroupClass = new (source: { subject: FactSubject | null }) => object;

interface Source {
  subject: FactSubject | null;
  values: Float64Array;
  score: number | null;
}

/** A class whose members read one group's facts from the current payment. */
function groupClass(group: string): GroupClass {
  class FactGroup {
    readonly source: { subject: FactSubject | null };
    constructor(source: { subject: FactSubject | null }) {
      this.source = source;
    }
  }
  for (const { name, read } of paymentFacts.filter((fact) => groupOf(fact.name) === group)) {
    Object.defineProperty(FactGroup.prototype, fieldOf(name), {
      get(this: FactGroup) {
        const value = this.source.subject === null ? undefined : read(this.source.subject);
        if (value === undefined) throw MISSING_FACT;
        return value;
      },
    });
  }
  return FactGroup;
}

/** Variables whose members read the current payment: the groups, each feature by its name, and the score. */
function variablesOf(
  source: Source,
  featureNames: readonly string[],
  groups: ReadonlyMap<string, GroupClass>,
): Record<string, unknown> {
  const variables: Record<string, unknown> = {};
  for (const [group, Group] of groups) variables[group] = new Group(source);
  featureNames.forEach((name, index) => {
    Object.defineProperty(variables, name, {
      enumerable: true,
      get() {
        const value = source.values[index];
        if (value === undefined || Number.isNaN(value)) throw MISSING_FACT;
        return value;
      },
    });
  });
  Object.defineProperty(variables, 'score', {
    enumerable: true,
    get() {
      if (source.score === null) throw MISSING_FACT;
      return source.score;
    },
  });
  return variables;
}

export function createFactContext(featureSet: FeatureSet): FactContext {
  const source: Source = { subject: null, values: new Float64Array(0), score: null };
  const groupClasses = new Map(factGroups.map((group) => [group, groupClass(group)]));
  const featureNames = featureSet.definitions.map(({ name }) => name);
  return {
    variables: variablesOf(source, featureNames, groupClasses),
    groupClasses,
    fill({ transaction, listHits, features, score }) {
      source.subject = { transaction, listHits };
      source.values = features.values;
      source.score = score;
    },
    needsOf(names) {
      const payment = paymentFacts.filter(({ name }) => names.includes(name));
      const featureIndices = featureNames.flatMap((name, index) => (names.includes(name) ? [index] : []));
      const score = names.includes('score');
      const found = payment.length + featureIndices.length + (score ? 1 : 0);
      invariant(found === names.length, `of the facts ${names.join(', ')} only ${found} are known`);
      return { featureIndices, payment, score };
    },
    lacks({ featureIndices, payment, score }) {
      if (score && source.score === null) return true;
      for (const index of featureIndices) if (Number.isNaN(source.values[index])) return true;
      const { subject } = source;
      invariant(subject !== null, 'the rules were asked before there was a payment');
      for (const { read } of payment) if (read(subject) === undefined) return true;
      return false;
    },
  };
}
