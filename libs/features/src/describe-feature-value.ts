import { invariant } from '@veto/domain';
import { featureDeclarations } from './families/declarations';

const declarationsByName = new Map(featureDeclarations.map((declaration) => [declaration.name, declaration]));

/**
 * A feature's value as a person reads it: `card_count_10m`, 7 → `7 payments with this card in 10 minutes`.
 * NaN → what its absence means.
 * @throws InvariantError for a name that is not in the feature set
 */
export function describeFeatureValue(name: string, value: number): string {
  const declaration = declarationsByName.get(name);
  invariant(declaration !== undefined, `${name} is not a feature`);
  return Number.isNaN(value)
    ? `not known: ${declaration.missing ?? 'it is never missing'}`
    : declaration.say(value);
}
