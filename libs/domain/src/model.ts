import { z } from 'zod';

/** `manifest.json` of a model artifact: what the file is, what it was made from, and how to tell that it is whole. */
export const modelManifestSchema = z.strictObject({
  id: z.string().min(1),
  version: z.string().min(1),
  format: z.literal('veto-model.v1'),
  files: z.strictObject({
    /** ONNX: input `features` float32 [N, F] → output `score` float32 [N], calibrated P(fraud). */
    model: z.strictObject({ path: z.string(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
    /** The same trees, for exact TreeSHAP. */
    trees: z.strictObject({ path: z.string(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
    golden: z.strictObject({ path: z.string(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  }),
  /** Names of the inputs, in order; must equal the feature set's. */
  features: z.array(z.string()).min(1),
  features_hash: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  /** 10th and 90th percentile among genuine training payments, by feature; null where there were none. */
  typical: z.record(z.string(), z.tuple([z.number(), z.number()]).nullable()),
  calibration: z.strictObject({
    method: z.enum(['platt', 'isotonic', 'none']),
    a: z.number(),
    b: z.number(),
  }),
  training: z.strictObject({
    data: z.string(),
    from: z.string(),
    to: z.string(),
    rows: z.int(),
    frauds: z.int(),
    seed: z.int(),
    library: z.string(),
  }),
  metrics: z.record(z.string(), z.number()),
  created_at: z.string(),
});
export type ModelManifest = z.infer<typeof modelManifestSchema>;

/** Exact contributions of every feature to one score. base + Σ contributions = score, within 1e-6. */
export interface Explanation {
  readonly score: number;
  /** Score of an average training payment. */
  readonly base: number;
  /** [F], in score units. */
  readonly contributions: Float64Array;
}
