import { ENTITY_KINDS, invariant, type EntityKind } from '@veto/domain';
import type { Dimension } from './history-view';

/** Which other things are counted in the history of each kind: distinct values, and values equal to this payment's. */
export const COUNTED: Readonly<
  Record<EntityKind, { readonly distinct: readonly Dimension[]; readonly same: readonly Dimension[] }>
> = {
  card: { distinct: ['merchant', 'country', 'device'], same: ['country'] },
  customer: { distinct: ['device', 'card', 'country'], same: ['device', 'merchant', 'ip'] },
  device: { distinct: ['card', 'customer', 'email'], same: [] },
  ip: { distinct: ['card', 'customer'], same: [] },
  email: { distinct: ['card'], same: [] },
  merchant: { distinct: ['card', 'bin'], same: [] },
  bin: { distinct: ['card', 'merchant'], same: [] },
};

/** Kinds whose own value in a payment is compared with the past of another entity. */
export const comparedKinds: readonly EntityKind[] = ENTITY_KINDS.filter((kind) =>
  Object.values(COUNTED).some(({ same }) => same.includes(kind)),
);

/** Windows in a row of the tally; one more than there are, so that a row's width is a power of two. */
export const ROW_WIDTH = 8;
/** Where each row of the tally begins. A row holds one number per window, of the records whose narrowest window it is. */
export const COUNT = 0 * ROW_WIDTH;
export const SUM = 1 * ROW_WIDTH;
export const MAX = 2 * ROW_WIDTH;
export const SMALL = 3 * ROW_WIDTH;
export const CVV_MISMATCH = 4 * ROW_WIDTH;
export const NIGHT = 5 * ROW_WIDTH;
export const LABELLED = 6 * ROW_WIDTH;
export const FRAUD = 7 * ROW_WIDTH;
export const DISTINCT = 8 * ROW_WIDTH;
export const SAME = 11 * ROW_WIDTH;
export const TALLY_WIDTH = 14 * ROW_WIDTH;

/** Which row of the tally counts the distinct values of a dimension in the history of a kind. */
export function distinctRowOf(kind: EntityKind, dimension: Dimension): number {
  const position = COUNTED[kind].distinct.indexOf(dimension);
  invariant(position >= 0, `distinct ${dimension} are not counted in the history of a ${kind}`);
  return DISTINCT + position * ROW_WIDTH;
}

/** Which row of the tally counts the payments with this payment's own value of a dimension. */
export function sameRowOf(kind: EntityKind, dimension: Dimension): number {
  const position = COUNTED[kind].same.indexOf(dimension);
  invariant(position >= 0, `the same ${dimension} is not counted in the history of a ${kind}`);
  return SAME + position * ROW_WIDTH;
}
