import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock, TOPICS } from '@veto/domain';
import { aTempDirectory } from '@veto/testing';
import { startKafka, type KafkaPart } from '@veto/testing/parts';
import { kafkaClient } from '../kafka-client';
import { openKafkaLog } from '../kafka-event-log';
import { aDecision, openTestLog, readAll, settled, textOf } from '../kafka-log.spec-support';
import { scanKafka } from '../scan-kafka';
import { applyTopics, type ApplyTopicsOptions } from './apply-topics';
import { TOPIC_SPECS } from './topic-specs';

let kafka: KafkaPart;
beforeAll(async () => {
  kafka = await startKafka();
});
afterAll(async () => {
  await kafka.stop();
});

const decisions = TOPIC_SPECS.filter(({ name }) => name === TOPICS.decisions);

function optionsOf(more: Partial<ApplyTopicsOptions> = {}): ApplyTopicsOptions {
  const topicPrefix = `t${randomBytes(6).toString('hex')}.`;
  return {
    brokers: kafka.brokers,
    clientId: 'test',
    topicPrefix,
    partitions: 3,
    replicationFactor: 1,
    ...more,
  };
}

describe('topics that are applied', () => {
  it('are all made the first time, and nothing is done the second time', async () => {
    const options = optionsOf();
    const names = TOPIC_SPECS.map(({ name }) => `${options.topicPrefix}${name}`);
    expect(await applyTopics(options)).toEqual({ created: names, altered: [], unchanged: [] });
    expect(await applyTopics(options)).toEqual({ created: [], altered: [], unchanged: names });
  });

  it('are refused when they differ, with every difference named, and made right when asked for', async () => {
    const options = optionsOf({ specs: decisions });
    await applyTopics(options);
    const [spec] = decisions;
    const wanted = {
      ...spec!,
      config: { ...spec!.config, 'retention.ms': '1000', 'max.message.bytes': '2000' },
    };
    const differing = { ...options, specs: [wanted], partitions: 5 };
    await expect(applyTopics(differing)).rejects.toMatchObject({
      code: 'configuration_invalid',
      message: expect.stringMatching(
        /retention\.ms is -1, must be 1000.*max\.message\.bytes is 4194304, must be 2000.*3 partitions, must have 5|max\.message\.bytes is 4194304, must be 2000.*retention\.ms is -1, must be 1000.*3 partitions, must have 5/s,
      ),
    });
    // Nothing was changed by what was refused.
    expect((await applyTopics(options)).unchanged).toHaveLength(1);
    expect((await applyTopics({ ...differing, alter: true })).altered).toHaveLength(1);
    expect((await applyTopics(differing)).unchanged).toHaveLength(1);
  });

  it('keep what an operator set on them besides', async () => {
    const options = optionsOf({ specs: decisions });
    await applyTopics(options);
    const name = `${options.topicPrefix}${TOPICS.decisions}`;
    const admin = kafkaClient(options).admin();
    await admin.connect();
    const set = (entries: Record<string, string>) =>
      admin.alterConfigs({
        validateOnly: false,
        resources: [
          {
            type: 2,
            name,
            configEntries: Object.entries(entries).map(([key, value]) => ({ name: key, value })),
          },
        ],
      });
    await set({
      ...decisions[0]!.config,
      'retention.ms': '5000',
      'segment.ms': '123456',
      'min.insync.replicas': '1',
    });
    await applyTopics({ ...options, alter: true });
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: 2, name }],
    });
    await admin.disconnect();
    const values = new Map(resources[0]?.configEntries.map((entry) => [entry.configName, entry.configValue]));
    expect([values.get('segment.ms'), values.get('retention.ms')]).toEqual(['123456', '-1']);
  });

  it('are never made by the log itself, which names the command instead', async () => {
    const directory = await aTempDirectory();
    const topicPrefix = `missing${randomBytes(4).toString('hex')}.`;
    const opened = openKafkaLog({
      brokers: kafka.brokers,
      clientId: 'test',
      clock: systemClock,
      directory: directory.path,
      topicPrefix,
    });
    await expect(opened).rejects.toMatchObject({
      code: 'configuration_invalid',
      message: expect.stringMatching(/missing.*veto\.decisions\.v1.*npm run replay -- topics/s),
    });
    const admin = kafkaClient({ brokers: kafka.brokers, clientId: 'test' }).admin();
    await admin.connect();
    expect((await admin.listTopics()).filter((name) => name.startsWith(topicPrefix))).toEqual([]);
    await admin.disconnect();
    await directory.remove();
  });
});

describe('a directory that holds the copy of another cluster', () => {
  it('is refused, for the offsets in it would mean other records', async () => {
    const options = optionsOf({ specs: decisions });
    await applyTopics(options);
    const directory = await aTempDirectory();
    const open = () =>
      openTestLog({
        brokers: kafka.brokers,
        directory: directory.path,
        topicPrefix: options.topicPrefix!,
        topics: [TOPICS.decisions],
      });
    await (await open()).close();
    const path = join(directory.path, 'cluster.json');
    const known = JSON.parse(await readFile(path, 'utf8')) as object;
    await writeFile(path, JSON.stringify({ ...known, cluster_id: 'another' }));
    await expect(open()).rejects.toMatchObject({
      code: 'configuration_invalid',
      message: expect.stringContaining('holds a copy of the Kafka cluster another'),
    });
    await directory.remove();
  });
});

describe('a topic that was given more partitions while nobody was there', () => {
  it('is read whole by a copy that goes on and by one that begins', async () => {
    const options = optionsOf({ specs: decisions });
    await applyTopics(options);
    const [first, second] = [await aTempDirectory(), await aTempDirectory()];
    const open = (path: string) =>
      openTestLog({
        brokers: kafka.brokers,
        directory: path,
        topicPrefix: options.topicPrefix!,
        topics: [TOPICS.decisions],
      });
    const log = await open(first.path);
    await log.append(Array.from({ length: 50 }, (_, i) => aDecision(`id_${i}`)));
    await settled(log);
    await log.close();
    await applyTopics({ ...options, partitions: 7, alter: true });
    const [grown, anew] = [await open(first.path), await open(second.path)];
    await grown.append(Array.from({ length: 50 }, (_, i) => aDecision(`id_${50 + i}`)));
    const expected = Array.from({ length: 100 }, (_, i) => `id_${i}`).sort();
    for (const each of [grown, anew]) {
      await settled(each);
      expect((await readAll(each)).map(textOf).sort()).toEqual(expected);
    }
    expect(Object.keys(await grown.latest())).toHaveLength(7);
    for (const each of [grown, anew]) await each.close();
    for (const each of [first, second]) await each.remove();
  });
});

describe('a scan', () => {
  it('reads every record between two cuts once, in the order of its partition, with headers and place', async () => {
    const options = optionsOf({ specs: decisions });
    await applyTopics(options);
    const directory = await aTempDirectory();
    const common = { brokers: kafka.brokers, topicPrefix: options.topicPrefix!, topics: [TOPICS.decisions] };
    // A busy machine is no outage: what is appended is on Kafka.
    const log = await openTestLog({ ...common, directory: directory.path, slowAfterMs: 10_000 });
    const recordsOf = (from: number) =>
      Array.from({ length: 700 }, (_, i) => ({
        ...aDecision(`id_${i % 90}`, `${from + i}`),
        seq: from + i,
        applied: new Uint8Array([i % 251, 7]),
      }));
    await log.append(recordsOf(0));
    const cut = await log.latest();
    await log.append(recordsOf(700));
    const found: { seq: number; key: string; place: string; applied: number }[] = [];
    const scan = (range: { from?: typeof cut; to?: typeof cut }) =>
      scanKafka({
        ...common,
        ...range,
        clientId: 'test',
        onBatch: (records) => {
          for (const { seq, key, source, applied } of records)
            found.push({
              seq: seq ?? -1,
              key,
              place: `${source.partition}@${source.offset}`,
              applied: applied?.[0] ?? -1,
            });
        },
      });
    expect(await scan({ to: cut })).toEqual(cut);
    const seqs = (): number[] => found.map(({ seq }) => seq).sort((a, b) => a - b);
    expect(seqs()).toEqual(recordsOf(0).map(({ seq }) => seq));
    expect(await scan({ from: cut })).toEqual(await log.latest());
    expect(seqs()).toEqual(Array.from({ length: 1_400 }, (_, i) => i));
    expect(new Set(found.map(({ place }) => place)).size).toBe(1_400);
    for (const { seq, applied } of found) expect(applied).toBe((seq % 700) % 251);
    for (const key of new Set(found.map((each) => each.key))) {
      const own = found.filter((each) => each.key === key).map(({ seq }) => seq);
      expect(own).toEqual([...own].sort((a, b) => a - b));
    }
    // From the end to the end there is nothing, and nothing to wait for.
    const before = found.length;
    await scan({ from: await log.latest() });
    expect(found).toHaveLength(before);
    await log.close();
    await directory.remove();
  });

  it('ends with what its reader throws', async () => {
    const options = optionsOf({ specs: decisions });
    await applyTopics(options);
    const directory = await aTempDirectory();
    const common = { brokers: kafka.brokers, topicPrefix: options.topicPrefix!, topics: [TOPICS.decisions] };
    // A busy machine is no outage: what is appended is on Kafka.
    const log = await openTestLog({ ...common, directory: directory.path, slowAfterMs: 10_000 });
    await log.append([aDecision('a')]);
    const onBatch = (): never => {
      throw new TypeError('the reader has a mistake');
    };
    await expect(scanKafka({ ...common, clientId: 'test', onBatch })).rejects.toThrow(
      'the reader has a mistake',
    );
    await log.close();
    await directory.remove();
  });
});
