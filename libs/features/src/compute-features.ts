import { invariant, type EntityKind, type FeatureVector, type Transaction } from '@veto/domain';
import type { FeatureDeclaration, PastFeature } from './declaration';
import { entityValueOf } from './entity-keys';
import { EntityPast } from './entity-past';
import { comparedKinds } from './tally-rows';
import { featureDeclarations } from './families/declarations';
import type { Dimension } from './history-view';
import { hash32 } from './hash32';
import { placeCountryOf } from './payment-facts';
import { countryCodeOf } from './record-codec';

/** One entity's history, as `begin` read it. */
export interface EntityHistory {
  readonly kind: EntityKind;
  /** Whole records in order of seq; empty = never seen. Records of this transaction's seq and later are not seen. */
  readonly bytes: Uint8Array;
}

export interface FeatureInput {
  readonly transaction: Transaction;
  readonly seq: number;
  /** One per entity whose past is known, in any order; features of the others are missing. */
  readonly histories: readonly EntityHistory[];
}

// Scratch, overwritten by every call: nothing in here outlives `computeFeatures`, which never waits.
const pasts: Readonly<Record<EntityKind, EntityPast>> = {
  card: new EntityPast('card'),
  customer: new EntityPast('customer'),
  device: new EntityPast('device'),
  ip: new EntityPast('ip'),
  email: new EntityPast('email'),
  merchant: new EntityPast('merchant'),
  bin: new EntityPast('bin'),
};
const allPasts: readonly EntityPast[] = Object.values(pasts);
const vantage = {
  timeMs: 0,
  seq: 0,
  hashes: { card: 0, customer: 0, device: 0, ip: 0, email: 0, merchant: 0, bin: 0, country: 0 } as Record<
    Dimension,
    number
  >,
};
const NOTHING_TRUNCATED: readonly string[] = Object.freeze([]);

/**
 * The features of one transaction as of its own time: a function of the transaction, its seq and the bytes of its
 * entities' histories, and of nothing else. One pass over each history; exact.
 * @returns [F] in the order of `featureSet`; NaN = missing, never infinite
 * @throws InvariantError for a history that is not whole records of this codec's version
 */
export function computeFeatures(input: FeatureInput): FeatureVector {
  const { transaction } = input;
  lookBack(input);
  const values = new Float64Array(featureDeclarations.length);
  for (let i = 0; i < values.length; i++) values[i] = valueOf(featureDeclarations[i]!, transaction);
  const isCut = allPasts.some((past) => past.cutAgeMs !== Infinity);
  return { values, truncated: isCut ? truncatedOf(values) : NOTHING_TRUNCATED };
}

function lookBack({ transaction, seq, histories }: FeatureInput): void {
  const { payload } = transaction;
  vantage.timeMs = transaction.occurredAtMs;
  vantage.seq = seq;
  for (const kind of comparedKinds) {
    const value = entityValueOf(payload, kind);
    vantage.hashes[kind] = value === null ? 0 : hash32(value);
  }
  vantage.hashes.country = countryCodeOf(placeCountryOf(payload));
  for (const past of allPasts) past.clear();
  for (const { kind, bytes } of histories) {
    invariant(!pasts[kind].isKnown, `two histories of the ${kind} of transaction ${transaction.id}`);
    pasts[kind].look(bytes, vantage);
  }
}

function valueOf(feature: FeatureDeclaration, transaction: Transaction): number {
  if (feature.entity === null) return feature.read(transaction);
  const past = pasts[feature.entity];
  return past.isKnown ? feature.read(past, transaction) : NaN;
}

/** Features whose window reaches back beyond what is kept of their entity, unless what was found settles them. */
function truncatedOf(values: Float64Array): readonly string[] {
  const isTruncated = (feature: PastFeature, value: number): boolean =>
    pasts[feature.entity].cutAgeMs <= feature.windowMs && !feature.isCertain(value);
  return featureDeclarations
    .filter((feature, i) => feature.entity !== null && isTruncated(feature, values[i]!))
    .map(({ name }) => name);
}
