import type { Decision } from '@veto/domain';
import type { AskedPayment } from './load';

/** What a client can read of how a decision came about. */
export interface AnsweredDecision {
  readonly payment: AskedPayment;
  readonly answeredAtMs: number;
  readonly decision: Decision;
  readonly isDegradedBy: (stage: Decision['degraded'][number]) => boolean;
}

/** The answers of a load, in the order in which they came. */
export function answeredDecisions(payments: readonly AskedPayment[]): AnsweredDecision[] {
  return payments
    .flatMap((payment): AnsweredDecision[] => {
      if (payment.status !== 200 || payment.answeredAtMs === null) return [];
      const decision = JSON.parse(payment.text) as Decision;
      const isDegradedBy: AnsweredDecision['isDegradedBy'] = (stage) => decision.degraded.includes(stage);
      return [{ payment, answeredAtMs: payment.answeredAtMs, decision, isDegradedBy }];
    })
    .sort((a, b) => a.answeredAtMs - b.answeredAtMs);
}

/** When decisions on a process's own histories were first and last answered after a moment; null = never. */
export function localSpan(
  answers: readonly AnsweredDecision[],
  of: { readonly fromMs: number; readonly toMs: number },
): { readonly firstMs: number; readonly lastMs: number; readonly count: number } | null {
  const local = answers.filter(
    ({ answeredAtMs, isDegradedBy }) =>
      answeredAtMs >= of.fromMs && answeredAtMs <= of.toMs && isDegradedBy('histories'),
  );
  const [first, last] = [local[0], local.at(-1)];
  if (first === undefined || last === undefined) return null;
  return { firstMs: first.answeredAtMs, lastMs: last.answeredAtMs, count: local.length };
}

/** A total of `Server-Timing`, in ms: what the server took, whoever else had the processor before. */
export function serverTotalMs({ headers }: AskedPayment): number {
  return Number(/total;dur=([\d.]+)/.exec(String(headers['server-timing']))?.[1] ?? Number.NaN);
}
