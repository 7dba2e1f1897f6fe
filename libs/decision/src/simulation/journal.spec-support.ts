import type { ClaimId, Label, TenantId, TransactionPayload } from '@veto/domain';
import type { Chance } from './chance.spec-support';

/** When the simulation begins: noon on a dull Monday. */
export const START_MS = Date.UTC(2026, 5, 15, 12);

/** A payment that a client made: what it sends, however often. */
export interface Payment extends ClaimId {
  readonly tenantId: TenantId;
  readonly payload: TransactionPayload;
}

/** What a client was told. */
export interface Answer {
  readonly payment: Payment;
  readonly instance: number;
  readonly askedAtMs: number;
  readonly toldAtMs: number;
  readonly body: string;
  readonly durability: 'log' | 'wal';
}

export interface LabelSent {
  readonly tenantId: TenantId;
  readonly label: Label;
  isAcknowledged: boolean;
}

/** All that clients know: what they sent, and what they were told. */
export class Journal {
  readonly payments: Payment[] = [];
  readonly answers: Answer[] = [];
  /** Those that were told that the id is another payment's. */
  readonly refused: Payment[] = [];
  readonly labels: LabelSent[] = [];
  /** Payments that somebody was told are not known, although he had been told what was decided, durably on the log. */
  readonly deniedLabels: LabelSent[] = [];
  readonly answered = new Map<string, Answer>();

  tell(answer: Answer): void {
    this.answers.push(answer);
    const key = keyOf(answer.payment);
    if (!this.answered.has(key)) this.answered.set(key, answer);
  }
}

export function keyOf({ tenantId, transactionId }: ClaimId): string {
  return `${tenantId}|${transactionId}`;
}

const TENANTS = ['ten_a', 'ten_b'] as TenantId[];

/** Few cards, customers and shops, so that payments meet in histories. */
export function aPayment(chance: Chance, of: { readonly number: number; readonly nowMs: number }): Payment {
  const tenantId = chance.pick(TENANTS);
  const transactionId = `t${of.number}`;
  const card = chance.below(4);
  return {
    tenantId,
    transactionId,
    payload: {
      transaction: {
        id: transactionId,
        occurred_at: new Date(START_MS + Math.floor(of.nowMs - chance.around(1_500))).toISOString(),
        amount: 100 + chance.below(9_900),
        currency: 'EUR',
        type: 'payment',
        stage: 'pre_auth',
        channel: 'ecommerce',
        initiator: 'customer',
      },
      merchant: { id: `mer_${chance.below(2)}` },
      customer: { id: `cus_${card >> 1}` },
      card: { fingerprint: `cfp_${card}` },
    } as TransactionPayload,
  };
}

/** The same id, another amount. */
export function anotherBody(payment: Payment): Payment {
  const { payload } = payment;
  const transaction = { ...payload.transaction, amount: payload.transaction.amount + 1 };
  return { ...payment, payload: { ...payload, transaction } };
}

/** Two for each payment at most: delivered again, it is the same label. */
export function aLabelFor(payment: Payment, isFraud: boolean): Label {
  return {
    transaction_id: payment.transactionId,
    label: isFraud ? 'fraud' : 'legit',
    source: 'chargeback',
    reported_at: new Date(START_MS).toISOString(),
  };
}
