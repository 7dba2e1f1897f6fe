import { baseAmountMinor, type DecisionRecord } from '@veto/domain';

/** The time over which the fail-open budget is counted, in ms. */
export const FAIL_OPEN_WINDOW_MS = 5 * 60_000;

const STEP_MS = 1_000;
/** Decisions that are known when they come a second time; one that comes later than so many others counts twice, on the safe side. */
const KNOWN_COUNT_MAX = 10_000;

/** How much money was approved by default lately, because nobody could say better: by this process, and by others as far as it is told. */
export interface FailOpenBook {
  /** Counts a decision that a default approved, and no other. The same decision again changes nothing. */
  note(record: Pick<DecisionRecord, 'tenant_id' | 'decided_at_ms' | 'transaction' | 'decision'>): void;
  /** Cents of the base currency in the five minutes before `nowMs`, to a second. */
  spentMinor(tenantId: string, nowMs: number): number;
}

/** second → cents */
type Spent = Map<number, number>;

export function createFailOpenBook(): FailOpenBook {
  const spentByTenant = new Map<string, Spent>();
  const known = new Set<string>();

  /** @returns false when it was known */
  function learn(decisionId: string): boolean {
    if (known.has(decisionId)) return false;
    known.add(decisionId);
    if (known.size > KNOWN_COUNT_MAX) {
      const [oldest] = known;
      if (oldest !== undefined) known.delete(oldest);
    }
    return true;
  }

  return {
    note({ tenant_id: tenantId, decided_at_ms: atMs, transaction, decision }) {
      if (decision.decided_by.kind !== 'default' || decision.outcome !== 'approve') return;
      if (!learn(`${tenantId}|${decision.id}`)) return;
      const spent: Spent = spentByTenant.get(tenantId) ?? new Map<number, number>();
      const second = Math.floor(atMs / STEP_MS);
      spent.set(
        second,
        (spent.get(second) ?? 0) +
          baseAmountMinor(transaction.transaction.amount, transaction.transaction.currency),
      );
      spentByTenant.set(tenantId, spent);
    },
    spentMinor(tenantId, nowMs) {
      const spent = spentByTenant.get(tenantId);
      if (spent === undefined) return 0;
      const from = Math.floor((nowMs - FAIL_OPEN_WINDOW_MS) / STEP_MS);
      let sum = 0;
      for (const [second, minor] of spent) {
        if (second < from) spent.delete(second);
        else sum += minor;
      }
      return sum;
    },
  };
}
