import type { TenantId, TransactionPayload } from '@veto/domain';
import { featureSet } from '@veto/features';
import { createMemoryLog } from '@veto/log';
import { compileRuleset, startingRules } from '@veto/rules';
import { openEmbeddedStore } from '@veto/store';
import { createFailOpenBook } from './fail-open-book';
import { historyEventOf } from './history-event-of';
import type { Arrival, Line } from './line';
import { createListBook } from './list-book';
import { scoreTransactions } from './score-transaction';
import { startingPolicy } from './starting-policy';

const START_MS = Date.UTC(2026, 0, 1);
const BATCH_COUNT = 32;

export interface LineFigures {
  readonly transactionCount: number;
  /** µs of processor for one payment through the whole line, in batches of 32, log and store in memory, no model. */
  readonly usPerTransaction: number;
  /** µs of processor for one `JSON.parse` of the same payment's body in the same run. */
  readonly usPerJsonParse: number;
  /** Their ratio. */
  readonly ratio: number;
  /** On one core. */
  readonly transactionsPerSecond: number;
}

/** A payment as the Fraud Detection Handbook has them: a customer, a terminal, an amount, a time. */
function handbookPayment(i: number): TransactionPayload {
  return {
    transaction: {
      id: `hb_${i}`,
      occurred_at: new Date(START_MS + i * 1_700).toISOString(),
      amount: 100 + ((i * 7_919) % 20_000),
      currency: 'EUR',
      type: 'payment',
      stage: 'pre_auth',
      channel: 'pos',
      initiator: 'customer',
    },
    merchant: { id: `ter_${(i * 31) % 10_000}` },
    customer: { id: `cus_${(i * 17) % 5_000}` },
  };
}

async function benchLine(): Promise<Line> {
  const clock = { nowMs: () => START_MS };
  const log = createMemoryLog({ clock, retain: [] });
  return {
    store: await openEmbeddedStore({ directory: null, log, clock, historyEventOf }),
    log,
    scorer: null,
    featureSet,
    ruleset: compileRuleset(startingRules, featureSet),
    policy: startingPolicy,
    lists: createListBook(),
    openReviews: () => 0,
    failOpen: createFailOpenBook(),
    clock,
    stopwatch: () => performance.now(),
    deadlineMs: 1_000,
  };
}

/** Processor time of this process so far, collector's threads included: what others do on the machine does not count. */
function processorUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Runs payments through the line in batches, as a replay does. */
export async function measureLine(transactionCount: number): Promise<LineFigures> {
  const line = await benchLine();
  const payloads = Array.from({ length: transactionCount }, (_, i) => handbookPayment(i));
  const startedUs = processorUs();
  for (let i = 0; i < transactionCount; i += BATCH_COUNT) {
    const arrivals: Arrival[] = payloads
      .slice(i, i + BATCH_COUNT)
      .map((payload) => ({ tenantId: 'handbook' as TenantId, payload, receivedAtMs: START_MS, parseMs: 0 }));
    await scoreTransactions(line, arrivals);
  }
  const lineUs = processorUs() - startedUs;
  const texts = payloads.map((payload) => JSON.stringify(payload));
  const parseStartedUs = processorUs();
  let parsedCount = 0;
  for (const text of texts) if (JSON.parse(text) !== null) parsedCount++;
  const parseUs = processorUs() - parseStartedUs;
  await line.store.close();
  await line.log.close();
  return {
    transactionCount: parsedCount,
    usPerTransaction: lineUs / transactionCount,
    usPerJsonParse: parseUs / transactionCount,
    ratio: lineUs / parseUs,
    transactionsPerSecond: Math.round((transactionCount * 1_000_000) / lineUs),
  };
}
