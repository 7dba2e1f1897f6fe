import { baseAmountMinor } from '@veto/domain';
import { featureSet } from '@veto/features';
import { openCsv } from '../adapters/csv-adapter';
import { handbookAdapter } from '../adapters/handbook-adapter';
import { openNdjson } from '../adapters/ndjson-source';
import type { ReplaySource } from '../adapters/replay-event';
import { sparkovAdapter } from '../adapters/sparkov-adapter';
import { openReplayLine } from '../line/open-replay-line';
import { replayStream, type Payment, type ReplayObserver } from '../line/replay-stream';
import { FeatureMatrixWriter } from '../output/feature-matrix-writer';
import { ReplayReport } from '../output/replay-report';
import { ScoresWriter } from '../output/scores-writer';
import { startProgress } from '../progress';

/** How each kind of data set is opened. */
export const DATA_SETS: Readonly<Record<string, (path: string) => ReplaySource>> = {
  handbook: (path) => openCsv(path, handbookAdapter),
  sparkov: (path) => openCsv(path, sparkovAdapter),
  ndjson: openNdjson,
};

export interface ReplayOptions {
  readonly dataSet: string;
  readonly path: string;
  /** Model artifact; null = none. */
  readonly model: string | null;
  /** Where log and state are kept; null = in memory. */
  readonly data: string | null;
  readonly scores: string | null;
  /** Day, or null for the first; included. Applies to scores and export. */
  readonly from: string | null;
  /** Day, or null for the last; included. */
  readonly to: string | null;
  readonly exportDirectory: string | null;
  readonly report: string | null;
}

/** Streams a data set through the line and writes what was asked for. @returns a sentence of what was done */
export async function replayDataSet(options: ReplayOptions): Promise<string> {
  const open = DATA_SETS[options.dataSet];
  if (open === undefined)
    throw new Error(`unknown data set "${options.dataSet}"; known: ${Object.keys(DATA_SETS).join(', ')}`);
  const source = open(options.path);
  const { line, clock, close } = await openReplayLine({
    modelDirectory: options.model,
    dataDirectory: options.data,
  });
  const range = rangeOf(options);
  const report = new ReplayReport(featureSet);
  const scores = options.scores === null ? null : new ScoresWriter(options.scores, range);
  const matrix =
    options.exportDirectory === null ? null : new FeatureMatrixWriter(options.exportDirectory, featureSet);
  const observers: ReplayObserver[] = [report];
  if (scores !== null) observers.push(scores);
  if (matrix !== null) observers.push(exporting(matrix, range));

  const progress = startProgress({
    total: source.bytesTotal,
    done: () => source.bytesRead(),
    count: () => report.transactionCount,
    what: 'transactions',
  });
  const startedAtMs = performance.now();
  try {
    // A report speaks of the whole data set; scores and vectors end with their range.
    const untilMs = options.report === null ? range.toMs : Number.POSITIVE_INFINITY;
    await replayStream({ line, clock, source, untilMs }, observers);
  } finally {
    progress.stop();
    await close();
  }
  const seconds = (performance.now() - startedAtMs) / 1_000;

  const model = line.scorer === null ? 'none' : `${line.scorer.manifest.id} ${line.scorer.manifest.version}`;
  if (options.report !== null) report.write(options.report, { source: options.dataSet, model, seconds });
  const said = [
    `${report.transactionCount} transactions in ${seconds.toFixed(1)} s, ${Math.round(report.transactionCount / seconds)}/s`,
  ];
  if (scores !== null) said.push(`${scores.close()} scores in ${options.scores}`);
  if (matrix !== null) said.push(`${matrix.close()} vectors in ${options.exportDirectory}`);
  if (options.report !== null) said.push(`report in ${options.report}`);
  return said.join('; ');
}

function exporting(
  matrix: FeatureMatrixWriter,
  range: { readonly fromMs: number; readonly toMs: number },
): ReplayObserver {
  return {
    decided: (payment: Payment, { record }) => {
      if (payment.atMs < range.fromMs || payment.atMs >= range.toMs) return;
      const { id, amount, currency } = payment.payload.transaction;
      matrix.add({
        transactionId: id,
        occurredAtMs: payment.atMs,
        amountBaseMinor: baseAmountMinor(amount, currency),
        truth: payment.truth,
        features: record.features.map((value) => value ?? Number.NaN),
      });
    },
    labelled: (label) => matrix.label(label),
  };
}

function rangeOf(options: ReplayOptions): { readonly fromMs: number; readonly toMs: number } {
  const dayMs = (day: string, name: string): number => {
    const ms = Date.parse(`${day}T00:00:00Z`);
    if (!/^\d{4}-\d\d-\d\d$/.test(day) || Number.isNaN(ms))
      throw new Error(`--${name} ${day}: give a day as YYYY-MM-DD`);
    return ms;
  };
  return {
    fromMs: options.from === null ? Number.NEGATIVE_INFINITY : dayMs(options.from, 'from'),
    toMs: options.to === null ? Number.POSITIVE_INFINITY : dayMs(options.to, 'to') + 24 * 3_600_000,
  };
}
