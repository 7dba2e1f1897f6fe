import { execFileSync } from 'node:child_process';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Kafka, logLevel, type EachMessagePayload } from 'kafkajs';
import { aTempDirectory, type TempDirectory } from '@veto/testing';
import {
  startConnect,
  startKafka,
  startRedis,
  workspaceRoot,
  type ConnectPart,
  type KafkaPart,
} from '@veto/testing/parts';
import { startServer } from '../support/start-server';
import { csvToNdjson, writeCsv } from './csv-of-payments';
import { FollowedFile } from './followed-file';

const ROW_COUNT = 100_000;
/** Five programs and a hundred thousand rows, beside whatever else the machine has to do. */
const STARTED_WITHIN_MS = 400_000;
/** Five minutes on two cores with seven others waiting for each; much less alone. */
const DECIDED_WITHIN_MS = 900_000;
const configuration = (name: string): string => join(workspaceRoot(), 'docker/connect', name);

/** A line of the decisions' file, as far as it is looked at here. */
interface Decided {
  readonly schema: string;
  readonly tenant_id: string;
  readonly seq: number;
  readonly transaction: { readonly transaction: { readonly id: string; readonly amount: number } };
  readonly decision: { readonly id: string };
}

describe('100 000 rows of a CSV through Kafka Connect, killed in the middle', () => {
  let directory: TempDirectory;
  let kafka: KafkaPart;
  let connect: ConnectPart;
  /** In the order of their start; a hook that fails half way leaves what it had started by then. */
  const started: (() => Promise<void>)[] = [];
  const path = (name: string): string => join(directory.path, name);

  beforeAll(async () => {
    directory = await aTempDirectory();
    started.push(() => directory.remove());
    kafka = await startKafka({ own: true });
    started.push(() => kafka.stop());
    const redis = await startRedis({ own: true });
    started.push(() => redis.stop());
    const brokers = kafka.brokers.join(',');
    const topics = ['topics', '--brokers', brokers, '--partitions', '4', '--replication', '1'];
    execFileSync('node', ['dist/apps/replay/main.mjs', ...topics], { cwd: workspaceRoot() });
    await mkdir(path('server'));
    const server = await startServer({
      dataDirectory: path('server'),
      environment: { KAFKA_BROKERS: brokers, REDIS_URL: redis.url, ROLES: 'stream' },
    });
    started.push(() => server.kill());
    await writeCsv(path('payments.csv'), ROW_COUNT);
    await csvToNdjson(path('payments.csv'), path('payments.ndjson'));
    await writeFile(path('growing.ndjson'), '');
    connect = await startConnect({
      brokers: kafka.brokers,
      worker: configuration('worker.properties'),
      connectors: ['transactions-source.properties', 'decisions-sink.properties'].map(configuration),
      environment: {
        CONNECT_TENANT: 'acme',
        CONNECT_TRANSACTIONS_FILE: path('growing.ndjson'),
        CONNECT_DECISIONS_FILE: path('decisions.ndjson'),
      },
    });
    started.push(() => connect.stop());
  }, STARTED_WITHIN_MS);

  afterAll(async () => {
    for (const stop of started.reverse()) await stop();
  });

  it(
    'come out as one decision for each payment',
    async () => {
      const lines = (await readFile(path('payments.ndjson'), 'utf8')).split(/(?<=\n)/);
      expect(lines).toHaveLength(ROW_COUNT);
      const decisions = new Decisions(path('decisions.ndjson'));
      await appendFile(path('growing.ndjson'), lines.slice(0, ROW_COUNT / 2).join(''));
      await decisions.untilThereAre(ROW_COUNT / 10);
      await connect.kill('SIGKILL');
      await appendFile(path('growing.ndjson'), lines.slice(ROW_COUNT / 2).join(''));
      await connect.start();
      await decisions.untilThereAre(ROW_COUNT);

      expect(decisions.contradictions).toEqual([]);
      const ids = Array.from({ length: ROW_COUNT }, (_, row) => `ord_${row}`);
      expect(ids.filter((id) => !decisions.byId.has(id))).toEqual([]);
      // 100 000 rows are 333 times 1 … 300 and once 1 … 100 whole units; and a thousand times 0 … 99 hundredths.
      const units = 333 * 45_150 + 5_050;
      const amounts = [...decisions.byId.values()].map(({ transaction }) => transaction.transaction.amount);
      expect(amounts.reduce((sum, amount) => sum + amount, 0)).toBe(units * 100 + 1_000 * 4_950);
    },
    DECIDED_WITHIN_MS,
  );

  it('name their tenant by their key, and stay in one partition', async () => {
    const { keys, partitions } = await firstRecords(kafka, 1_000);
    expect([...keys]).toEqual(['acme|file']);
    expect(partitions.size).toBe(1);
  });
});

/** What the sink wrote: the first decision of each payment, and every later one that says something else. */
class Decisions {
  readonly byId = new Map<string, Decided>();
  readonly contradictions: string[] = [];
  private readonly file: FollowedFile;

  constructor(path: string) {
    this.file = new FollowedFile(path);
  }

  async untilThereAre(count: number): Promise<void> {
    for (;;) {
      for await (const decided of this.file.newLines<Decided>()) this.take(decided);
      if (this.byId.size >= count) return;
      await wait(200);
    }
  }

  private take(decided: Decided): void {
    const { id } = decided.transaction.transaction;
    const first = this.byId.get(id);
    if (first === undefined) this.byId.set(id, decided);
    else if (JSON.stringify(first) !== JSON.stringify(decided)) this.contradictions.push(id);
  }
}

async function firstRecords(
  { brokers }: KafkaPart,
  count: number,
): Promise<{ keys: Set<string>; partitions: Set<number> }> {
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: 'keys' });
  const keys = new Set<string>();
  const partitions = new Set<number>();
  let seenCount = 0;
  await consumer.connect();
  await consumer.subscribe({ topic: 'veto.transactions.v1', fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    const eachMessage = async ({ message, partition }: EachMessagePayload): Promise<void> => {
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
