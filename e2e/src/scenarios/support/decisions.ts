import { createHash } from 'node:crypto';
import type { DecisionRecord } from '@veto/domain';
import { until } from './cluster';
import { TENANT } from './load';
import { DECISIONS } from './stream';
import { readTopic } from './topic';

/** The automatic decisions on the log, the first of each id, with what else was written under the id. */
export interface LoggedDecision {
  readonly record: DecisionRecord;
  /** Of the first record's bytes. */
  readonly sha256: string;
  /** Later records of the same id: the same bytes again, or void ones. */
  copyCount: number;
  otherCount: number;
}

/** Reads every decision. @param keep whether a decision's record is wanted; the others are counted and let go */
export async function readDecisions(
  brokers: readonly string[],
  keep: (record: DecisionRecord) => boolean = () => true,
): Promise<Map<string, LoggedDecision>> {
  const decisions = new Map<string, LoggedDecision>();
  await readTopic(brokers, DECISIONS, ({ value }) => {
    if (value === null) return;
    const record = JSON.parse(value.toString()) as DecisionRecord;
    if (record.schema !== 'decision.v1' || !keep(record)) return;
    const sha256 = createHash('sha256').update(value).digest('hex');
    const id = record.transaction.transaction.id;
    const known = decisions.get(id);
    if (known === undefined) decisions.set(id, { record, sha256, copyCount: 0, otherCount: 0 });
    else if (known.sha256 === sha256) known.copyCount++;
    else known.otherCount++;
  });
  return decisions;
}

/** Waits until the log has a decision of each of these payments. */
export async function untilDecided(
  brokers: readonly string[],
  ids: readonly string[],
  withinMs: number,
  tenantId = TENANT,
): Promise<Map<string, LoggedDecision>> {
  let decided = new Map<string, LoggedDecision>();
  await until(
    `all of ${ids.length} payments are decided`,
    async () => {
      decided = await readDecisions(brokers, (record) => record.tenant_id === tenantId);
      return ids.every((id) => decided.has(id));
    },
    withinMs,
    500,
  );
  return decided;
}
