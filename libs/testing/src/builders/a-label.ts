import { labelSchema, type Label } from '@veto/domain';
import { DULL_NOW_MS } from './a-clock';

const DAY_MS = 24 * 3_600_000;

/** A chargeback that arrives thirty days after the dull payment. @throws Error when the overrides make it invalid */
export function aLabel(overrides: Partial<Label> = {}): Label {
  return labelSchema.parse({
    transaction_id: 'ord_1',
    label: 'fraud',
    source: 'chargeback',
    reason_code: '10.4',
    reported_at: new Date(DULL_NOW_MS + 30 * DAY_MS).toISOString(),
    ...overrides,
  });
}
