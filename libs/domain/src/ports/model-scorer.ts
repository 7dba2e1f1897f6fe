import type { Explanation, ModelManifest } from '../model';

/**
 * The model in the process.
 *
 * @guarantee MS1 every vector of the declared width scores in [0, 1]; NaN inputs are missing values, not errors
 * @guarantee MS2 a batch gives each row the score that it gets alone
 * @guarantee MS3 an explanation's base and contributions sum to its score within 1e-6, and the score is `score`'s within 1e-5
 * @guarantee MS4 an artifact whose bytes, feature order, feature hash or golden scores differ is refused at load, and the message says what differs
 */
export interface ModelScorer {
  readonly manifest: ModelManifest;

  /**
   * @param vectors each [F], ordered by the feature set
   * @returns calibrated P(fraud) in [0, 1], one per vector
   * @throws VetoError model_unavailable
   */
  score(vectors: readonly Float64Array[]): Promise<Float64Array>;

  /** Exact TreeSHAP over the model's trees. Synchronous; about a tenth of a millisecond or less. */
  explain(vector: Float64Array): Explanation;

  close(): Promise<void>;
}
