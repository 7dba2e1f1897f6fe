import type { EntityKind } from '@veto/domain';
import type { PastFeature } from '../declaration';
import { SMALL_AMOUNT_MINOR, type EntityPast } from '../entity-past';
import type { Dimension } from '../history-view';
import { distinctRowOf, sameRowOf } from '../tally-rows';
import { windowIndexOf, type WindowName } from '../windows';
import { CENTS, COUNT_RANGE, inWords, pastOf, without } from './past-of';
import { counted, DIMENSION_WORDS, ENTITY_WORDS, percent, personalOf } from './phrases';

/** How often, of what kind, and of how many others: what can be counted in any entity's past. */

export function countOf(kind: EntityKind, window: WindowName): PastFeature {
  const index = windowIndexOf(window);
  const { at } = ENTITY_WORDS[kind];
  return {
    ...pastOf(kind, window),
    name: `${kind}_count_${window}`,
    description: `Payments ${at} in the ${inWords(window)} before this one.`,
    unit: 'payments',
    range: COUNT_RANGE,
    read: (entity) => entity.count(index),
    say: (value) => `${counted(value, 'payment')} ${at} in ${inWords(window)}`,
  };
}

export function smallCountOf(kind: EntityKind, window: WindowName): PastFeature {
  const index = windowIndexOf(window);
  const { at } = ENTITY_WORDS[kind];
  const limit = `${SMALL_AMOUNT_MINOR / CENTS} EUR`;
  return {
    ...pastOf(kind, window),
    name: `${kind}_small_count_${window}`,
    description: `Payments below ${limit} ${at} in the ${inWords(window)} before this one.`,
    unit: 'payments',
    range: COUNT_RANGE,
    read: (entity) => entity.smallCount(index),
    say: (value) => `${counted(value, 'payment')} below ${limit} ${at} in ${inWords(window)}`,
  };
}

export function cvvMismatchCountOf(kind: EntityKind, window: WindowName): PastFeature {
  const index = windowIndexOf(window);
  const { at } = ENTITY_WORDS[kind];
  return {
    ...pastOf(kind, window),
    name: `${kind}_cvv_mismatch_count_${window}`,
    description: `Payments with a wrong security code ${at} in the ${inWords(window)} before this one.`,
    unit: 'payments',
    range: COUNT_RANGE,
    read: (entity) => entity.cvvMismatchCount(index),
    say: (value) => `${counted(value, 'payment')} with a wrong security code ${at} in ${inWords(window)}`,
  };
}

/** Share of an entity's payments that have a property. */
export function shareOf(
  kind: EntityKind,
  window: WindowName,
  of: {
    readonly measure: string;
    readonly which: string;
    readonly count: (entity: EntityPast, window: number) => number;
  },
): PastFeature {
  const index = windowIndexOf(window);
  const { at } = ENTITY_WORDS[kind];
  return {
    ...pastOf(kind, window),
    name: `${kind}_${of.measure}_share_${window}`,
    description: `Share ${of.which} among the payments ${at} in the ${inWords(window)} before this one.`,
    unit: 'share',
    range: [0, 1],
    missing: `${without(kind)}, or there are no payments in the window`,
    read: (entity) => of.count(entity, index) / entity.count(index),
    say: (value) => `${percent(value)} of the payments ${at} in ${inWords(window)} are ${of.which}`,
  };
}

export function distinctOf(kind: EntityKind, dimension: Dimension, window: WindowName): PastFeature {
  const row = distinctRowOf(kind, dimension);
  const index = windowIndexOf(window);
  const { at, personal } = ENTITY_WORDS[kind];
  const { one, many, personal: otherPersonal } = DIMENSION_WORDS[dimension];
  return {
    ...pastOf(kind, window),
    name: `${kind}_${dimension}_distinct_${window}`,
    description: `Distinct ${many} in the payments ${at} in the ${inWords(window)} before this one.`,
    unit: `distinct ${many}`,
    range: COUNT_RANGE,
    derivesFrom: personalOf(personal, otherPersonal),
    read: (entity) => entity.distinctCount(row, index),
    say: (value) => `${counted(value, one, many)} in the payments ${at} in ${inWords(window)}`,
  };
}

export function sameCountOf(kind: EntityKind, dimension: Dimension, window: WindowName): PastFeature {
  const row = sameRowOf(kind, dimension);
  const index = windowIndexOf(window);
  const { at, noun, personal } = ENTITY_WORDS[kind];
  const { one, by, personal: otherPersonal } = DIMENSION_WORDS[dimension];
  return {
    ...pastOf(kind, window),
    name: `${kind}_${dimension}_count_${window}`,
    description: `Payments ${at} ${by} the same ${one} as this one, in the ${inWords(window)} before.`,
    unit: 'payments',
    range: COUNT_RANGE,
    missing: `no ${noun} or no ${one} is known`,
    derivesFrom: personalOf(personal, otherPersonal),
    read: (entity) => (entity.hasOwn(row) ? entity.sameCount(row, index) : NaN),
    say: (value) => `${counted(value, 'payment')} ${at} ${by} the same ${one} in ${inWords(window)}`,
  };
}

export function isNewOf(kind: EntityKind, dimension: Dimension): PastFeature {
  const row = sameRowOf(kind, dimension);
  const index = windowIndexOf('30d');
  const { at, noun, personal } = ENTITY_WORDS[kind];
  const { one, by, personal: otherPersonal } = DIMENSION_WORDS[dimension];
  return {
    ...pastOf(kind, '30d'),
    name: `${kind}_${dimension}_is_new`,
    description: `1 when no payment ${at} in the 30 days before was ${by} this ${one}, else 0.`,
    unit: 'yes or no',
    range: [0, 1],
    missing: `no ${noun} or no ${one} is known`,
    derivesFrom: personalOf(personal, otherPersonal),
    isCertain: (value) => value === 0,
    read: (entity) => {
      if (!entity.hasOwn(row)) return NaN;
      return entity.sameCount(row, index) === 0 ? 1 : 0;
    },
    say: (value) => `${value === 0 ? 'an earlier' : 'no'} payment ${at} in 30 days was ${by} this ${one}`,
  };
}
