import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { historyEventOf, recordLabel, scoreTransactions, type Line } from '@veto/decision';
import { systemClock, type TenantId, type TransactionPayload } from '@veto/domain';
import { applyTopics, openKafkaLog, type KafkaLog } from '@veto/log';
import { openRedisStore, type RedisStore } from '@veto/store';
import { aLabel } from '@veto/testing';
import { lineOver } from '../line/line-over';
import { journalLinesOf, paymentOf } from './a-client.spec-support';
import type { ClusterPlace } from './cluster-place';

/** One instance of a cluster: its own copy of the log, and a line on the shared state. */
export interface Instance {
  readonly line: Line;
  readonly log: KafkaLog;
  readonly store: RedisStore;
  close(): Promise<void>;
}

export async function makeTopics({ brokers, topicPrefix }: ClusterPlace, partitions = 3): Promise<void> {
  await applyTopics({ brokers, topicPrefix, clientId: 'test', partitions, replicationFactor: 1 });
}

export async function startInstance(
  place: ClusterPlace,
  options: { readonly doubtMs?: number } = {},
): Promise<Instance> {
  const directory = mkdtempSync(join(tmpdir(), 'veto-instance-'));
  const { brokers, topicPrefix } = place;
  const clock = systemClock;
  const log = await openKafkaLog({
    brokers,
    topicPrefix,
    clientId: 'test',
    directory: join(directory, 'log'),
    clock,
  });
  const store = await openRedisStore({
    urls: place.redisUrls,
    log,
    directory: join(directory, 'store'),
    clock,
    historyEventOf,
    // A test machine is slower than a budget for payments that somebody waits for.
    budgetMs: 2_000,
    ...options,
  });
  const line = lineOver({ store, log, clock, scorer: null });
  const close = async (): Promise<void> => {
    await store.close();
    await log.close();
    rmSync(directory, { recursive: true, force: true });
  };
  return { line, log, store, close };
}

export function payloadOf(i: number, atMs = Date.now()): TransactionPayload {
  return paymentOf(i, { atMs, among: { cards: 23, customers: 31, devices: 17, merchants: 5 } });
}

export const TENANTS: readonly TenantId[] = ['ten_a', 'ten_b'].map((id) => id as TenantId);

export function tenantOf(i: number): TenantId {
  return TENANTS[i % TENANTS.length]!;
}

/** Payments `from` … `to − 1`, sixteen at once. @returns the lines of the client's journal */
export async function pay({ line }: Instance, from: number, to: number): Promise<string[]> {
  const lines: string[] = [];
  for (let at = from; at < to; at += 16) {
    const arrivals = Array.from({ length: Math.min(16, to - at) }, (_, j) => ({
      tenantId: tenantOf(at + j),
      payload: payloadOf(at + j),
      receivedAtMs: Date.now(),
      parseMs: 0,
    }));
    const answers = await scoreTransactions(line, arrivals);
    answers.forEach((scored, j) => {
      const { tenantId, payload } = arrivals[j]!;
      const payment = { atMs: Date.now(), tenantId, transactionId: payload.transaction.id };
      lines.push(...journalLinesOf(payment, scored.status === 'decided' ? { body: scored.body } : null));
    });
  }
  return lines;
}

/** A chargeback of payment `i`. */
export async function label({ line }: Instance, i: number): Promise<void> {
  const told = aLabel({ transaction_id: `ord_${i}`, reported_at: new Date().toISOString() });
  const { status } = await recordLabel(line, {
    tenantId: tenantOf(i),
    label: told,
    receivedAtMs: Date.now(),
  });
  if (status === 'not_found') throw new Error(`payment ${i} was not found`);
}
