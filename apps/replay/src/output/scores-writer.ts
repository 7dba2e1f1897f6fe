import { closeSync, openSync, writeSync } from 'node:fs';
import type { Decided, Payment, ReplayObserver } from '../line/replay-stream';

/** Writes `TRANSACTION_ID,score` for the payments of a range of days; both ends included, UTC. */
export class ScoresWriter implements ReplayObserver {
  private readonly file: number;
  private lines: string[] = ['TRANSACTION_ID,score'];
  private rowCount = 0;

  constructor(
    path: string,
    private readonly range: { readonly fromMs: number; readonly toMs: number },
  ) {
    this.file = openSync(path, 'w');
  }

  /** @throws Error when the model was silent: a missing score must not be written as a number */
  decided(payment: Payment, { record }: Decided): void {
    if (payment.atMs < this.range.fromMs || payment.atMs >= this.range.toMs) return;
    if (record.scored === null)
      throw new Error(`transaction ${payment.payload.transaction.id} has no score; give a model by --model`);
    this.lines.push(`${payment.payload.transaction.id},${record.scored.score}`);
    this.rowCount++;
    if (this.lines.length >= 8_192) this.flush();
  }

  /** @returns rows written */
  close(): number {
    this.flush();
    closeSync(this.file);
    return this.rowCount;
  }

  private flush(): void {
    if (this.lines.length > 0) writeSync(this.file, `${this.lines.join('\n')}\n`);
    this.lines = [];
  }
}
