import type { EntityKind } from '@veto/domain';
import type { PastFeature } from '../declaration';
import { windowIndexOf, type WindowName } from '../windows';
import { CENTS, inWords, pastOf, without } from './past-of';
import { decimal, ENTITY_WORDS, euros, percent } from './phrases';

/** How much: sums, means and maxima of an entity's past amounts, and this amount measured against them. */

export function amountSumOf(kind: EntityKind, window: WindowName): PastFeature {
  const index = windowIndexOf(window);
  const { at } = ENTITY_WORDS[kind];
  return {
    ...pastOf(kind, window),
    name: `${kind}_amount_sum_${window}`,
    description: `Sum of the amounts paid ${at} in the ${inWords(window)} before this payment.`,
    unit: 'EUR',
    range: [0, null],
    read: (entity) => entity.sumMinor(index) / CENTS,
    say: (value) => `${euros(value)} paid ${at} in ${inWords(window)}`,
  };
}

export function amountMeanOf(kind: EntityKind, window: WindowName): PastFeature {
  const index = windowIndexOf(window);
  const { at } = ENTITY_WORDS[kind];
  return {
    ...pastOf(kind, window),
    name: `${kind}_amount_mean_${window}`,
    description: `Mean amount of the payments ${at} in the ${inWords(window)} before this one.`,
    unit: 'EUR',
    range: [0, null],
    missing: `${without(kind)}, or there are no payments in the window`,
    read: (entity) => entity.sumMinor(index) / (entity.count(index) * CENTS),
    say: (value) => `the payments ${at} in ${inWords(window)} average ${euros(value)}`,
  };
}

export function amountMaxOf(kind: EntityKind, window: WindowName): PastFeature {
  const index = windowIndexOf(window);
  const { at } = ENTITY_WORDS[kind];
  return {
    ...pastOf(kind, window),
    name: `${kind}_amount_max_${window}`,
    description: `Largest amount paid ${at} in the ${inWords(window)} before this payment.`,
    unit: 'EUR',
    range: [0, null],
    missing: `${without(kind)}, or there are no payments in the window`,
    read: (entity) => (entity.count(index) === 0 ? NaN : entity.maxMinor(index) / CENTS),
    say: (value) => `the largest payment ${at} in ${inWords(window)} is ${euros(value)}`,
  };
}

export function amountRatioOf(kind: EntityKind): PastFeature {
  const index = windowIndexOf('30d');
  const { at } = ENTITY_WORDS[kind];
  return {
    ...pastOf(kind, '30d'),
    name: `${kind}_amount_ratio_30d`,
    description: `This amount over the mean amount of the payments ${at} in the 30 days before.`,
    unit: 'ratio',
    range: [0, null],
    missing: `${without(kind)}, or nothing was paid in the window`,
    read: (entity, { amountBaseMinor }) => {
      const sumMinor = entity.sumMinor(index);
      return sumMinor === 0 ? NaN : (amountBaseMinor * entity.count(index)) / sumMinor;
    },
    say: (value) => `${decimal(value)} times the mean of the payments ${at} in 30 days`,
  };
}

export function amountZscoreOf(kind: EntityKind): PastFeature {
  const index = windowIndexOf('30d');
  const { at } = ENTITY_WORDS[kind];
  return {
    ...pastOf(kind, '30d'),
    name: `${kind}_amount_zscore_30d`,
    description: `Standard deviations between this amount and the mean of the payments ${at} in the 30 days before.`,
    unit: 'standard deviations',
    range: [null, null],
    missing: `${without(kind)}, or the amounts in the window do not vary`,
    read: (entity, { amountBaseMinor }) => {
      // (x − Σ/n) / √(n²·variance / n²), without the divisions by n.
      const scaledVariance = entity.scaledVariance30d();
      const deviation = amountBaseMinor * entity.count(index) - entity.sumMinor(index);
      return scaledVariance === 0 ? NaN : deviation / Math.sqrt(scaledVariance);
    },
    say: (value) => {
      const side = value < 0 ? 'below' : 'above';
      return `${decimal(Math.abs(value))} standard deviations ${side} the mean of the payments ${at} in 30 days`;
    },
  };
}

/** How much of what was spent in 30 days, this payment included, was spent in the last 24 hours. */
export function amountShareOf(kind: EntityKind): PastFeature {
  const day = windowIndexOf('24h');
  const month = windowIndexOf('30d');
  const { at } = ENTITY_WORDS[kind];
  return {
    ...pastOf(kind, '30d'),
    name: `${kind}_amount_share_24h`,
    description: `Share of what was paid ${at} in 30 days that was paid in the last 24 hours, this payment included in both.`,
    unit: 'share',
    range: [0, 1],
    missing: `${without(kind)}, or nothing was paid`,
    read: (entity, { amountBaseMinor }) => {
      const monthMinor = entity.sumMinor(month) + amountBaseMinor;
      return monthMinor === 0 ? NaN : (entity.sumMinor(day) + amountBaseMinor) / monthMinor;
    },
    say: (value) => `${percent(value)} of what was paid ${at} in 30 days was paid in 24 hours`,
  };
}
