import type { EntityKind } from '@veto/domain';
import type { PastFeature } from '../declaration';
import { HOUR_MS, windowOf } from '../windows';
import { pastOf, without } from './past-of';
import { duration, ENTITY_WORDS } from './phrases';

/** How long: since an entity was seen last and first. */

export function timeSinceLastOf(kind: EntityKind): PastFeature {
  const { at } = ENTITY_WORDS[kind];
  return {
    ...pastOf(kind, '40d'),
    name: `${kind}_time_since_last`,
    description: `Hours since the latest payment ${at} in the 40 days that are kept.`,
    unit: 'hours',
    range: [0, windowOf('40d').ms / HOUR_MS],
    missing: `${without(kind)}, or there are no payments in 40 days`,
    isCertain: (value) => !Number.isNaN(value),
    read: (entity) => (entity.latestAgeMs === Infinity ? NaN : entity.latestAgeMs / HOUR_MS),
    say: (value) => `${duration(value * HOUR_MS)} since the latest payment ${at}`,
  };
}

export function timeSinceFirstOf(kind: EntityKind): PastFeature {
  const { at } = ENTITY_WORDS[kind];
  return {
    ...pastOf(kind, '40d'),
    name: `${kind}_time_since_first`,
    description: `Hours since the earliest payment ${at} in the 40 days that are kept.`,
    unit: 'hours',
    range: [0, windowOf('40d').ms / HOUR_MS],
    missing: `${without(kind)}, or there are no payments in 40 days`,
    read: (entity) => (entity.earliestAgeMs < 0 ? NaN : entity.earliestAgeMs / HOUR_MS),
    say: (value) => `${duration(value * HOUR_MS)} since the first payment ${at} that is kept`,
  };
}
