import { setTimeout as wait } from 'node:timers/promises';
import {
  HISTORY_RECORD_BYTES,
  HISTORY_TIME_OFFSET,
  systemClock,
  TOPICS,
  type BeginRequest,
  type EventLog,
} from '@veto/domain';
import { createMemoryLog } from '@veto/log';
import { createClient } from 'redis';
import { openRedisStore } from './redis-state-store';

const BATCH_COUNT = 32;
const MERCHANT_RECORDS = 290;
const OTHER_RECORDS = 16;
const MERCHANT_COUNT = 200;
const CARD_COUNT = 5_000;
const START_MS = Date.UTC(2026, 5, 15);

export interface RedisBenchOptions {
  readonly url: string;
  readonly paymentCount: number;
  /** Batches on the wire at once. */
  readonly inFlightCount: number;
}

export interface RedisBenchResult {
  /** µs of processor time of this process for `begin` + `commit` of a payment with seven entities, in batches of 32. */
  readonly nodeUs: number;
  /** µs of processor time of Redis for the same. */
  readonly redisUs: number;
  readonly paymentsPerSecond: number;
  /** The same two calls with as many bytes and no work behind them: what the client and the wire cost. */
  readonly bareNodeUs: number;
  readonly bareRedisUs: number;
}

interface Cost {
  readonly nodeUs: number;
  readonly redisUs: number;
  readonly perSecond: number;
}

function recordAt(i: number): Uint8Array {
  const record = Buffer.alloc(HISTORY_RECORD_BYTES, i % 251);
  record.writeUIntLE(START_MS + i * 10, HISTORY_TIME_OFFSET, 6);
  return record;
}

const PAYLOAD = Buffer.alloc(600, 0x78);
const DECISION = Buffer.alloc(2_000, 0x79);
const LOGGED = Buffer.alloc(1, 0x7a);

function requestAt(i: number): BeginRequest {
  const card = (i * 7_919) % CARD_COUNT;
  return {
    tenantId: 'ten_bench',
    transactionId: `ord_${i}`,
    fingerprint: `sha256:${(i % 2 ** 31).toString(16).padStart(64, '0')}`,
    entityKeys: [
      `ten_bench|card:cfp_${card}`,
      `ten_bench|customer:cus_${card}`,
      `ten_bench|device:dfp_${card}`,
      `ten_bench|ip:10.0.${card % 256}.${card >> 8}`,
      `ten_bench|email:eml_${card}`,
      `ten_bench|address:adr_${card}`,
      `ten_bench|merchant:mer_${i % MERCHANT_COUNT}`,
    ],
    record: recordAt(i),
    payload: PAYLOAD,
  };
}

type Ask = ReturnType<typeof openClient>;

function openClient(url: string) {
  return createClient({ url, commandOptions: { timeout: 0 } });
}

/** Histories as after a long time: a merchant's are long, others short. */
async function fill(client: Ask): Promise<void> {
  const records = (count: number): Buffer => {
    const bytes = Buffer.alloc(count * HISTORY_RECORD_BYTES, 1);
    for (let i = 0; i < count; i++) bytes.writeUIntLE(0, i * HISTORY_RECORD_BYTES + 4, 6);
    return bytes;
  };
  const few = records(OTHER_RECORDS);
  const many = records(MERCHANT_RECORDS);
  const waiting: Promise<unknown>[] = [];
  for (let i = 0; i < CARD_COUNT; i++)
    for (const key of requestAt(i).entityKeys)
      if (!key.includes('merchant')) waiting.push(client.sendCommand(['SET', `{v0}h1|${key}`, few]));
  for (let i = 0; i < MERCHANT_COUNT; i++)
    waiting.push(client.sendCommand(['SET', `{v0}h1|ten_bench|merchant:mer_${i}`, many]));
  await Promise.all(waiting);
}

async function redisCpuUs(client: Ask): Promise<number> {
  const info = String(await client.sendCommand(['INFO', 'cpu']));
  const read = (name: string): number =>
    Number(new RegExp(`${name}:([\\d.]+)`).exec(info)?.[1] ?? Number.NaN);
  return (read('used_cpu_sys') + read('used_cpu_user')) * 1e6;
}

function nodeCpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

async function measure(
  client: Ask,
  options: RedisBenchOptions,
  decide: (from: number) => Promise<void>,
  first: number,
): Promise<Cost> {
  const startedAt = performance.now();
  const [node, redis] = [nodeCpuUs(), await redisCpuUs(client)];
  let next = first;
  const last = first + options.paymentCount;
  const worker = async (): Promise<void> => {
    while (next < last) {
      const from = next;
      next += BATCH_COUNT;
      await decide(from);
    }
  };
  await Promise.all(Array.from({ length: options.inFlightCount }, worker));
  const seconds = (performance.now() - startedAt) / 1_000;
  const count = next - first;
  return {
    nodeUs: (nodeCpuUs() - node) / count,
    redisUs: ((await redisCpuUs(client)) - redis) / count,
    perSecond: count / seconds,
  };
}

/** `begin` + `commit` on a Redis whose histories are filled; everything in it is overwritten. */
export async function benchRedisStore(options: RedisBenchOptions): Promise<RedisBenchResult> {
  const client = openClient(options.url);
  await client.connect();
  await client.sendCommand(['FLUSHALL']);
  const log: EventLog = createMemoryLog({ clock: systemClock });
  const store = await openRedisStore({
    urls: [options.url],
    log,
    directory: null,
    clock: systemClock,
    historyEventOf: () => null,
    budgetMs: 5_000,
  });
  await fill(client);
  // Redis was busy, and a look may have waited too long.
  while (store.status().some(({ state }) => state !== 'serving')) await wait(10);
  const decide = async (from: number): Promise<void> => {
    const requests = Array.from({ length: BATCH_COUNT }, (_, i) => requestAt(from + i));
    const places = (await store.begin(requests)).map((result) => {
      if (result.status !== 'begun' || result.local === true)
        throw new Error(`a payment is ${result.status}`);
      return { seq: result.seq, epoch: result.epoch };
    });
    await store.commit(
      requests.map(({ tenantId, transactionId }) => ({ tenantId, transactionId, bytes: DECISION })),
    );
    // What is on the log is no longer listed in Redis.
    await log.append(
      requests.map(({ tenantId, transactionId }, i) => ({
        topic: TOPICS.decisions,
        key: `${tenantId}|${transactionId}`,
        value: LOGGED,
        ...places[i]!,
      })),
    );
  };
  const making = { ...options, inFlightCount: 1 };
  await measure(client, options, decide, 1_000_000_000);
  const made = await measure(
    client,
    making,
    (from) => Promise.resolve(void Array.from({ length: BATCH_COUNT }, (_, i) => requestAt(from + i))),
    0,
  );
  const whole = await measure(client, options, decide, 2_000_000_000);
  const bare = await measure(client, options, bareOf(client), 0);
  await store.close();
  await log.close();
  client.destroy();
  return {
    nodeUs: whole.nodeUs - made.nodeUs,
    redisUs: whole.redisUs,
    paymentsPerSecond: whole.perSecond,
    bareNodeUs: bare.nodeUs,
    bareRedisUs: bare.redisUs,
  };
}

/** As many bytes there and back by ECHO: the cheapest that a client can do with them. */
function bareOf(client: Ask): () => Promise<void> {
  const begin = Buffer.alloc(BATCH_COUNT * 1_000, 1);
  const histories = Buffer.alloc(
    BATCH_COUNT * (MERCHANT_RECORDS + 6 * OTHER_RECORDS) * HISTORY_RECORD_BYTES,
    1,
  );
  const commit = Buffer.alloc(BATCH_COUNT * 2_100, 1);
  return async () => {
    await Promise.all([
      client.sendCommand(['SET', 'bare', begin]),
      client.sendCommand(['STRLEN', 'bare']),
      client.sendCommand(['SET', 'bare histories', histories, 'NX']),
    ]);
    await client.sendCommand(['GET', 'bare histories'], { typeMapping: { 36: Buffer } });
    await client.sendCommand(['SET', 'bare', commit]);
  };
}
