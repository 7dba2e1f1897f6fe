import type { FeatureSet, FeatureVector } from '@veto/domain';
import { factGroups, fieldOf, groupOf, paymentFacts, type FactSubject } from './facts';

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

/** @throws InvariantError never; a feature that bears a group's name is refused by `createRuleEnvironment` */
export function createFactContext(featureSet: FeatureSet): FactContext {
  const source: Source = { subject: null, values: new Float64Array(0), score: null };
  const groupClasses = new Map(factGroups.map((group) => [group, groupClass(group)]));
  const variables: Record<string, unknown> = {};
  for (const [group, Group] of groupClasses) variables[group] = new Group(source);
  featureSet.definitions.forEach(({ name }, index) => {
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
  return {
    variables,
    groupClasses,
    fill({ transaction, listHits, features, score }) {
      source.subject = { transaction, listHits };
      source.values = features.values;
      source.score = score;
    },
  };
}
