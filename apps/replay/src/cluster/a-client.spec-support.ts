import type { TransactionPayload } from '@veto/domain';
import { aTransactionPayload } from '@veto/testing';

/** How many of each there are: payment `i` has number `i` of them, in turn. */
export interface Entities {
  readonly cards: number;
  readonly customers: number;
  readonly devices: number;
  readonly merchants: number;
}

export function paymentOf(
  i: number,
  of: { readonly atMs: number; readonly among: Entities },
): TransactionPayload {
  const { cards, customers, devices, merchants } = of.among;
  return aTransactionPayload({
    transaction: {
      id: `ord_${i}`,
      amount: 10_00 + (i % 7) * 100,
      occurred_at: new Date(of.atMs).toISOString(),
    },
    card: { fingerprint: `cfp_${i % cards}` },
    customer: { id: `cus_${i % customers}` },
    device: { fingerprint: `dfp_${i % devices}` },
    merchant: { id: `mer_${i % merchants}` },
  });
}

/** What a client's journal says of one payment that it sent once. @param told null = it has no answer */
export function journalLinesOf(
  payment: { readonly atMs: number; readonly tenantId: string; readonly transactionId: string },
  told: { readonly body: string } | { readonly body_sha256: string } | null,
): string[] {
  const asked = {
    at_ms: payment.atMs,
    tenant_id: payment.tenantId,
    transaction_id: payment.transactionId,
    attempt: 1,
  };
  return [asked, ...(told === null ? [] : [{ ...asked, status: 200, ...told }])].map((line) =>
    JSON.stringify(line),
  );
}
