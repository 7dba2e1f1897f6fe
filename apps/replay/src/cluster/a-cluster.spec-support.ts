import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createFailOpenBook,
  createListBook,
  historyEventOf,
  recordLabel,
  scoreTransactions,
  startingPolicy,
  type Line,
} from '@veto/decision';
import { systemClock, type TenantId, type TransactionPayload } from '@veto/domain';
import { featureSet } from '@veto/features';
import { applyTopics, openKafkaLog, type KafkaLog } from '@veto/log';
import { compileRuleset, startingRules } from '@veto/rules';
import { openRedisStore, type RedisStore } from '@veto/store';
import { aLabel, aTransactionPayload } from '@veto/testing';
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
  const line: Line = {
    ...{ store, log, clock, featureSet, scorer: null, deadlineMs: 60_000 },
    ruleset: compileRuleset(startingRules, featureSet),
    policy: startingPolicy,
    lists: createListBook(),
    openReviews: () => 0,
    failOpen: createFailOpenBook(),
    stopwatch: () => performance.now(),
  };
  const close = async (): Promise<void> => {
    await store.close();
    await log.close();
    rmSync(directory, { recursive: true, force: true });
  };
  return { line, log, store, close };
}

export function payloadOf(i: number, atMs = Date.now()): TransactionPayload {
  return aTransactionPayload({
    transaction: { id: `ord_${i}`, amount: 10_00 + (i % 7) * 100, occurred_at: new Date(atMs).toISOString() },
    card: { fingerprint: `cfp_${i % 23}` },
    customer: { id: `cus_${i % 31}` },
    device: { fingerprint: `dfp_${i % 17}` },
    merchant: { id: `mer_${i % 5}` },
  });
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
      const asked = {
        at_ms: Date.now(),
        tenant_id: tenantId,
        transaction_id: payload.transaction.id,
        attempt: 1,
      };
      lines.push(JSON.stringify(asked));
      if (scored.status === 'decided')
        lines.push(JSON.stringify({ ...asked, status: 200, body: scored.body }));
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
