import type { EntityKind, FeatureDefinition, Transaction } from '@veto/domain';
import type { EntityPast } from './entity-past';

interface Declared extends FeatureDefinition {
  /** The value as a person reads it; only for values that are not NaN. */
  readonly say: (value: number) => string;
}

/** A feature of the payment alone. */
export interface PaymentFeature extends Declared {
  readonly entity: null;
  readonly windowMs: null;
  readonly read: (transaction: Transaction) => number;
}

/** A feature of what an entity did before; NaN without the entity. */
export interface PastFeature extends Declared {
  readonly entity: EntityKind;
  readonly windowMs: number;
  readonly missing: string;
  readonly read: (past: EntityPast, transaction: Transaction) => number;
  /** True for a value that records dropped from a full view could not change: something found, not something absent. */
  readonly isCertain: (value: number) => boolean;
}

/** What a feature is, how it is computed and how it is said: one declaration. */
export type FeatureDeclaration = PaymentFeature | PastFeature;
