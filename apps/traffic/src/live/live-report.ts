import type { ClientDecision } from '@veto/client';
import { OUTCOMES, type Outcome } from '@veto/domain';
import type { Pattern, Truth } from '../payment';

/** Latencies that the percentiles look back at. */
const LATENCY_COUNT_MAX = 4_096;

/** What is told once a second. */
export interface LiveReport {
  readonly seconds: number;
  readonly sent: number;
  readonly perSecond: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** For each pattern: payments sent, and the share of them that was not simply approved. */
  readonly patterns: Readonly<Partial<Record<Pattern, { readonly sent: number; readonly caught: number }>>>;
  /** Share of genuine payments that were not simply approved. */
  readonly genuineStopped: number;
  readonly latencyMs: { readonly p50: number | null; readonly p99: number | null };
  readonly labels: number;
  /** By code: refusals, and outcomes that had to be made without Veto. */
  readonly errors: Readonly<Record<string, number>>;
  /** Payments that were not made because too many were on their way. */
  readonly skipped: number;
  readonly inFlight: number;
  readonly attacksUnderWay: readonly Pattern[];
  readonly pastSent: number;
}

const rounded = (value: number, decimals: number): number =>
  Math.round(value * 10 ** decimals) / 10 ** decimals;

/** Counts what happens, for a person who watches. */
export class LiveCounters {
  labelCount = 0;
  skippedCount = 0;
  pastCount = 0;
  private sentCount = 0;
  private sentCountBefore = 0;
  private readonly outcomes: Record<Outcome, number> = { approve: 0, challenge: 0, review: 0, block: 0 };
  private readonly byPattern = new Map<Pattern | null, { sent: number; caught: number }>();
  private readonly errors = new Map<string, number>();
  private readonly latencies: number[] = [];
  private latencyPlace = 0;

  decided(truth: Truth, answer: ClientDecision): void {
    this.sentCount++;
    this.outcomes[answer.outcome]++;
    const counts = this.byPattern.get(truth.pattern) ?? { sent: 0, caught: 0 };
    counts.sent++;
    if (answer.outcome !== 'approve') counts.caught++;
    this.byPattern.set(truth.pattern, counts);
    this.latencies[this.latencyPlace++ % LATENCY_COUNT_MAX] = answer.latencyMs;
    if (answer.source === 'fallback') this.failed(`fallback_${answer.cause.code}`);
  }

  failed(code: string): void {
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
  }

  /** @param sinceMs since the report before this one */
  report(
    now: Pick<LiveReport, 'seconds' | 'inFlight' | 'attacksUnderWay'> & { readonly sinceMs: number },
  ): LiveReport {
    const { sinceMs, seconds, ...rest } = now;
    const perSecond = rounded(((this.sentCount - this.sentCountBefore) / sinceMs) * 1_000, 1);
    this.sentCountBefore = this.sentCount;
    const genuine = this.byPattern.get(null);
    return {
      ...rest,
      seconds: rounded(seconds, 1),
      sent: this.sentCount,
      perSecond,
      outcomes: { ...this.outcomes },
      patterns: Object.fromEntries(
        [...this.byPattern].flatMap(([pattern, { sent, caught }]) =>
          pattern === null ? [] : [[pattern, { sent, caught: rounded(caught / sent, 3) }]],
        ),
      ),
      genuineStopped: genuine === undefined ? 0 : rounded(genuine.caught / genuine.sent, 4),
      latencyMs: { p50: this.percentile(0.5), p99: this.percentile(0.99) },
      labels: this.labelCount,
      errors: Object.fromEntries(this.errors),
      skipped: this.skippedCount,
      pastSent: this.pastCount,
    };
  }

  private percentile(share: number): number | null {
    const sorted = [...this.latencies].sort((a, b) => a - b);
    const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
    return value === undefined ? null : rounded(value, 2);
  }
}

/** The report as one line for a terminal. */
export function statusLineOf(report: LiveReport): string {
  const outcomes = OUTCOMES.map((outcome) => `${outcome} ${report.outcomes[outcome]}`).join(' ');
  const errors = Object.entries(report.errors).map(([code, count]) => `${code} ${count}`);
  const attacks =
    report.attacksUnderWay.length > 0 ? ` · under way: ${report.attacksUnderWay.join(', ')}` : '';
  return `${report.sent} sent, ${report.perSecond}/s · ${outcomes} · p50 ${report.latencyMs.p50} p99 ${report.latencyMs.p99} ms${attacks}${errors.length > 0 ? ` · ${errors.join(' ')}` : ''}`;
}
