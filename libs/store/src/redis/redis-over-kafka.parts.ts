import { join } from 'node:path';
import { packApplied, systemClock, TOPICS } from '@veto/domain';
import { applyTopics, openKafkaLog, type KafkaLog } from '@veto/log';
import { aTempDirectory, decisionBytes, type TempDirectory } from '@veto/testing';
import { startKafka, type KafkaPart, type RedisPart } from '@veto/testing/parts';
import { aPayment, idsWithTwoDecisions, Payer, sweep, TENANT } from './a-payer.spec-support';
import { ask, isServing, StoreParts, until } from './a-redis-store.spec-support';
import type { RedisStore } from './redis-state-store';

let kafka: KafkaPart;
let prefixCount = 0;
beforeAll(async () => {
  kafka = await startKafka();
});
afterAll(() => kafka.stop());

interface Opened {
  readonly log: KafkaLog;
  readonly store: RedisStore;
}

let parts: StoreParts;
let redis: RedisPart;
let directories: TempDirectory[];
let logs: KafkaLog[];
let topicPrefix: string;
beforeEach(async () => {
  parts = new StoreParts();
  [directories, logs] = [[], []];
  redis = await parts.aRedis();
  topicPrefix = `over-kafka-${process.pid}-${++prefixCount}-`;
  await applyTopics({
    brokers: kafka.brokers,
    clientId: 'test',
    topicPrefix,
    partitions: 3,
    replicationFactor: 1,
  });
});
afterEach(async () => {
  await parts.dispose();
  for (const log of logs) await log.close();
  for (const directory of directories) await directory.remove();
});

async function aDirectory(): Promise<string> {
  const directory = await aTempDirectory();
  directories.push(directory);
  return directory.path;
}

/** An instance as the server opens it: a copy of the log and an index of its own, on disk. */
async function openAt(directory: string): Promise<Opened> {
  const log = await openKafkaLog({
    brokers: kafka.brokers,
    clientId: 'test',
    topicPrefix,
    directory: join(directory, 'log'),
    clock: systemClock,
    slowAfterMs: 10_000,
  });
  logs.push(log);
  const store = await parts.aStore(redis, log, {
    directory: join(directory, 'state'),
    clock: systemClock,
    readyWithinMs: 30_000,
    leaseMs: 5_000,
  });
  await until(() => isServing(store));
  return { log, store };
}

describe('the state in Redis over the log on Kafka', () => {
  it('is made anew from Kafka when it is lost, and every id keeps its decision', async () => {
    const instances = [await openAt(await aDirectory()), await openAt(await aDirectory())];
    const payers = instances.map(({ log, store }, i) => new Payer(store, log, `instance ${i}`));
    const ids = Array.from({ length: 40 }, (_, i) => `ord_${i}`);
    const payAll = () => Promise.all(ids.flatMap((id) => payers.map((payer) => payer.pay(id))));
    await payAll();
    const { epoch } = instances[0]!.store.status()[0]!;
    await ask(redis, 'FLUSHALL');
    await until(() => instances.every(({ store }) => store.status()[0]!.epoch > epoch && isServing(store)));
    const digest = await instances[0]!.store.digest();
    await payAll();
    expect(idsWithTwoDecisions(payers)).toEqual([]);
    expect(payers.flatMap(({ answers }) => answers)).toHaveLength(4 * ids.length);
    // Repetitions changed nothing, and the other one reads the same.
    expect(await instances[1]!.store.digest()).toBe(digest);
  });

  it('hands over what one committed and never logged, and knows it from disk for ever', async () => {
    const dying = await openAt(await aDirectory());
    const directory = await aDirectory();
    const other = await openAt(directory);
    const request = aPayment('ord_1');
    const id = { tenantId: TENANT, transactionId: 'ord_1' };
    const [begun] = await dying.store.begin([request]);
    if (begun?.status !== 'begun') throw new Error('it is not begun');
    const { epoch, seq } = begun;
    const bytes = decisionBytes(id, 'approve');
    await dying.store.commit([{ ...id, bytes }]);
    await dying.store.close();
    await until(async () => (await sweep(other.store, other.log)) === 1);
    await until(async () => {
      await other.store.pending({ ageMs: 0, countMax: 10 });
      return (await ask(redis, 'ZCARD', `{v0}u${epoch}`)) === 0;
    });
    const { records } = await other.log.read({ after: -1, recordCountMax: 10, topics: [TOPICS.decisions] });
    expect(records).toMatchObject([{ key: `${TENANT}|ord_1`, epoch, seq }]);
    expect(Buffer.compare(records[0]!.value, bytes)).toBe(0);
    expect(Buffer.compare(records[0]!.applied!, packApplied(request))).toBe(0);
    await other.store.close();
    await other.log.close();
    await ask(redis, 'DEL', `{v0}c|${TENANT}|ord_1`);
    const revived = await openAt(directory);
    const [again] = await revived.store.begin([request]);
    expect(again?.status).toBe('decided');
    expect(again).not.toMatchObject({ isLogged: false });
    expect(revived.store.status()[0]!.epoch).toBe(epoch);
  });
});
