import { createHash } from 'node:crypto';
import { historyEventOf, recordLabel, scoreTransactions } from '@veto/decision';
import type { StoredLogRecord, TenantId } from '@veto/domain';
import { createMemoryLog } from '@veto/log';
import { openEmbeddedStore } from '@veto/store';
import { aClock, aLabel, DULL_NOW_MS } from '@veto/testing';
import { journalLinesOf, paymentOf } from '../cluster/a-client.spec-support';
import { lineOver } from '../line/line-over';
import { ClusterRecords } from '../migrate/cluster-records';
import { ClientJournal } from './client-journal';
import { readAllOf } from './embedded-source';
import type { VerifyReport } from './report';
import { verifyRecords } from './verify-records';

export const TENANTS = ['ten_a', 'ten_b'] as const;
export const shardOf = (tenantId: string, shardCount: number): number =>
  tenantId === 'ten_a' ? 0 : 1 % shardCount;

/** A log in one process, decided by the real line, and what its clients were told. */
export interface VerifiedLog {
  readonly records: readonly StoredLogRecord[];
  readonly journalLines: readonly string[];
}

const AMONG = { cards: 3, customers: 4, devices: 5, merchants: 2 };

/** Payments of two tenants in turn, every tenth of them labelled. */
export async function aVerifiedLog(paymentCount: number): Promise<VerifiedLog> {
  const clock = aClock();
  const log = createMemoryLog({ clock });
  const store = await openEmbeddedStore({ directory: null, log, clock, historyEventOf });
  const line = lineOver({ store, log, clock, scorer: null });
  const journalLines: string[] = [];
  for (let i = 0; i < paymentCount; i++) {
    const tenantId = TENANTS[i % 2] as TenantId;
    const atMs = DULL_NOW_MS + i * 1_000;
    const payload = paymentOf(i, { atMs, among: AMONG });
    const arrival = { tenantId, payload, receivedAtMs: atMs, parseMs: 0 };
    const [scored] = await scoreTransactions(line, [arrival]);
    if (scored?.status !== 'decided') throw new Error(`payment ${i} was not decided`);
    const payment = { atMs, tenantId, transactionId: payload.transaction.id };
    journalLines.push(...journalLinesOf(payment, { body_sha256: sha256(scored.body) }));
    if (i % 10 !== 9) continue;
    const label = aLabel({
      transaction_id: payload.transaction.id,
      reported_at: new Date(clock.nowMs()).toISOString(),
    });
    await recordLabel(line, { tenantId, label, receivedAtMs: clock.nowMs() });
  }
  const records: StoredLogRecord[] = [];
  await readAllOf(log, (batch) => records.push(...batch));
  await store.close();
  await log.close();
  return { records, journalLines };
}

export function sha256(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The same as it lies in Kafka: spread over partitions by key. */
export function asClusterLog(records: readonly StoredLogRecord[]): StoredLogRecord[] {
  const converter = new ClusterRecords();
  const offsets = new Map<string, number>();
  return converter.take(records).map((record, i) => {
    const partition = record.key.charCodeAt(record.key.length - 1) % 3;
    const name = `${record.topic}/${partition}`;
    const offset = offsets.get(name) ?? 0;
    offsets.set(name, offset + 1);
    return { ...record, position: i, appendedAtMs: DULL_NOW_MS, source: { partition, offset } };
  });
}

/** What the verifier says of these records. */
export function verifyThese(
  records: readonly StoredLogRecord[],
  journalLines: readonly string[] | null,
): Promise<VerifyReport> {
  const journal = journalLines === null ? null : new ClientJournal();
  for (const line of journalLines ?? []) journal?.take(line);
  const log = {
    readAll: (take: (batch: readonly StoredLogRecord[]) => void) => {
      take(records);
      return Promise.resolve();
    },
  };
  return verifyRecords(log, { model: null, journal, shardOf });
}

/** The kinds of what was found, each once. */
export function kindsOf(report: VerifyReport): string[] {
  return [...new Set(report.findings.map(({ invariant, kind }) => `${invariant} ${kind}`))].sort();
}

export function verdictsOf(report: VerifyReport): Record<string, string> {
  return Object.fromEntries(report.invariants.map(({ invariant, verdict }) => [invariant, verdict]));
}
