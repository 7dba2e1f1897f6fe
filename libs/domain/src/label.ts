import { z } from 'zod';
import type { Parsed } from './errors';
import { findPans } from './find-pan';
import { issuesOf } from './issues-of';
import { CURRENCY_CODES } from './money';

export const LABEL_SOURCES = [
  'chargeback',
  'early_fraud_warning',
  'tc40',
  'safe',
  'manual_review',
  'customer',
] as const;

/** The body of `POST /v1/labels`: what a payment turned out to be, and when that was known. */
export const labelSchema = z.strictObject({
  transaction_id: z.string().min(1).max(128),
  label: z.enum(['fraud', 'legit']),
  source: z.enum(LABEL_SOURCES),
  reason_code: z.string().min(1).max(64).optional().describe("The network's own code, e.g. 10.4"),
  reported_at: z.iso.datetime({ offset: true }).describe('When it was known; no feature sees it earlier'),
  amount: z.int().min(0).max(99_999_999_999).optional(),
  currency: z.enum(CURRENCY_CODES as [string, ...string[]]).optional(),
});
export type Label = z.infer<typeof labelSchema>;

/** The value of `veto.labels.v1`. */
export interface LabelRecord {
  readonly schema: 'label.v1';
  readonly tenant_id: string;
  readonly received_at_ms: number;
  /** The labelled payment's own time and amount, so that the record stands alone. */
  readonly occurred_at_ms: number;
  readonly amount_base_minor: number;
  readonly entity_keys: readonly string[];
  readonly label: Label;
}

export function parseLabel(body: unknown): Parsed<Label> {
  const pans = findPans(body);
  if (pans.length > 0) return { ok: false, code: 'pan_not_accepted', issues: pans };
  const parsed = labelSchema.safeParse(body);
  return parsed.success
    ? { ok: true, value: parsed.data }
    : { ok: false, code: 'invalid_request', issues: issuesOf(parsed.error) };
}
