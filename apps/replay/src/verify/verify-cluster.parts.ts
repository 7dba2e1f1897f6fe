import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TOPICS, type DecisionRecord } from '@veto/domain';
import { kafkaClient, scanKafka, type ScannedRecord } from '@veto/log';
import { label, pay, startInstance } from '../cluster/a-cluster.spec-support';
import { runCli, type CliRun } from '../cluster/built-cli.spec-support';
import { PARTS_START_MS, startClusterParts, type ClusterParts } from '../cluster/cluster-parts.spec-support';
import type { ClusterPlace } from '../cluster/cluster-place';

const PAYMENT_COUNT = 400;
let parts: ClusterParts;
let place: ClusterPlace;
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'veto-verify-test-'));
  parts = await startClusterParts('verify');
  place = await parts.aPlace();
}, PARTS_START_MS);

afterAll(async () => {
  await parts.stop();
  rmSync(directory, { recursive: true, force: true });
});

const verify = (...more: readonly string[]): Promise<CliRun> =>
  runCli(
    'verify',
    '--no-model',
    '--brokers',
    place.brokers.join(),
    '--topic-prefix',
    place.topicPrefix,
    ...more,
  );

async function someDecision(): Promise<ScannedRecord> {
  const found: ScannedRecord[] = [];
  const { brokers, topicPrefix } = place;
  const onBatch = (records: readonly ScannedRecord[]): void => void found.push(...records);
  await scanKafka({ brokers, topicPrefix, clientId: 'test', topics: [TOPICS.decisions], onBatch });
  return found.find(({ seq }) => (seq ?? 0) > 0)!;
}

describe('replay verify on a cluster', () => {
  it('holds what two instances decided on two shards, through a Redis that lost everything', async () => {
    const [one, two] = [
      await startInstance(place, { doubtMs: 500 }),
      await startInstance(place, { doubtMs: 500 }),
    ];
    const lines = (
      await Promise.all([pay(one, 0, PAYMENT_COUNT / 4), pay(two, PAYMENT_COUNT / 4, PAYMENT_COUNT / 2)])
    ).flat();
    await label(one, 3);
    await parts.redis[0]!.restart({ empty: true });
    // Some of these are decided by the instance alone, before the state is made again.
    lines.push(...(await pay(two, PAYMENT_COUNT / 2, PAYMENT_COUNT / 2 + 32)));
    while (one.store.status().some(({ state }) => state !== 'serving'))
      await new Promise((go) => setTimeout(go, 50));
    while (two.store.status().some(({ state }) => state !== 'serving'))
      await new Promise((go) => setTimeout(go, 50));
    lines.push(...(await pay(one, PAYMENT_COUNT / 2 + 32, PAYMENT_COUNT)));
    await label(two, PAYMENT_COUNT - 1);
    await Promise.all([one.close(), two.close()]);
    writeFileSync(join(directory, 'journal.ndjson'), `${lines.join('\n')}\n`);

    const run = await verify('--journal', join(directory, 'journal.ndjson'));
    expect(run.stdout).toContain(`${PAYMENT_COUNT} decisions, 2 labels, 0 revisions, 0 undecided`);
    expect(run.stdout).toContain(': 0 differences');
    for (const invariant of ['I1', 'I2', 'I3', 'I4', 'I5', 'I7', 'I9'])
      expect(run.stdout).toMatch(new RegExp(`^${invariant} +held`, 'm'));
    expect(run.stdout).toMatch(/^I8 +not applicable/m);
    expect(run.code).toBe(0);
  }, 120_000);

  it('finds a second decision of one id that a client was answered with, and says where', async () => {
    const first = await someDecision();
    const record = JSON.parse(Buffer.from(first.value).toString()) as DecisionRecord;
    const decision = { ...record.decision, created_at: '2020-01-01T00:00:00.000Z' };
    const producer = kafkaClient({ brokers: place.brokers, clientId: 'test' }).producer();
    await producer.connect();
    await producer.send({
      topic: place.topicPrefix + TOPICS.decisions,
      messages: [
        {
          key: first.key,
          value: JSON.stringify({ ...record, decision }),
          partition: first.source.partition,
          headers: {
            seq: String(first.seq),
            epoch: String(first.epoch),
            applied: Buffer.from(first.applied!),
          },
        },
      ],
    });
    await producer.disconnect();
    const [tenant_id, transaction_id] = first.key.split('|');
    const told = {
      at_ms: 1,
      tenant_id,
      transaction_id,
      attempt: 2,
      status: 200,
      body: JSON.stringify(decision),
    };
    writeFileSync(join(directory, 'second.ndjson'), `${JSON.stringify(told)}\n`);

    const run = await verify(
      '--journal',
      join(directory, 'journal.ndjson'),
      '--journal',
      join(directory, 'second.ndjson'),
    );
    expect(run.code).toBe(1);
    expect(run.stdout).toContain(`I2 void_answered: ${first.key}`);
    const json = JSON.parse((await verify('--json')).stdout) as {
      voids: number;
      invariants: { verdict: string }[];
    };
    expect(json.voids).toBe(1);
    expect(json.invariants[1]?.verdict).toBe('not_checked');
  }, 60_000);
});
