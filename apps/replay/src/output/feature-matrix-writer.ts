import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FeatureSet, Label } from '@veto/domain';
import type { Truth } from '../adapters/replay-event';
import { NpyWriter } from './npy-writer';

interface Row {
  readonly transactionId: string;
  readonly occurredAtMs: number;
  readonly amountBaseMinor: number;
  readonly truth: Truth | null;
  label: Label['label'] | null;
  labelKnownAtMs: number | null;
}

/**
 * What training reads: the vectors exactly as the line served them, and beside them what was reported of each payment.
 *
 * - `features.npy` float32 [N, F], NaN = missing, in the order of the feature set
 * - `rows.csv` `transaction_id,occurred_at_ms,amount_base_minor,label,label_known_at_ms,truth,pattern`, one line per row;
 *   `label` is the latest report (1 fraud, 0 legit) or empty when nobody reported anything; `truth` and `pattern` are the
 *   data set's own knowledge, for reports only
 * - `feature-set.json` the declaration with its hash
 */
export class FeatureMatrixWriter {
  private readonly matrix: NpyWriter;
  private readonly rows: Row[] = [];
  private readonly rowByTransactionId = new Map<string, Row>();

  constructor(
    private readonly directory: string,
    private readonly featureSet: FeatureSet,
  ) {
    mkdirSync(directory, { recursive: true });
    this.matrix = new NpyWriter(join(directory, 'features.npy'), featureSet.definitions.length);
  }

  add(row: {
    transactionId: string;
    occurredAtMs: number;
    amountBaseMinor: number;
    truth: Truth | null;
    features: ArrayLike<number>;
  }): void {
    this.matrix.add(row.features);
    const { features: _written, ...kept } = row;
    const entry: Row = { ...kept, label: null, labelKnownAtMs: null };
    this.rows.push(entry);
    this.rowByTransactionId.set(row.transactionId, entry);
  }

  label(label: Label): void {
    const row = this.rowByTransactionId.get(label.transaction_id);
    if (row === undefined) return;
    // A second report of the same verdict (early warning, then chargeback) does not make it known later.
    if (row.label !== label.label) row.labelKnownAtMs = Date.parse(label.reported_at);
    row.label = label.label;
  }

  /** @returns rows written */
  close(): number {
    const count = this.matrix.close();
    const lines = this.rows.map((row) =>
      [
        row.transactionId,
        row.occurredAtMs,
        row.amountBaseMinor,
        row.label === null ? '' : row.label === 'fraud' ? 1 : 0,
        row.labelKnownAtMs ?? '',
        row.truth === null ? '' : row.truth.fraud ? 1 : 0,
        row.truth?.pattern ?? '',
      ].join(','),
    );
    const header = 'transaction_id,occurred_at_ms,amount_base_minor,label,label_known_at_ms,truth,pattern';
    writeFileSync(join(this.directory, 'rows.csv'), `${header}\n${lines.join('\n')}\n`);
    writeFileSync(join(this.directory, 'feature-set.json'), `${JSON.stringify(this.featureSet, null, 2)}\n`);
    return count;
  }
}
