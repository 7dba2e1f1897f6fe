import { writeFileSync } from 'node:fs';
import {
  BASE_CURRENCY,
  baseAmountMinor,
  majorAmount,
  OUTCOMES,
  type FeatureSet,
  type Label,
  type Outcome,
} from '@veto/domain';
import type { Decided, Payment, ReplayObserver } from '../line/replay-stream';

interface Tally {
  count: number;
  frauds: number;
  amountMinor: number;
  fraudAmountMinor: number;
}

const emptyTally = (): Tally => ({ count: 0, frauds: 0, amountMinor: 0, fraudAmountMinor: 0 });

/** Counts what came out of a replay: outcomes against the truth, by month, by pattern, by rule; stages' times; missing features. */
export class ReplayReport implements ReplayObserver {
  private readonly byOutcome = new Map<Outcome, Tally>(OUTCOMES.map((outcome) => [outcome, emptyTally()]));
  private readonly byMonth = new Map<string, Map<Outcome, Tally>>();
  private readonly stoppedByPattern = new Map<string, { frauds: number; stopped: number }>();
  private readonly hitsByRule = new Map<string, { hits: number; frauds: number }>();
  private readonly missingByFeature: Float64Array;
  private readonly stageMs = new Map<string, number>();
  private labels = 0;
  private degraded = 0;

  constructor(private readonly featureSet: FeatureSet) {
    this.missingByFeature = new Float64Array(featureSet.definitions.length);
  }

  decided(payment: Payment, { record, serverTimingMs }: Decided): void {
    const fraud = payment.truth?.fraud ?? false;
    const { outcome } = record.decision;
    const month = payment.payload.transaction.occurred_at.slice(0, 7);
    const tallies =
      this.byMonth.get(month) ?? new Map<Outcome, Tally>(OUTCOMES.map((o) => [o, emptyTally()]));
    this.byMonth.set(month, tallies);
    const amountMinor = baseAmountMinor(
      payment.payload.transaction.amount,
      payment.payload.transaction.currency,
    );
    for (const tally of [this.byOutcome.get(outcome), tallies.get(outcome)]) {
      if (tally !== undefined) add(tally, fraud, amountMinor);
    }
    if (fraud) this.countPattern(payment.truth?.pattern ?? 'fraud', outcome);
    for (const hit of record.rule_hits)
      this.countHit(`${hit.id} v${hit.version} (${hit.mode}, ${hit.effect})`, fraud);
    if (record.decision.status === 'degraded') this.degraded++;
    record.features.forEach((value, i) => {
      if (value === null) this.missingByFeature[i] = (this.missingByFeature[i] ?? 0) + 1;
    });
    for (const [stage, ms] of Object.entries(serverTimingMs))
      this.stageMs.set(stage, (this.stageMs.get(stage) ?? 0) + ms);
  }

  labelled(_label: Label): void {
    this.labels++;
  }

  get transactionCount(): number {
    return [...this.byOutcome.values()].reduce((sum, tally) => sum + tally.count, 0);
  }

  write(
    path: string,
    run: { readonly source: string; readonly model: string; readonly seconds: number },
  ): void {
    writeFileSync(path, this.markdown(run));
  }

  private markdown(run: {
    readonly source: string;
    readonly model: string;
    readonly seconds: number;
  }): string {
    const count = this.transactionCount;
    const rows = (header: readonly string[], body: readonly (readonly (string | number)[])[]): string =>
      [
        `| ${header.join(' | ')} |`,
        `|${header.map(() => '---').join('|')}|`,
        ...body.map((row) => `| ${row.join(' | ')} |`),
      ].join('\n');
    return [
      `# Replay of ${run.source}`,
      `${count} transactions and ${this.labels} labels through the line in ${run.seconds.toFixed(1)} s: ${Math.round(count / run.seconds)} transactions/s. Model: ${run.model}. Degraded: ${this.degraded}.`,
      `## Outcomes against the truth\nAmounts in ${BASE_CURRENCY}, by the reference rates.`,
      rows(
        ['outcome', 'transactions', 'share', 'fraud', 'fraud share', 'amount', 'fraud amount'],
        outcomeRows(this.byOutcome, count),
      ),
      '## By month',
      rows(
        ['month', 'transactions', 'fraud', 'fraud stopped', 'genuine stopped'],
        [...this.byMonth].sort().map(monthRow),
      ),
      '## Fraud stopped, by pattern\nStopped: challenged, reviewed or blocked.',
      rows(
        ['pattern', 'fraud', 'stopped', 'share'],
        [...this.stoppedByPattern]
          .sort()
          .map(([p, t]) => [p, t.frauds, t.stopped, percent(t.stopped, t.frauds)]),
      ),
      '## Rules hit',
      rows(
        ['rule', 'hits', 'fraud', 'precision'],
        [...this.hitsByRule].sort().map(([rule, t]) => [rule, t.hits, t.frauds, percent(t.frauds, t.hits)]),
      ),
      '## Features missing',
      rows(
        ['feature', 'missing'],
        this.featureSet.definitions.map((definition, i) => [
          definition.name,
          percent(this.missingByFeature[i] ?? 0, count),
        ]),
      ),
      '## Time by stage\nMean per transaction, within batches.',
      rows(
        ['stage', 'µs'],
        [...this.stageMs].map(([stage, ms]) => [stage, ((ms / count) * 1_000).toFixed(1)]),
      ),
      '',
    ].join('\n\n');
  }

  private countPattern(pattern: string, outcome: Outcome): void {
    const tally = this.stoppedByPattern.get(pattern) ?? { frauds: 0, stopped: 0 };
    tally.frauds++;
    if (outcome !== 'approve') tally.stopped++;
    this.stoppedByPattern.set(pattern, tally);
  }

  private countHit(rule: string, fraud: boolean): void {
    const tally = this.hitsByRule.get(rule) ?? { hits: 0, frauds: 0 };
    tally.hits++;
    if (fraud) tally.frauds++;
    this.hitsByRule.set(rule, tally);
  }
}

function add(tally: Tally, fraud: boolean, amountMinor: number): void {
  tally.count++;
  tally.amountMinor += amountMinor;
  if (!fraud) return;
  tally.frauds++;
  tally.fraudAmountMinor += amountMinor;
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '–' : `${((part / whole) * 100).toFixed(2)} %`;
}

function outcomeRows(byOutcome: ReadonlyMap<Outcome, Tally>, count: number): (string | number)[][] {
  return [...byOutcome].map(([outcome, tally]) => [
    outcome,
    tally.count,
    percent(tally.count, count),
    tally.frauds,
    percent(tally.frauds, tally.count),
    majorAmount(tally.amountMinor, BASE_CURRENCY).toFixed(2),
    majorAmount(tally.fraudAmountMinor, BASE_CURRENCY).toFixed(2),
  ]);
}

function monthRow([month, tallies]: [string, ReadonlyMap<Outcome, Tally>]): (string | number)[] {
  const sum = (of: (tally: Tally) => number, outcomes: readonly Outcome[]): number =>
    outcomes.reduce((total, outcome) => total + of(tallies.get(outcome) ?? emptyTally()), 0);
  const stopped = OUTCOMES.filter((outcome) => outcome !== 'approve');
  const frauds = sum((tally) => tally.frauds, OUTCOMES);
  const genuine = sum((tally) => tally.count - tally.frauds, OUTCOMES);
  return [
    month,
    sum((tally) => tally.count, OUTCOMES),
    frauds,
    percent(
      sum((tally) => tally.frauds, stopped),
      frauds,
    ),
    percent(
      sum((tally) => tally.count - tally.frauds, stopped),
      genuine,
    ),
  ];
}
