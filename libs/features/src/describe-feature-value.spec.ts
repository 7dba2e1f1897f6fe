import { describeFeatureValue } from './describe-feature-value';
import { featureSet } from './feature-set';
import { expectGolden } from './golden-file.spec-support';

/** Values that show each unit's wording: none, one, several, a fraction, something large. */
const VALUES_BY_UNIT: Readonly<Record<string, readonly number[]>> = {
  'yes or no': [0, 1],
  share: [0, 0.004, 0.5, 0.999, 1],
  EUR: [0, 129.9],
  hour: [0, 17],
  hours: [0, 0.0125, 0.75, 26, 960],
  days: [0.5, 1.2, 400],
  ratio: [0, 1, 5.237],
  'standard deviations': [-1.25, 0, 3.1],
};
const COUNTS = [0, 1, 7];

describe('a feature value as a person reads it', () => {
  it('is 7 payments with this card in 10 minutes', () => {
    expect(describeFeatureValue('card_count_10m', 7)).toBe('7 payments with this card in 10 minutes');
  });

  it('says what its absence means', () => {
    expect(describeFeatureValue('card_count_10m', NaN)).toBe('not known: no card is named');
  });

  it('is said only of features', () => {
    expect(() => describeFeatureValue('card_colour', 1)).toThrow('card_colour is not a feature');
  });

  it('reads as the golden file says, for every feature', () => {
    const lines = featureSet.definitions.flatMap(({ name, unit, missing }) =>
      [...(VALUES_BY_UNIT[unit] ?? COUNTS), ...(missing === null ? [] : [NaN])].map(
        (value) => `${name} = ${value}: ${describeFeatureValue(name, value)}`,
      ),
    );
    expectGolden('describe-feature-value.golden.txt', `${lines.join('\n')}\n`);
  });
});
