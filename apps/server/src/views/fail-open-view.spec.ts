import { createFailOpenBook } from '@veto/decision';
import type { DecisionRecord } from '@veto/domain';
import { aTransactionPayload, DULL_NOW_MS } from '@veto/testing';
import { FailOpenView } from './fail-open-view';
import type { ViewRecord } from './view-record';

/** A decision about EUR 49.90. */
function aDecision(position: number, kind: 'default' | 'policy', atMs = DULL_NOW_MS): ViewRecord {
  const record = {
    tenant_id: 't',
    decided_at_ms: atMs,
    transaction: aTransactionPayload({ transaction: { amount: 49_90 } }),
    decision: { id: `dec_${position}`, outcome: 'approve', decided_by: { kind, id: kind, clause: '' } },
    // The view reads no more of it.
  } as unknown as DecisionRecord;
  return { kind: 'decision', position, appendedAtMs: atMs, tenantId: 't', record };
}

describe('what defaults approved', () => {
  const nowMs = (): number => DULL_NOW_MS;

  it('is counted from the log, whoever decided', () => {
    const book = createFailOpenBook();
    const view = new FailOpenView(book, nowMs, null);
    view.apply([aDecision(1, 'default'), aDecision(2, 'policy'), aDecision(3, 'default')], 3);
    // 2 × EUR 49.90
    expect(book.spentMinor('t', DULL_NOW_MS)).toBe(99_80);
  });

  it('is known after a restart, each once, and no longer than five minutes', () => {
    const before = new FailOpenView(createFailOpenBook(), nowMs, null);
    before.apply([aDecision(1, 'default', DULL_NOW_MS - 301_000), aDecision(2, 'default')], 2);
    const book = createFailOpenBook();
    const snapshot = before.snapshot();
    expect(snapshot).toMatchObject({ position: 2, noted: [{ decision: { id: 'dec_2' } }] });
    const after = new FailOpenView(book, nowMs, snapshot);
    after.apply([aDecision(2, 'default'), aDecision(3, 'default')], 3);
    expect(book.spentMinor('t', DULL_NOW_MS)).toBe(99_80);
    expect(after.position).toBe(3);
  });
});
