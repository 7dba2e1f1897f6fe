import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createStreamDoor, parseDecisionRecord } from '@veto/decision';
import {
  parseTransactionPayload,
  TOPICS,
  type DecisionRecord,
  type TenantId,
  type TransactionPayload,
} from '@veto/domain';
import { kafkaClient } from '@veto/log';
import { bundledModelDirectory, loadOnnxScorer } from '@veto/model';
import { featureSet } from '@veto/features';
import { aTransactionPayload } from '@veto/testing';
import { TestCluster } from '../a-cluster.spec-support';
import { aServer, until, type TestServer } from '../a-server.spec-support';
import { DEMO_TENANT } from '../keys/demo-key';

const PAYMENT_COUNT = 5_000;
/** Payments of one group share cards, a BIN, devices, addresses and a merchant, and come one after the other; groups side by side. */
const GROUP_COUNT = 50;
const SEED = 20_261_124;

/** Mulberry32: the same payments for one seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function payments(): TransactionPayload[] {
  const next = random(SEED);
  // Old enough to open no alert: how many reviews are open at a moment would depend on who is how fast.
  const from = Date.now() - 4 * 86_400_000;
  return Array.from({ length: PAYMENT_COUNT }, (_, i) => {
    const group = i % GROUP_COUNT;
    const who = Math.floor(next() * 5);
    return aTransactionPayload({
      transaction: {
        id: `ord_${i}`,
        amount: Math.ceil(next() ** 4 * 2_000_00),
        occurred_at: new Date(from + i * 30_000 + Math.floor(next() * 25_000)).toISOString(),
      },
      merchant: { id: `mer_${group}` },
      card: { fingerprint: `cfp_${group}_${who}`, bin: String(45_710_000 + group) },
      customer: { id: `cus_${group}_${who}`, email: `c${group}x${who}@example.org` },
      device: { fingerprint: `dfp_${group}_${Math.floor(next() * 3)}` },
      ip: { address: `192.${group}.${Math.floor(next() * 3)}.7` },
    });
  });
}

const groupOf = (payload: TransactionPayload): string => payload.merchant?.id ?? '';

/**
 * All of a record that is not of the moment at which it came. Whether Kafka was quick enough at that moment, or the
 * write-ahead file took it, is of the moment, too: a busy machine has such moments.
 */
function essenceOf({ decision, ...record }: DecisionRecord): unknown {
  const { id, created_at, timings_ms, durability, status, degraded, review, ...of } = decision;
  const { epoch, seq, received_at_ms, decided_at_ms, open_reviews, silent, ...rest } = record;
  void [id, created_at, timings_ms, durability, status, degraded];
  void [epoch, seq, received_at_ms, decided_at_ms, open_reviews];
  const missing = silent.filter((stage) => stage !== 'log');
  return { ...rest, silent: missing, decision: { ...of, review: review === null ? null : review.status } };
}

/** transaction id → what was decided about it, as the log has it. */
async function decided(server: TestServer): Promise<Map<string, unknown>> {
  const found = new Map<string, unknown>();
  const { log } = server.runtime;
  for (let after = -1; after < log.end();) {
    const { records, to } = await log.read({ after, recordCountMax: 500, topics: [TOPICS.decisions] });
    for (const { value } of records) {
      const record = parseDecisionRecord(value);
      if (record.schema !== 'decision.v1') throw new Error('nobody revised anything');
      const transactionId = record.transaction.transaction.id;
      const essence = essenceOf(record);
      // A record that Kafka delivered twice may be on the log twice, and says the same.
      expect(found.get(transactionId) ?? essence).toEqual(essence);
      found.set(transactionId, essence);
    }
    after = to;
  }
  return found;
}

describe(`${PAYMENT_COUNT} payments (seed ${SEED}) by HTTP, by Kafka and from a file`, () => {
  let cluster: TestCluster;
  const all = payments();
  const aModel = (): ReturnType<typeof loadOnnxScorer> =>
    loadOnnxScorer({ directory: bundledModelDirectory(), featureSet });
  beforeAll(async () => {
    cluster = await TestCluster.start();
  });
  afterAll(() => cluster.stop());

  async function byHttp(): Promise<Map<string, unknown>> {
    await cluster.begin();
    const server = await cluster.instance({ roles: ['score'], scorer: await aModel() });
    const groups = grouped(all);
    await Promise.all(
      [...groups.values()].map(async (group) => {
        for (const payload of group) expect((await server.decide(payload)).status).toBe(200);
      }),
    );
    await until(() => server.runtime.cluster?.log.lag().records === 0);
    const found = await decided(server);
    await cluster.end();
    return found;
  }

  async function byKafka(): Promise<Map<string, unknown>> {
    await cluster.begin();
    const server = await cluster.instance({ roles: ['stream'], scorer: await aModel() });
    const producer = kafkaClient({ brokers: cluster.kafka.brokers, clientId: 'shop' }).producer();
    await producer.connect();
    await producer.send({
      topic: cluster.topicPrefix + TOPICS.transactions,
      messages: all.map((payload) => ({
        key: `${DEMO_TENANT}|${groupOf(payload)}`,
        value: JSON.stringify(payload),
      })),
    });
    await producer.disconnect();
    let found = await decided(server);
    await until(async () => (found = await decided(server)).size >= PAYMENT_COUNT, 180_000);
    const metrics = await (await fetch(server.metricsUrl)).text();
    expect(metrics).not.toMatch(/^veto_dead_letters_total\{.*\} [1-9]/m);
    expect(metrics).toMatch(
      /^veto_consumer_lag_records\{topic=".*veto.transactions.v1",partition="\d"\} 0$/m,
    );
    await cluster.end();
    return found;
  }

  async function fromFile(): Promise<Map<string, unknown>> {
    const server = await aServer({ scorer: await aModel() });
    const file = join(server.dataDirectory, 'payments.ndjson');
    await writeFile(file, all.map((payload) => JSON.stringify(payload)).join('\n'));
    const door = createStreamDoor(server.runtime.line);
    let batch: TransactionPayload[] = [];
    const decide = async (): Promise<void> => {
      const arrivals = batch.map((payload) => ({
        tenantId: DEMO_TENANT as TenantId,
        payload,
        receivedAtMs: Date.now(),
        parseMs: 0,
      }));
      batch = [];
      for (const { status } of await door.decide(arrivals)) expect(status).toBe('decided');
    };
    for await (const line of createInterface({ input: createReadStream(file) })) {
      const parsed = parseTransactionPayload(JSON.parse(line));
      if (!parsed.ok) throw new Error(`not a payment: ${line}`);
      if (batch.push(parsed.value) === 32) await decide();
    }
    await decide();
    const found = await decided(server);
    await server.dispose();
    return found;
  }

  it('get the same features and the same decisions', async () => {
    const [http, kafka, file] = [await byHttp(), await byKafka(), await fromFile()];
    expect([http.size, kafka.size, file.size]).toEqual([PAYMENT_COUNT, PAYMENT_COUNT, PAYMENT_COUNT]);
    const outcomes = new Set<string>();
    for (const { transaction } of all) {
      expect(kafka.get(transaction.id)).toEqual(http.get(transaction.id));
      expect(file.get(transaction.id)).toEqual(http.get(transaction.id));
      const { decision, silent } = http.get(transaction.id) as DecisionRecord;
      outcomes.add(decision.outcome);
      expect(silent).toEqual([]);
    }
    // Not 5 000 times the same answer.
    expect(outcomes.size).toBeGreaterThanOrEqual(3);
  }, 480_000);
});

function grouped(of: readonly TransactionPayload[]): Map<string, TransactionPayload[]> {
  const groups = new Map<string, TransactionPayload[]>();
  for (const payload of of) groups.set(groupOf(payload), [...(groups.get(groupOf(payload)) ?? []), payload]);
  return groups;
}
