import type { Decision, DecisionRecord } from '@veto/domain';
import { aTransactionPayload, DULL_NOW_MS } from '@veto/testing';
import { createFailOpenBook, FAIL_OPEN_WINDOW_MS } from './fail-open-book';

type Noted = Pick<DecisionRecord, 'tenant_id' | 'decided_at_ms' | 'transaction' | 'decision'>;

function aDecision(
  id: string,
  more: {
    readonly tenant_id?: string;
    readonly decided_at_ms?: number;
    readonly outcome?: Decision['outcome'];
    readonly kind?: Decision['decided_by']['kind'];
    readonly currency?: string;
  } = {},
): Noted {
  const { tenant_id = 'demo', decided_at_ms = DULL_NOW_MS, outcome = 'approve', kind = 'default' } = more;
  const decision = { id, outcome, decided_by: { kind, id: 'x', clause: 'x' } } as Decision;
  const transaction = aTransactionPayload({
    transaction: { amount: 10_00, currency: more.currency ?? 'EUR' },
  });
  return { tenant_id, decided_at_ms, transaction, decision };
}

describe('the fail-open book', () => {
  it('counts what defaults approved, by tenant, each decision once', () => {
    const book = createFailOpenBook();
    for (const id of ['dec_1', 'dec_2', 'dec_2']) book.note(aDecision(id));
    book.note(aDecision('dec_1', { tenant_id: 'other' }));
    expect(book.spentMinor('demo', DULL_NOW_MS)).toBe(20_00);
    expect(book.spentMinor('other', DULL_NOW_MS)).toBe(10_00);
    expect(book.spentMinor('nobody', DULL_NOW_MS)).toBe(0);
  });

  it.each([
    ['another outcome', { outcome: 'challenge' }],
    ['the policy over a score', { kind: 'policy' }],
    ['a list', { kind: 'list' }],
  ] as const)('counts nothing for %s', (_, more) => {
    const book = createFailOpenBook();
    book.note(aDecision('dec_1', more));
    expect(book.spentMinor('demo', DULL_NOW_MS)).toBe(0);
  });

  it('counts in the base currency', () => {
    const book = createFailOpenBook();
    book.note(aDecision('dec_1', { currency: 'JPY' }));
    const spent = book.spentMinor('demo', DULL_NOW_MS);
    expect(spent).toBeGreaterThan(0);
    expect(spent).not.toBe(10_00);
  });

  it('forgets what is older than five minutes, and nothing younger', () => {
    const book = createFailOpenBook();
    book.note(aDecision('dec_1'));
    book.note(aDecision('dec_2', { decided_at_ms: DULL_NOW_MS + 2_000 }));
    expect(book.spentMinor('demo', DULL_NOW_MS + FAIL_OPEN_WINDOW_MS)).toBe(20_00);
    expect(book.spentMinor('demo', DULL_NOW_MS + FAIL_OPEN_WINDOW_MS + 1_000)).toBe(10_00);
    expect(book.spentMinor('demo', DULL_NOW_MS + FAIL_OPEN_WINDOW_MS + 3_000)).toBe(0);
  });

  it('never counts too little, however many decisions it has seen', () => {
    const book = createFailOpenBook();
    for (let i = 0; i < 12_000; i++) book.note(aDecision(`dec_${i}`));
    book.note(aDecision('dec_11999'));
    expect(book.spentMinor('demo', DULL_NOW_MS)).toBe(12_000 * 10_00);
    book.note(aDecision('dec_0'));
    expect(book.spentMinor('demo', DULL_NOW_MS)).toBe(12_001 * 10_00);
  });
});
