import { createHash } from 'node:crypto';
import { expect } from '@playwright/test';
import { CompressionTypes } from 'kafkajs';
import { until, type Cluster } from './support/cluster';
import { TENANT } from './support/load';
import { paymentMaker } from './support/payments';
import { POISON_KINDS } from './support/poison';
import { judge } from './support/judge';
import { sized } from './support/scale';
import { scenario, type Run } from './support/scenario';
import { registerStoredCodecs } from './support/stored-codecs';
import {
  DEAD_LETTERS,
  DECISIONS,
  sendRecords,
  streamRecordOf,
  TRANSACTIONS,
  type StreamRecord,
} from './support/stream';
import { committedBy, kafkaOf, offsetsOf, readTopic } from './support/topic';

const TOTAL = sized({ asked: 100_000, here: 100_000 });
const BAD = TOTAL / 100;
const CAUGHT_UP_MS_MAX = 10_000;
const CODECS = [
  CompressionTypes.None,
  CompressionTypes.GZIP,
  CompressionTypes.Snappy,
  CompressionTypes.LZ4,
  CompressionTypes.ZSTD,
];

scenario(
  {
    id: 'K4',
    title:
      'a thousand poisonous records among a hundred thousand: every good one is decided, every bad one set aside with its reason',
    asked: '1 000 bad of 100 000',
    here: `${BAD} bad of ${TOTAL}, ${POISON_KINDS.length} kinds, batches of every codec`,
    timeoutMs: 300_000,
  },
  async (run) => {
    const cluster = await run.cluster({ instances: [{ name: 'stream-1', roles: 'stream' }] });
    const stream = cluster.instance('stream-1');
    let isGone = false;
    void stream.exited.then(() => (isGone = true));

    const { records, kindOfKey, goodCount } = mixture(run);
    await keepCodecs(cluster);
    registerStoredCodecs();
    const startedAtMs = Date.now();
    await sendInCodecs(cluster.brokers, records);
    run.say(`${records.length} records sent in ${((Date.now() - startedAtMs) / 1_000).toFixed(1)} s`);
    await until(
      'every good one is decided',
      async () => isGone || (await countOf(cluster, DECISIONS)) >= goodCount,
      200_000,
      500,
    );
    const tookS = (Date.now() - startedAtMs) / 1_000;
    run.say(`${goodCount} decided in ${tookS.toFixed(1)} s, ${Math.round(records.length / tookS)}/s`);
    const caughtUpMs = await until(
      'the group has no lag',
      async () => (await lagOf(cluster)) === 0,
      CAUGHT_UP_MS_MAX,
      200,
    );
    run.say(`no lag ${Math.round(caughtUpMs)} ms after the last decision`);
    expect(isGone).toBe(false);

    await expectSetAside(run, cluster, { records, kindOfKey });
    for (const { id } of goodPaymentsOf(records))
      run.journal.ended({ tenantId: TENANT, transactionId: id, attempt: 1 }, { status: 202 });
    const report = await judge(run, cluster, ['I1', 'I2', 'I4', 'I5', 'I9']);
    expect(report.decisions).toBe(goodCount);
  },
);

interface Mixture {
  readonly records: readonly StreamRecord[];
  /** Of the bad ones. */
  readonly kindOfKey: ReadonlyMap<string, string>;
  readonly goodCount: number;
}

function mixture(run: Run): Mixture {
  const make = paymentMaker('k4', run.random);
  const isBad = new Set<number>();
  while (isBad.size < BAD) isBad.add(run.random.whole(0, TOTAL - 1));
  const kindOfKey = new Map<string, string>();
  const records = Array.from({ length: TOTAL }, (_, i) => {
    const payment = make(i);
    if (!isBad.has(i)) return streamRecordOf(payment);
    const kind = POISON_KINDS[kindOfKey.size % POISON_KINDS.length]!;
    const record = kind.make(payment, `${TENANT}|poison_${i}`);
    kindOfKey.set(String(record.key), kind.name);
    return record;
  });
  return { records, kindOfKey, goodCount: TOTAL - BAD };
}

function goodPaymentsOf(records: readonly StreamRecord[]): { readonly id: string }[] {
  return records.flatMap(({ key }) => {
    const id = String(key).slice(TENANT.length + 1);
    return id.startsWith('k4_') ? [{ id }] : [];
  });
}

/** The broker would write gzip: here it keeps what it is given, as on a topic that somebody altered. */
async function keepCodecs(cluster: Cluster): Promise<void> {
  const admin = kafkaOf(cluster.brokers).admin();
  await admin.connect();
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: 2, name: TRANSACTIONS }],
  });
  const own = (resources[0]?.configEntries ?? []).filter(({ configSource }) => Number(configSource) === 1);
  const configEntries = own.map(({ configName: name, configValue: value }) => ({
    name,
    value: name === 'compression.type' ? 'producer' : value,
  }));
  await admin.alterConfigs({
    validateOnly: false,
    resources: [{ type: 2, name: TRANSACTIONS, configEntries }],
  });
  await admin.disconnect();
}

async function sendInCodecs(brokers: readonly string[], records: readonly StreamRecord[]): Promise<void> {
  const share = Math.ceil(records.length / CODECS.length);
  for (const [i, codec] of CODECS.entries())
    await sendRecords(brokers, records.slice(i * share, (i + 1) * share), codec);
}

async function countOf(cluster: Cluster, topic: string): Promise<number> {
  return (await offsetsOf(cluster.brokers, topic)).reduce((sum, { low, high }) => sum + high - low, 0);
}

/** Records of the topic that the stream's group has not finished. */
async function lagOf(cluster: Cluster): Promise<number> {
  const admin = kafkaOf(cluster.brokers).admin();
  await admin.connect();
  const { groups } = await admin.listGroups();
  await admin.disconnect();
  let committed = 0;
  for (const { groupId } of groups) {
    const offsets = await committedBy(cluster.brokers, groupId, TRANSACTIONS);
    committed = Math.max(
      committed,
      offsets.reduce((sum, { offset }) => sum + Math.max(0, offset), 0),
    );
  }
  return (await countOf(cluster, TRANSACTIONS)) - committed;
}

async function expectSetAside(
  run: Run,
  cluster: Cluster,
  of: Pick<Mixture, 'records' | 'kindOfKey'>,
): Promise<void> {
  const sent = new Map(of.records.map(({ key, value }) => [String(key), hashOf(value)]));
  const reasons = new Map<string, Set<string>>();
  const seen = new Set<string>();
  const wrong: string[] = [];
  await readTopic(cluster.brokers, DEAD_LETTERS, ({ key, value, headers }) => {
    const name = String(key);
    const kind = of.kindOfKey.get(name);
    const reason = String(headers['dlq.reason'] ?? '');
    if (kind === undefined) wrong.push(`${name}: was good, and set aside: ${reason}`);
    else if (String(headers['dlq.class']) !== 'bad')
      wrong.push(`${kind}: ${String(headers['dlq.class'])}: ${reason}`);
    else if (hashOf(value) !== sent.get(name)) wrong.push(`${kind}: not the bytes that were sent`);
    else if (reason === '') wrong.push(`${kind}: without a reason`);
    else if (headers['dlq.offset'] === undefined) wrong.push(`${kind}: without its place`);
    else if (reason.includes('4111')) wrong.push(`${kind}: the reason holds the card number`);
    if (kind !== undefined) reasons.set(kind, (reasons.get(kind) ?? new Set()).add(reason));
    seen.add(name);
  });
  for (const [kind, texts] of reasons) run.say(`${kind.padEnd(24)} ${[...texts].slice(0, 2).join(' | ')}`);
  expect(wrong.slice(0, 10)).toEqual([]);
  expect(seen.size).toBe(of.kindOfKey.size);
}

function hashOf(value: string | Buffer | null): string {
  return value === null ? 'null' : createHash('sha256').update(value).digest('hex');
}
