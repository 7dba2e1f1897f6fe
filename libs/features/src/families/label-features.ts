import type { EntityKind } from '@veto/domain';
import type { PastFeature } from '../declaration';
import { HOUR_MS, windowIndexOf, type WindowName } from '../windows';
import { COUNT_RANGE, inWords, pastOf, without } from './past-of';
import { counted, duration, ENTITY_WORDS, percent } from './phrases';

/**
 * What is known of an entity's past: verdicts on its payments, each counted once, in the window in which it was first
 * reported, and never before.
 */

export function labelCountOf(kind: EntityKind, window: WindowName): PastFeature {
  const index = windowIndexOf(window);
  const { at } = ENTITY_WORDS[kind];
  return {
    ...pastOf(kind, window),
    name: `${kind}_label_count_${window}`,
    description: `Payments ${at} whose verdict, fraud or genuine, was reported in the ${inWords(window)} before this one.`,
    unit: 'payments',
    range: COUNT_RANGE,
    read: (entity) => entity.labelledCount(index),
    say: (value) => `${counted(value, 'verdict')} on payments ${at} reported in ${inWords(window)}`,
  };
}

export function fraudCountOf(kind: EntityKind, window: WindowName): PastFeature {
  const index = windowIndexOf(window);
  const { at } = ENTITY_WORDS[kind];
  return {
    ...pastOf(kind, window),
    name: `${kind}_fraud_count_${window}`,
    description: `Payments ${at} reported as fraud in the ${inWords(window)} before this one.`,
    unit: 'payments',
    range: COUNT_RANGE,
    read: (entity) => entity.fraudCount(index),
    say: (value) => `${counted(value, 'payment')} ${at} reported as fraud in ${inWords(window)}`,
  };
}

export function fraudShareOf(kind: EntityKind, window: WindowName): PastFeature {
  const index = windowIndexOf(window);
  const { at } = ENTITY_WORDS[kind];
  return {
    ...pastOf(kind, window),
    name: `${kind}_fraud_share_${window}`,
    description: `Share of fraud among the payments ${at} whose verdict was reported in the ${inWords(window)} before this one.`,
    unit: 'share',
    range: [0, 1],
    missing: `${without(kind)}, or no verdict was reported in the window`,
    read: (entity) => entity.fraudCount(index) / entity.labelledCount(index),
    say: (value) =>
      `${percent(value)} of the verdicts on payments ${at} reported in ${inWords(window)} are fraud`,
  };
}

export function timeSinceFraudOf(kind: EntityKind): PastFeature {
  const { at } = ENTITY_WORDS[kind];
  return {
    ...pastOf(kind, '40d'),
    name: `${kind}_time_since_fraud`,
    description: `Hours since the last payment ${at} that is known to be fraud was made; of verdicts reported in 40 days.`,
    unit: 'hours',
    range: [0, null],
    missing: `${without(kind)}, or no fraud is known`,
    read: (entity) => (entity.lastFraudAgeMs === Infinity ? NaN : entity.lastFraudAgeMs / HOUR_MS),
    say: (value) => `${duration(value * HOUR_MS)} since the last payment ${at} that is known to be fraud`,
  };
}

export function genuineRunOf(kind: EntityKind): PastFeature {
  const { at } = ENTITY_WORDS[kind];
  return {
    ...pastOf(kind, '40d'),
    name: `${kind}_genuine_run`,
    description: `Payments ${at} known to be genuine, made after the last one known to be fraud; of verdicts reported in 40 days.`,
    unit: 'payments',
    range: COUNT_RANGE,
    read: (entity) => entity.genuineRunCount,
    say: (value) =>
      `${counted(value, 'payment')} ${at} known to be genuine since the last one known to be fraud`,
  };
}
