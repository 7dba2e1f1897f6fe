import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import zlib from 'node:zlib';
import { TOPICS } from '@veto/domain';
import { aTempDirectory } from '@veto/testing';
import { startKafka, type KafkaPart } from '@veto/testing/parts';
import { CompressionTypes } from 'kafkajs';
import {
  createTestTopic,
  startTestConsumer,
  stopTestConsumers,
  until,
  type TestTopic,
} from '../consumer/consumer.spec-support';
import { readDeadLetter } from '../consumer/dead-letters';
import { openTestLog, readAll, settled, textOf } from '../kafka-log.spec-support';
import type { KafkaTrouble } from '../kafka-trouble';
import { scanKafka, type ScannedRecord } from '../scan-kafka';

let kafka: KafkaPart;

beforeAll(async () => {
  kafka = await startKafka({ own: true });
}, 90_000);

afterEach(stopTestConsumers);

afterAll(async () => {
  await kafka.stop();
});

const VALUE_COUNT = 500;
const values = Array.from(
  { length: VALUE_COUNT },
  (_, index) => `{"id":"t_${index}","amount_minor":${index * 37}}`,
);

/** What a consumer makes of everything on the topic so far. */
async function consume(topic: TestTopic, recordCount: number): Promise<readonly string[]> {
  const seen: string[] = [];
  const consumer = await startTestConsumer(topic, {
    handler: {
      eachBatch: (records) => {
        seen.push(...records.map(({ value }) => String(value)));
        return Promise.resolve([]);
      },
    },
  });
  await until(
    () => seen.length >= recordCount,
    () => [seen.length, consumer.status()],
  );
  await consumer.stop();
  expect(consumer.fatal).toEqual([]);
  return seen;
}

describe('batches that a kafkajs producer packed', () => {
  const nodeWritesZstd = 'zstdCompress' in zlib;
  const written: readonly (readonly [string, CompressionTypes])[] = [
    ['gzip', CompressionTypes.GZIP],
    ['snappy', CompressionTypes.Snappy],
    ['lz4', CompressionTypes.LZ4],
  ];

  it.each(written)('are read: %s', async (_, type) => {
    const topic = await createTestTopic(kafka.brokers);
    await topic.produce(
      values.map((value) => ({ key: 'k', value })),
      type,
    );
    expect(await consume(topic, VALUE_COUNT)).toEqual(values);
  });

  it('are read with zstd, or not written at all by a Node that has none', async () => {
    const topic = await createTestTopic(kafka.brokers);
    const produced = topic.produce(
      values.map((value) => ({ key: 'k', value })),
      CompressionTypes.ZSTD,
    );
    if (nodeWritesZstd) {
      await produced;
      expect(await consume(topic, VALUE_COUNT)).toEqual(values);
    } else {
      await expect(produced).rejects.toThrow('needs Node 22.15');
    }
  });
});

describe('batches that Kafka itself packed, as a topic may ask it to', () => {
  it.each(['gzip', 'snappy', 'lz4', 'zstd'])('are read: %s', async (codec) => {
    const topic = await createTestTopic(kafka.brokers, { config: { 'compression.type': codec } });
    await topic.produce(values.map((value) => ({ key: 'k', value })));
    expect(codecOnDisk(topic)).toBe(codec);
    expect(await consume(topic, VALUE_COUNT)).toEqual(values);
  });
});

describe('a batch that was damaged on the disk', () => {
  let topic: TestTopic;

  beforeAll(async () => {
    topic = await createTestTopic(kafka.brokers);
    const messages = values.slice(0, 40).map((value) => ({ key: 'k', value }));
    await topic.produce(messages.slice(0, 10));
    await topic.produce(messages.slice(10, 30), CompressionTypes.LZ4);
    await topic.produce(messages.slice(30));
    await kafka.kill('SIGTERM');
    damageSecondBatch(topic);
    await kafka.start();
  }, 60_000);

  const whole = [...values.slice(0, 10), ...values.slice(30, 40)];
  const common = () => ({
    brokers: kafka.brokers,
    topicPrefix: topic.prefix,
    topics: [TOPICS.transactions],
    clientId: 'test',
  });

  it('is set aside as it is, and what comes before and after it is handled', async () => {
    const seen: string[] = [];
    const consumer = await startTestConsumer(topic, {
      handler: {
        eachRecord: async ({ value }) => {
          seen.push(String(value));
          return Promise.resolve();
        },
      },
    });
    await until(
      () => seen.length === 20 && consumer.status().deadLetterCount === 1,
      () => [seen, consumer.status()],
    );
    await consumer.stop();
    expect(seen).toEqual(whole);
    expect(await topic.committed()).toEqual([40]);
    expect(consumer.troubles).toMatchObject([
      { kind: 'undecodable_batch', place: { offset: 10 }, lastOffset: 29 },
    ]);
    const letter = await readDeadLetter(
      { brokers: kafka.brokers, clientId: 'test', topicPrefix: topic.prefix },
      `${topic.fullName}/0/10`,
    );
    expect(letter).toMatchObject({ class: 'undecodable', lastOffset: 29 });
    // The batch itself: it begins with the offset of its first record.
    expect(letter?.value?.readBigInt64BE(0)).toBe(10n);
  }, 60_000);

  it('is passed over by the copy of a log, which tells once what is missing', async () => {
    const directory = await aTempDirectory();
    const troubles: KafkaTrouble[] = [];
    const log = await openTestLog({
      ...common(),
      directory: directory.path,
      onTrouble: (trouble) => troubles.push(trouble),
    });
    await settled(log);
    expect((await readAll(log)).map(textOf)).toEqual(whole);
    expect(log.cut()).toEqual({ 'veto.transactions.v1/0': 40 });
    expect(troubles).toEqual([
      {
        kind: 'batch_skipped',
        partition: 'veto.transactions.v1/0',
        firstOffset: 10,
        lastOffset: 29,
        detail: expect.stringMatching(/^lz4: /),
      },
    ]);
    await log.close();
    await directory.remove();
  });

  it('ends a scan, unless somebody wants to be told and to have the rest', async () => {
    const texts: string[] = [];
    const onBatch = (records: readonly ScannedRecord[]): void => void texts.push(...records.map(textOf));
    await expect(scanKafka({ ...common(), onBatch })).rejects.toMatchObject({
      code: 'log_corrupt',
      message: expect.stringMatching(/^veto\.transactions\.v1\/0, offsets 10 to 29: .*lz4/),
    });
    expect(texts).toEqual([]);
    const told: string[] = [];
    await scanKafka({
      ...common(),
      onBatch,
      onUndecodable: ({ partition, firstOffset, lastOffset }) => {
        told.push(`${partition} ${firstOffset}-${lastOffset}`);
      },
    });
    expect(told).toEqual(['veto.transactions.v1/0 10-29']);
    expect(texts).toEqual(whole);
  });

  it('does not concern a scan of what lies after it', async () => {
    const texts: string[] = [];
    const from = { 'veto.transactions.v1/0': 30 };
    await scanKafka({ ...common(), from, onBatch: (records) => void texts.push(...records.map(textOf)) });
    expect(texts).toEqual(values.slice(30, 40));
  });
});

function segmentOf(topic: TestTopic): string {
  const folder = join(kafka.directoryOf(), `${topic.fullName}-0`);
  const file = readdirSync(folder).find((name) => name.endsWith('.log'));
  if (file === undefined) throw new Error(`no segment in ${folder}`);
  return join(folder, file);
}

/** By the attributes of the first batch. */
function codecOnDisk(topic: TestTopic): string | undefined {
  return ['none', 'gzip', 'snappy', 'lz4', 'zstd'][readFileSync(segmentOf(topic)).readInt16BE(21) & 7];
}

function damageSecondBatch(topic: TestTopic): void {
  const file = segmentOf(topic);
  const segment = readFileSync(file);
  const start = 12 + segment.readInt32BE(8);
  const end = start + 12 + segment.readInt32BE(start + 8);
  // Behind the header of 61 bytes and the frame's own of 7: the records.
  segment.fill(0xff, start + 61 + 11, end);
  writeFileSync(file, segment);
}
