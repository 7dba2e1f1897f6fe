import { HISTORY_RECORD_COUNT_MAX, type EntityKind } from '@veto/domain';
import type { PastFeature } from '../declaration';
import { windowOf, type WindowName } from '../windows';
import { ENTITY_WORDS } from './phrases';

/** No entity's view holds more payments than this. */
export const COUNT_RANGE = [0, HISTORY_RECORD_COUNT_MAX] as const;

/** Cents of the base currency in one unit of it. */
export const CENTS = 100;

/** What `missing` says first: NaN where the payment names no such entity; 0 would say that it was never seen. */
export function without(kind: EntityKind): string {
  return `no ${ENTITY_WORDS[kind].noun} is named`;
}

/** What all features of one kind and window share, unless they say otherwise. */
export function pastOf(
  kind: EntityKind,
  window: WindowName,
): Pick<PastFeature, 'entity' | 'windowMs' | 'derivesFrom' | 'missing' | 'isCertain'> {
  return {
    entity: kind,
    windowMs: windowOf(window).ms,
    derivesFrom: ENTITY_WORDS[kind].personal,
    missing: without(kind),
    isCertain: () => false,
  };
}

export function inWords(window: WindowName): string {
  return windowOf(window).words;
}
