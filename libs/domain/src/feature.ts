/** Kinds of entity whose past is kept, in the order in which their keys are asked for. */
export const ENTITY_KINDS = ['card', 'customer', 'device', 'ip', 'email', 'merchant', 'bin'] as const;
export type EntityKind = (typeof ENTITY_KINDS)[number];

/** Personal data that a feature may derive from. */
export type PersonalData =
  'card_token' | 'customer_id' | 'device_token' | 'ip' | 'email' | 'address' | 'phone' | 'device';

/** What a feature is, declared once: its documentation, its lineage, and a part of the feature set's hash. */
export interface FeatureDefinition {
  /** `<entity>_<measure>_<aggregation>_<window>` */
  readonly name: string;
  /** One sentence for an analyst. */
  readonly description: string;
  readonly unit: string;
  /** Half-open window before the transaction in event time, or null where none applies. */
  readonly windowMs: number | null;
  /** Smallest and largest possible value; null where there is no bound. */
  readonly range: readonly [min: number | null, max: number | null];
  /** What NaN means here, or null when the feature is never missing. */
  readonly missing: string | null;
  readonly entity: EntityKind | null;
  readonly derivesFrom: readonly PersonalData[];
}

/** An ordered list of features; its order is a model's input order. */
export interface FeatureSet {
  readonly definitions: readonly FeatureDefinition[];
  /** `sha256:<hex>` of the canonical declaration, the codec's version and the reference rates' day. */
  readonly hash: string;
}

/** The features of one transaction, as of its own time. */
export interface FeatureVector {
  /** [F] in the order of the feature set; NaN = missing, never infinite. */
  readonly values: Float64Array;
  /** Names of the features that would have needed more records than are kept. */
  readonly truncated: readonly string[];
}
