import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startKafka, type KafkaPart } from '@veto/testing/parts';
import { createTestTopic, startTestConsumer, stopTestConsumers, until } from './consumer.spec-support';

let kafka: KafkaPart;

beforeAll(async () => {
  kafka = await startKafka({ own: true });
}, 90_000);

afterEach(stopTestConsumers);

afterAll(async () => {
  await kafka.stop();
});

const messages = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({ key: `k${index % 5}`, value: String(from + index) }));

describe('a broker that stands still', () => {
  it('is noticed, and read from again when it goes on', async () => {
    const topic = await createTestTopic(kafka.brokers);
    await topic.produce(messages(0, 10));
    const seen = new Set<number>();
    const consumer = await startTestConsumer(topic, {
      timings: { stallMs: 2_000 },
      handler: { eachRecord: async ({ value }) => Promise.resolve(void seen.add(Number(value))) },
    });
    await until(
      () => seen.size === 10,
      () => consumer.status(),
    );
    await kafka.kill('SIGSTOP');
    try {
      await until(
        () => consumer.status().state === 'away',
        () => consumer.status(),
      );
    } finally {
      await kafka.kill('SIGCONT');
    }
    await topic.produce(messages(10, 10));
    await until(
      () => seen.size === 20,
      () => consumer.status(),
      60_000,
    );
    expect(consumer.status()).toMatchObject({ state: 'running', assignedPartitionCount: 1 });
    expect(consumer.status().rebuildCount).toBeGreaterThan(0);
    expect(consumer.fatal).toEqual([]);
    await consumer.stop();
    expect(await topic.committed()).toEqual([20]);
  }, 120_000);
});

describe('a broker that is killed and comes back', () => {
  it('is waited for, also by one that starts meanwhile, and nothing is left out', async () => {
    const topic = await createTestTopic(kafka.brokers);
    await topic.produce(messages(0, 500));
    const seen = new Set<number>();
    const slow = {
      eachRecord: async ({ value }: { readonly value: Buffer | null }) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        seen.add(Number(value));
      },
    };
    const consumer = await startTestConsumer(topic, { handler: { ...slow, concurrencyMax: 2 } });
    await until(
      () => seen.size > 20,
      () => consumer.status(),
    );
    await kafka.kill('SIGKILL');
    const second = await startTestConsumer(topic, { handler: slow });
    expect(second.status().state).toBe('away');
    await until(
      () => consumer.status().state === 'away',
      () => consumer.status(),
      60_000,
    );
    await kafka.start();
    await until(
      () => seen.size === 500 && consumer.status().state === 'running' && second.status().state === 'running',
      () => [seen.size, consumer.status(), second.status()],
      60_000,
    );
    expect([...consumer.fatal, ...second.fatal]).toEqual([]);
    await consumer.stop();
    await second.stop();
    expect(await topic.committed()).toEqual([500]);
  }, 180_000);
});

describe('what the consumer cannot mend by itself', () => {
  it('is a batch without codec that is damaged on the disk: kafkajs gives up, and so do we, aloud', async () => {
    const topic = await createTestTopic(kafka.brokers);
    await topic.produce(messages(0, 10));
    await kafka.kill('SIGTERM');
    const folder = join(kafka.directoryOf(), `${topic.fullName}-0`);
    const file = join(folder, readdirSync(folder).find((name) => name.endsWith('.log')) ?? 'no segment');
    const segment = readFileSync(file);
    segment.fill(0xff, 61, 12 + segment.readInt32BE(8));
    writeFileSync(file, segment);
    await kafka.start();
    const consumer = await startTestConsumer(topic, { handler: { eachRecord: () => Promise.resolve() } });
    await until(
      () => consumer.fatal.length > 0,
      () => consumer.status(),
      30_000,
    );
    expect(consumer.status()).toMatchObject({ state: 'failed', handledCount: 0 });
    expect(consumer.fatal).toHaveLength(1);
    await consumer.stop();
    expect((await topic.committed()).filter((offset) => offset > 0)).toEqual([]);
  }, 60_000);

  it('is a handler that hangs', async () => {
    const topic = await createTestTopic(kafka.brokers);
    await topic.produce(messages(0, 3));
    const consumer = await startTestConsumer(topic, {
      timings: { hangMs: 1_500 },
      handler: {
        eachRecord: ({ value }) => (String(value) === '1' ? new Promise(() => undefined) : Promise.resolve()),
      },
    });
    await until(
      () => consumer.fatal.length > 0,
      () => consumer.status(),
    );
    expect(consumer.fatal[0]?.message).toContain('has finished no record for 1500 ms');
    expect((await topic.committed())[0]).toBeLessThanOrEqual(1);
  }, 60_000);

  it('is a topic that is not there', async () => {
    const topic = await createTestTopic(kafka.brokers);
    await expect(
      startTestConsumer(topic, {
        topics: ['veto.nowhere.v1'],
        handler: { eachRecord: () => Promise.resolve() },
      }),
    ).rejects.toThrow(`Kafka has no topic ${topic.prefix}veto.nowhere.v1`);
  });
});

describe('a consumer that is stopped', () => {
  it('finishes what it has begun, begins nothing more, and commits', async () => {
    const topic = await createTestTopic(kafka.brokers);
    await topic.produce(messages(0, 1_000));
    const begun: number[] = [];
    const done: number[] = [];
    const consumer = await startTestConsumer(topic, {
      handler: {
        concurrencyMax: 4,
        eachRecord: async ({ offset }) => {
          begun.push(offset);
          await new Promise((resolve) => setTimeout(resolve, 50));
          done.push(offset);
        },
      },
    });
    await until(
      () => done.length > 20,
      () => consumer.status(),
    );
    const begunBefore = begun.length;
    await consumer.stop();
    expect(begun.length).toBe(begunBefore);
    expect(done.toSorted((left, right) => left - right)).toEqual(
      begun.toSorted((left, right) => left - right),
    );
    // Keys take turns, so that what four at a time have finished has no gaps once they are all done but for the last turn.
    const [committed = 0] = await topic.committed();
    const finished = new Set(done);
    expect(committed).toBe(
      Array.from({ length: 1_000 }, (_, offset) => offset).find((offset) => !finished.has(offset)),
    );
  });
});
