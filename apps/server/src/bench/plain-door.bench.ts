/**
 * The baseline of the cluster's door, for `npm run bench -- cluster`: Fastify that validates the same body by Ajv, and
 * does for each request what no exact and durable answer can do without: `begin`, `commit`, one acknowledged produce by
 * bare kafkajs. No features, rules, model, log of its own or views. The plan is its first argument, as JSON.
 */
import { createHash } from 'node:crypto';
import { HISTORY_RECORD_BYTES, HISTORY_TIME_OFFSET, systemClock } from '@veto/domain';
import { createMemoryLog, partitionOfKey } from '@veto/log';
import { openRedisStore } from '@veto/store';
import Fastify from 'fastify';
import { Kafka, logLevel } from 'kafkajs';

interface Plan {
  readonly brokers: string;
  readonly redisUrl: string;
  /** Payments that came before, whose histories it is to have: as many as `filledCount`. */
  readonly filledBy: string;
  readonly filledCount: number;
  /** What it produces to. */
  readonly topic: string;
  readonly partitionCount: number;
  /** A JSON schema of the body. */
  readonly body: unknown;
  /** Of what is produced, as long as a decision. */
  readonly valueBytes: number;
}

/** What it reads of a payment: the names of what its histories are of. */
interface Body {
  readonly transaction: { readonly id: string };
  readonly card: { readonly fingerprint: string; readonly bin: string };
  readonly customer: { readonly id: string; readonly email: string };
  readonly device: { readonly fingerprint: string };
  readonly ip: { readonly address: string };
  readonly merchant: { readonly id: string };
}

const plan = JSON.parse(process.argv[2] ?? '') as Plan;
const TENANT = 'demo';
const BATCH_COUNT = 32;
const store = await openRedisStore({
  urls: [plan.redisUrl],
  log: createMemoryLog({ clock: systemClock }),
  directory: null,
  clock: systemClock,
  historyEventOf: () => null,
  budgetMs: 1_000,
});
// The library as it is: Veto's own client has it write and read records by another code.
const kafka = new Kafka({
  clientId: 'bench-plain',
  brokers: plan.brokers.split(','),
  logLevel: logLevel.NOTHING,
});
const producer = kafka.producer({ allowAutoTopicCreation: false });
await producer.connect();
const NOTHING = new Uint8Array(1);
const decision = Buffer.alloc(plan.valueBytes, 0x78);

function requestOf(body: Body, text: Buffer): Parameters<typeof store.begin>[0][number] {
  const record = new Uint8Array(HISTORY_RECORD_BYTES);
  Buffer.from(record.buffer).writeUIntLE(Date.now(), HISTORY_TIME_OFFSET, 6);
  const { card, customer, device, ip, merchant } = body;
  return {
    tenantId: TENANT,
    transactionId: body.transaction.id,
    fingerprint: `sha256:${createHash('sha256').update(text).digest('hex')}`,
    entityKeys: [
      `card:${card.fingerprint}`,
      `customer:${customer.id}`,
      `device:${device.fingerprint}`,
      `ip:${ip.address}`,
      `email:${customer.email}`,
      `merchant:${merchant.id}`,
      `bin:${card.bin}`,
    ].map((name) => `${TENANT}|${name}`),
    record,
    payload: text,
  };
}

async function begin(requests: readonly ReturnType<typeof requestOf>[], bytes: Uint8Array): Promise<boolean> {
  const begun = await store.begin(requests);
  if (!begun.every((one) => one.status === 'begun' && one.local !== true)) return false;
  await store.commit(requests.map(({ tenantId, transactionId }) => ({ tenantId, transactionId, bytes })));
  return true;
}

type Run = Parameters<ReturnType<typeof kafka.consumer>['run']>[0];
type EachBatch = NonNullable<NonNullable<Run>['eachBatch']>;

/** Gives its histories what came before, in batches. */
async function fill(): Promise<void> {
  const consumer = kafka.consumer({ groupId: `${plan.filledBy}-plain`, allowAutoTopicCreation: false });
  await consumer.connect();
  await consumer.subscribe({ topics: [plan.filledBy], fromBeginning: true });
  let left = plan.filledCount;
  await new Promise<void>((resolve, reject) => {
    const eachBatch: EachBatch = async ({ batch }) => {
      const values = batch.messages.flatMap(({ value }) => (value === null ? [] : [value]));
      for (let from = 0; from < values.length; from += BATCH_COUNT) {
        const texts = values.slice(from, from + BATCH_COUNT);
        const requests = texts.map((text) => requestOf(JSON.parse(text.toString('utf8')) as Body, text));
        if (!(await begin(requests, NOTHING))) reject(new Error('a payment of the filling was not begun'));
      }
      left -= values.length;
      if (left <= 0) resolve();
    };
    consumer.run({ autoCommit: false, eachBatch }).catch(reject);
  });
  await consumer.disconnect();
}

const server = Fastify();
server.get('/', async () => Promise.resolve({ ok: true }));
server.post('/v1/decisions', { schema: { body: plan.body } }, async (request, reply) => {
  const body = request.body as Body;
  const { id } = body.transaction;
  if (!(await begin([requestOf(body, Buffer.from(JSON.stringify(body)))], decision)))
    return reply.code(503).send();
  const key = `${TENANT}|${id}`;
  const partition = partitionOfKey(key, plan.partitionCount);
  await producer.send({ topic: plan.topic, acks: -1, messages: [{ key, partition, value: decision }] });
  return { object: 'decision', transaction_id: id, outcome: 'approve' };
});
while (store.status().some(({ state }) => state !== 'serving'))
  await new Promise((resolve) => setTimeout(resolve, 10));
await fill();
const address = await server.listen({ host: '127.0.0.1', port: 0 });
process.send?.({ event: 'listening', port: Number(new URL(address).port) });
