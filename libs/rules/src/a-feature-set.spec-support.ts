import type { FeatureSet, FeatureVector } from '@veto/domain';

/** A feature set of these names, for tests of rules; what a feature means is of no account here. */
export function aFeatureSet(names: readonly string[]): FeatureSet {
  return {
    hash: `sha256:${'0'.repeat(64)}`,
    definitions: names.map((name) => ({
      name,
      description: name,
      unit: 'none',
      windowMs: null,
      range: [null, null],
      missing: null,
      entity: null,
      derivesFrom: [],
    })),
  };
}

/** A vector of that set: the values given, everything else missing. */
export function aVector(featureSet: FeatureSet, values: Readonly<Record<string, number>>): FeatureVector {
  return {
    values: Float64Array.from(featureSet.definitions, ({ name }) => values[name] ?? NaN),
    truncated: [],
  };
}
