import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeRecord, recordLabel, scoreTransactions } from '@veto/decision';
import { systemClock, TOPICS, type Topic } from '@veto/domain';
import { openKafkaAppender, openSegmentLog, scanKafka, type ScannedRecord } from '@veto/log';
import { aBeginRequest, aLabel } from '@veto/testing';
import { payloadOf, startInstance, tenantOf } from '../cluster/a-cluster.spec-support';
import { runCli, type CliRun } from '../cluster/built-cli.spec-support';
import {
  flagsOf,
  PARTS_START_MS,
  startClusterParts,
  type ClusterParts,
} from '../cluster/cluster-parts.spec-support';
import type { ClusterPlace } from '../cluster/cluster-place';
import { openReplayLine } from '../line/open-replay-line';
import { EmbeddedData } from '../migrate/embedded-data';

const PAYMENT_COUNT = 300;
const START_MS = Date.UTC(2026, 4, 4, 9);
let parts: ClusterParts;
let root: string;

beforeAll(async () => {
  parts = await startClusterParts('migrate');
  root = mkdtempSync(join(tmpdir(), 'veto-migrate-test-'));
}, PARTS_START_MS);

afterAll(async () => {
  await parts.stop();
  rmSync(root, { recursive: true, force: true });
});

/** Topics of its own, and both Redis servers empty. */
async function anEmptyCluster(): Promise<ClusterPlace> {
  await parts.emptyRedis();
  return parts.aPlace();
}

const run = (command: string, place: ClusterPlace, ...more: readonly string[]): Promise<CliRun> =>
  runCli(command, ...flagsOf(place), ...more);

/** What a server in one process leaves: payments of two tenants, labels, a revision, a case event, a list entry. */
async function aDataDirectory(name: string, options: { readonly orphan?: boolean } = {}): Promise<string> {
  const directory = join(root, name);
  const { line, clock, close } = await openReplayLine({ modelDirectory: null, dataDirectory: directory });
  for (let i = 0; i < PAYMENT_COUNT; i++) {
    const atMs = START_MS + i * 60_000;
    clock.advanceTo(atMs);
    const tenantId = tenantOf(i);
    const arrival = { tenantId, payload: payloadOf(i, atMs), receivedAtMs: atMs, parseMs: 0 };
    await scoreTransactions(line, [arrival]);
    if (i % 10 === 9) {
      const label = aLabel({ transaction_id: `ord_${i}`, reported_at: new Date(atMs).toISOString() });
      await recordLabel(line, { tenantId, label, receivedAtMs: atMs });
    }
  }
  const value = encodeRecord({ of: 'the desk' });
  await line.log.append([
    { topic: TOPICS.caseEvents, key: 'ten_a|dec_1', value },
    { topic: TOPICS.lists, key: 'ten_a|entry_1', value },
  ]);
  if (options.orphan === true) {
    const begun = { tenantId: 'ten_a', transactionId: 'orphan' };
    const { tenantId } = begun;
    const payload = payloadOf(0);
    const received = {
      ...{
        schema: 'transaction-received.v1',
        tenant_id: tenantId,
        fingerprint: 'sha256:0',
        received_at_ms: START_MS,
      },
      transaction: { ...payload, transaction: { ...payload.transaction, id: 'orphan' } },
    };
    await line.store.begin([
      aBeginRequest({ ...begun, entityKeys: ['ten_a|card:1'], payload: encodeRecord(received) }),
    ]);
    await line.log.append([]);
  }
  await close();
  return directory;
}

async function recordsOf(place: ClusterPlace, topics: readonly Topic[]): Promise<ScannedRecord[]> {
  const found: ScannedRecord[] = [];
  const { brokers, topicPrefix } = place;
  const onBatch = (records: readonly ScannedRecord[]): void => void found.push(...records);
  await scanKafka({ brokers, topicPrefix, clientId: 'test', topics, onBatch });
  return found;
}

const textOf = ({ topic, key, value }: { topic: string; key: string; value: Uint8Array }): string =>
  `${topic} ${key} ${Buffer.from(value).toString()}`;

describe('replay migrate', () => {
  it('moves every value byte for byte to two shards, whose state is the one that was left', async () => {
    const data = await aDataDirectory('whole');
    const place = await anEmptyCluster();
    const migrated = await run('migrate', place, '--data', data);
    expect(migrated.stdout).toContain(`${PAYMENT_COUNT + PAYMENT_COUNT / 10 + 2} records moved`);
    expect({ code: migrated.code, said: migrated.stderr }).toEqual({
      code: 0,
      said: expect.any(String) as string,
    });
    const [, embedded, cluster] =
      /embedded ([0-9a-f]{64})\ncluster {2}([0-9a-f]{64})/.exec(migrated.stdout) ?? [];
    expect(cluster).toBe(embedded);
    const verifiedThere = await runCli('verify', '--no-model', '--data', data);
    expect(verifiedThere.stdout).toContain(`: 0 differences`);
    expect(verifiedThere.stdout).toContain(`State ${embedded}`);

    const log = await openSegmentLog({ directory: join(data, 'log'), clock: systemClock });
    const { records } = await log.read({ after: -1, recordCountMax: 10_000 });
    await log.close();
    const moved = await recordsOf(place, [TOPICS.decisions, TOPICS.labels, TOPICS.caseEvents, TOPICS.lists]);
    expect(moved.map(textOf).sort()).toEqual(
      records
        .filter(({ topic }) => topic !== TOPICS.transactions)
        .map(textOf)
        .sort(),
    );
    expect(moved.every(({ appendedAtMs }) => appendedAtMs < START_MS + PAYMENT_COUNT * 60_000)).toBe(true);

    const again = await run('migrate', place, '--data', data);
    expect(again.stdout).toContain('0 records moved');
    expect(again.stdout).toContain(`cluster  ${embedded}`);
    expect(again.code).toBe(0);

    const instance = await startInstance(place);
    const receivedAtMs = START_MS;
    const known = {
      tenantId: tenantOf(7),
      payload: payloadOf(7, START_MS + 7 * 60_000),
      receivedAtMs,
      parseMs: 0,
    };
    const [answer] = await scoreTransactions(instance.line, [known]);
    expect(answer).toMatchObject({ status: 'decided', replayed: true });
    const next = { ...known, payload: payloadOf(PAYMENT_COUNT), receivedAtMs: Date.now() };
    const [decided] = await scoreTransactions(instance.line, [next]);
    expect(decided).toMatchObject({ status: 'decided', record: { epoch: 2, silent: ['model'] } });
    await instance.close();
    const verified = await run('verify', place, '--no-model');
    expect(verified.stdout).toContain(`${PAYMENT_COUNT + 1} decisions, ${PAYMENT_COUNT / 10} labels`);
    expect(verified.stdout).toContain(': 0 differences');
    expect(verified.stdout).toMatch(/^I5 +held .*the digest of Redis/m);

    const late = await run('migrate', place, '--data', data);
    expect(late.code).toBe(1);
    expect(late.stderr).toContain('the target is not empty');
  }, 120_000);

  it('goes on where an earlier attempt was interrupted, also when that wrote a batch twice', async () => {
    const data = await aDataDirectory('interrupted');
    const place = await anEmptyCluster();
    const { brokers, topicPrefix } = place;
    const topics = [TOPICS.decisions, TOPICS.labels, TOPICS.caseEvents, TOPICS.lists];
    const appender = await openKafkaAppender({ brokers, topicPrefix, clientId: 'test', topics });
    const embedded = await EmbeddedData.open(data);
    await embedded.walk(async (records) => {
      if (records.length === 0) return;
      await appender.append(records.slice(0, 120));
      await appender.append(records.slice(100, 150));
    });
    await embedded.close();
    await appender.close();

    const migrated = await run('migrate', place, '--data', data);
    expect(migrated.stdout).toContain(`${PAYMENT_COUNT + PAYMENT_COUNT / 10 + 2 - 150} records moved`);
    expect(migrated.code).toBe(0);
    const verified = await run('verify', place, '--no-model');
    expect(verified.stdout).toContain(`${PAYMENT_COUNT} decisions`);
    expect(verified.stdout).toContain(': 0 differences');
  }, 120_000);

  it('writes nothing while a payment is undecided, or to a cluster that holds anything else', async () => {
    const place = await anEmptyCluster();
    const withOrphan = await aDataDirectory('orphan', { orphan: true });
    const refused = await run('migrate', place, '--data', withOrphan);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('1 payments were received and never decided: ten_a|orphan');
    expect(await recordsOf(place, [TOPICS.decisions])).toEqual([]);

    const data = await aDataDirectory('other');
    const instance = await startInstance(place);
    await instance.close();
    const used = await run('migrate', place, '--data', data);
    expect(used.code).toBe(1);
    expect(used.stderr).toContain('the target is not empty');
    expect(await recordsOf(place, [TOPICS.decisions])).toEqual([]);
  }, 120_000);

  it('says what is missing', async () => {
    const place = await anEmptyCluster();
    writeFileSync(join(root, 'nothing'), '');
    const nowhere = await run('migrate', place, '--data', join(root, 'nothing'));
    expect(nowhere.stderr).toContain('there is no log at');
    const noTopics = await run(
      'migrate',
      { ...place, topicPrefix: 'none.' },
      '--data',
      await aDataDirectory('topicless'),
    );
    expect(noTopics.stderr).toContain('npm run replay -- topics');
  }, 120_000);
});
