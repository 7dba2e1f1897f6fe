import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { aTempDirectory, type TempDirectory } from '@veto/testing';
import {
  startConnect,
  startKafka,
  workspaceRoot,
  type ConnectPart,
  type KafkaPart,
} from '@veto/testing/parts';
import { csvToNdjson, readLines, writeCsv } from './csv-of-payments';

const ROW_COUNT = 100_000;
const TOPIC = 'veto.transactions.v1';
const configuration = (name: string): string => join(workspaceRoot(), 'docker/connect', name);

interface Line {
  readonly transaction: { readonly id: string; readonly amount: number };
}

describe('100 000 rows of a CSV through Kafka Connect, killed in the middle', () => {
  let directory: TempDirectory;
  let kafka: KafkaPart;
  let connect: ConnectPart;
  const path = (name: string): string => join(directory.path, name);

  beforeAll(async () => {
    directory = await aTempDirectory();
    kafka = await startKafka({ own: true });
    await createTopic(kafka);
    await writeCsv(path('payments.csv'), ROW_COUNT);
    await csvToNdjson(path('payments.csv'), path('payments.ndjson'));
    const sink = await readFile(configuration('decisions-sink.properties'), 'utf8');
    // Nobody decides here: what was sent is what comes out.
    await writeFile(path('sink.properties'), sink.replace('topics=veto.decisions.v1', `topics=${TOPIC}`));
    await writeFile(path('growing.ndjson'), '');
    connect = await startConnect({
      brokers: kafka.brokers,
      worker: configuration('worker.properties'),
      connectors: [configuration('transactions-source.properties'), path('sink.properties')],
      environment: {
        CONNECT_TENANT: 'demo',
        CONNECT_TRANSACTIONS_FILE: path('growing.ndjson'),
        CONNECT_DECISIONS_FILE: path('out.ndjson'),
      },
    });
  });

  afterAll(async () => {
    await connect.stop();
    await kafka.stop();
    await directory.remove();
  });

  it('come out as 100 000 payments, in the order of the file', async () => {
    const lines = (await readFile(path('payments.ndjson'), 'utf8')).split(/(?<=\n)/);
    expect(lines).toHaveLength(ROW_COUNT);
    await appendFile(path('growing.ndjson'), lines.slice(0, ROW_COUNT / 2).join(''));
    await until(async () => (await readLines(path('out.ndjson'))).length > ROW_COUNT / 10);
    await connect.kill('SIGKILL');
    await appendFile(path('growing.ndjson'), lines.slice(ROW_COUNT / 2).join(''));
    await connect.start();

    const seen = await untilAllAreOut(path('out.ndjson'));
    expect(seen.map(({ transaction }) => transaction.id)).toEqual(
      Array.from({ length: ROW_COUNT }, (_, row) => `ord_${row}`),
    );
    // 100 000 rows are 333 times the sum of 1…300, and 1…100; and a thousand times the sum of 0…99 cents.
    const sum = 333 * 45_150 + 5_050;
    expect(seen.reduce((total, { transaction }) => total + transaction.amount, 0)).toBe(
      sum * 100 + 1_000 * 4_950,
    );
  });

  it('name their tenant by their key, and stay in one partition', async () => {
    const { keys, partitions } = await firstKeys(kafka, 1_000);
    expect([...keys]).toEqual(['demo|file']);
    expect(partitions.size).toBe(1);
  });
});

/** The first record of each payment; a killed worker sends some of them a second time. */
async function untilAllAreOut(file: string): Promise<Line[]> {
  let seen = new Map<string, Line>();
  await until(async () => {
    seen = new Map();
    for (const line of await readLines<Line>(file))
      if (!seen.has(line.transaction.id)) seen.set(line.transaction.id, line);
    return seen.size === ROW_COUNT;
  });
  return [...seen.values()];
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo().catch(() => false))) await wait(300);
}

async function createTopic({ brokers }: KafkaPart): Promise<void> {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: 4 }] });
  await admin.disconnect();
}

async function firstKeys(
  { brokers }: KafkaPart,
  count: number,
): Promise<{ keys: Set<string>; partitions: Set<number> }> {
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: 'keys' });
  const keys = new Set<string>();
  const partitions = new Set<number>();
  let seenCount = 0;
  await consumer.connect();
  await consumer.subscribe({ topic: TOPIC, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    const eachMessage = async ({
      message,
      partition,
    }: {
      message: { key: Buffer | null };
      partition: number;
    }) => {
      keys.add(String(message.key));
      partitions.add(partition);
      if (++seenCount === count) resolve();
      return Promise.resolve();
    };
    consumer.run({ eachMessage }).catch(reject);
  });
  await consumer.disconnect();
  return { keys, partitions };
}
