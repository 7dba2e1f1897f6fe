import { VetoError } from '@veto/domain';
import { startKafka, type KafkaPart } from '@veto/testing/parts';
import { BadRecord } from './consumed-record';
import { createTestTopic, startTestConsumer, stopTestConsumers, until } from './consumer.spec-support';

let kafka: KafkaPart;

beforeAll(async () => {
  kafka = await startKafka();
}, 90_000);

afterEach(stopTestConsumers);

afterAll(async () => {
  await kafka.stop();
});

describe('a world that does not answer', () => {
  it('is waited for: nothing is set aside, nothing is committed over it, and the rest follows', async () => {
    const topic = await createTestTopic(kafka.brokers);
    await topic.produce(Array.from({ length: 50 }, (_, index) => ({ key: 'one', value: String(index) })));
    let isDown = false;
    const done: number[] = [];
    const consumer = await startTestConsumer(topic, {
      handler: {
        eachRecord: async ({ value }) => {
          if (Number(value) === 20) isDown ||= done.length === 20 && consumerStoppedWorld();
          if (isDown) throw new VetoError('store_unavailable', 'Redis is away', { retryable: true });
          done.push(Number(value));
          return Promise.resolve();
        },
      },
    });
    let wasDown = false;
    function consumerStoppedWorld(): boolean {
      const goesDown = !wasDown;
      wasDown = true;
      return goesDown;
    }
    await until(
      () => consumer.status().waitingFor === 'store_unavailable',
      () => consumer.status(),
    );
    await until(
      async () => (await topic.committed())[0] === 20,
      () => consumer.status(),
    );
    await until(
      () => (consumer.lag()[0]?.seconds ?? 0) > 1,
      () => consumer.lag(),
    );
    expect(consumer.lag()).toMatchObject([
      { topic: topic.fullName, partition: 0, recordCount: 30, pausedBy: null },
    ]);
    isDown = false;
    await until(
      () => consumer.status().handledCount === 50,
      () => consumer.status(),
    );
    expect(done).toEqual(Array.from({ length: 50 }, (_, index) => index));
    expect(consumer.lag()).toMatchObject([{ recordCount: 0, seconds: 0 }]);
    await consumer.stop();
    expect(consumer.troubles.map(({ kind }) => kind)).toEqual(['waiting', 'waiting_over']);
    expect(await topic.deadLetterCount()).toBe(0);
  });

  it('is also the topic of the dead letters: what it does not take is not committed', async () => {
    const topic = await createTestTopic(kafka.brokers);
    await topic.produce([
      { key: 'a', value: 'fine' },
      { key: 'b', value: 'poison' },
      { key: 'c', value: 'fine' },
    ]);
    let openGate: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (openGate = resolve));
    const consumer = await startTestConsumer(topic, {
      handler: {
        eachRecord: async ({ value }) => {
          await gate;
          if (String(value) === 'poison') throw new BadRecord('poison');
        },
      },
    });
    await topic.deleteDeadLetterTopic();
    openGate();
    await until(
      () => consumer.status().waitingFor === 'dead_letters_unavailable',
      () => consumer.status(),
    );
    await until(
      () => consumer.status().handledCount === 2,
      () => consumer.status(),
    );
    await until(
      async () => (await topic.committed())[0] === 1,
      () => consumer.status(),
    );
    await topic.createDeadLetterTopic();
    await until(
      () => consumer.status().deadLetterCount === 1,
      () => consumer.status(),
      30_000,
    );
    await consumer.stop();
    expect(await topic.committed()).toEqual([3]);
  }, 60_000);
});

describe('a handler of ours with a bug', () => {
  it('stops its partition alone, before every record is set aside, and one attempt later on lets it go on', async () => {
    const topic = await createTestTopic(kafka.brokers, { partitionCount: 2 });
    const messages = Array.from({ length: 400 }, (_, index) => ({
      key: String(index),
      value: index % 2 === 0 ? 'hit by the bug' : 'fine',
      partition: index % 2,
    }));
    await topic.produce(messages);
    let hasBug = true;
    const consumer = await startTestConsumer(topic, {
      circuit: { failedCountMax: 5, openMs: 3_000 },
      handler: {
        concurrencyMax: 8,
        eachRecord: async ({ value }) =>
          hasBug && String(value) !== 'fine' ? Promise.reject(new TypeError('our bug')) : Promise.resolve(),
      },
    });
    await until(
      () => consumer.troubles.some(({ kind }) => kind === 'circuit_open'),
      () => consumer.status(),
      30_000,
    );
    await until(
      () => consumer.lag().some(({ partition, recordCount }) => partition === 1 && recordCount === 0),
      () => consumer.lag(),
    );
    const paused = consumer.lag().find(({ partition }) => partition === 0);
    expect(paused?.pausedBy).toBe('circuit');
    expect(paused?.recordCount).toBeGreaterThan(180);
    // Five are too few to open it; of those that were on their way at that moment none was set aside.
    await until(
      () => consumer.status().deadLetterCount === 5,
      () => consumer.status(),
    );
    hasBug = false;
    await until(
      () => consumer.lag().every(({ recordCount, pausedBy }) => recordCount === 0 && pausedBy === null),
      () => consumer.lag(),
      30_000,
    );
    await consumer.stop();
    expect(consumer.troubles.map(({ kind }) => kind)).toContain('circuit_closed');
    expect(await topic.deadLetterCount()).toBe(5);
    expect(await topic.committed()).toEqual([200, 200]);
  }, 90_000);

  it('does not count what is wrong with the records themselves', async () => {
    const topic = await createTestTopic(kafka.brokers);
    await topic.produce(Array.from({ length: 300 }, (_, index) => ({ key: String(index), value: 'x' })));
    const consumer = await startTestConsumer(topic, {
      circuit: { failedCountMax: 5 },
      handler: { eachRecord: () => Promise.reject(new BadRecord('all_bad')) },
    });
    await until(
      () => consumer.status().deadLetterCount === 300,
      () => consumer.status(),
    );
    await consumer.stop();
    expect(consumer.lag()[0]?.pausedBy).toBeNull();
    expect(await topic.deadLetterCount()).toBe(300);
  });
});
