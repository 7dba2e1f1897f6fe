import { VetoError } from '@veto/domain';
import { startKafka, type KafkaPart } from '@veto/testing/parts';
import { BadRecord, type ConsumedRecord } from './consumed-record';
import { createTestTopic, startTestConsumer, stopTestConsumers, until } from './consumer.spec-support';

let kafka: KafkaPart;

beforeAll(async () => {
  kafka = await startKafka();
}, 90_000);

afterEach(stopTestConsumers);

afterAll(async () => {
  await kafka.stop();
});

function keyed(count: number, keyCount = 7): { readonly key: string; readonly value: string }[] {
  return Array.from({ length: count }, (_, index) => ({ key: `k${index % keyCount}`, value: String(index) }));
}

const textOf = (record: ConsumedRecord): string => record.value?.toString() ?? '';

describe('records one by one', () => {
  it('are handled in the order of their key, and committed up to the end', async () => {
    const topic = await createTestTopic(kafka.brokers, { partitionCount: 3 });
    await topic.produce(keyed(2_000));
    const seen = new Map<string, number[]>();
    const consumer = await startTestConsumer(topic, {
      handler: {
        eachRecord: async (record) => {
          await new Promise((resolve) => setTimeout(resolve, Math.random() < 0.01 ? 5 : 0));
          const key = String(record.key);
          seen.set(key, [...(seen.get(key) ?? []), Number(textOf(record))]);
        },
      },
    });
    await until(
      () => consumer.status().handledCount === 2_000,
      () => consumer.status(),
    );
    await consumer.stop();
    expect([...seen.values()].flat()).toHaveLength(2_000);
    for (const values of seen.values())
      expect(values).toEqual(values.toSorted((left, right) => left - right));
    const committed = await topic.committed();
    expect(committed.filter((offset) => offset > 0).reduce((sum, offset) => sum + offset, 0)).toBe(2_000);
    expect(consumer.status().state).toBe('stopped');
    expect(consumer.fatal).toEqual([]);
  });

  it('do not stop the consumer whatever the handler throws', async () => {
    const topic = await createTestTopic(kafka.brokers);
    const thrown = [
      new TypeError('x'),
      new SyntaxError('Unexpected token 4111111111111111'),
      new RangeError('x'),
      new ReferenceError('x'),
      'a string',
      undefined,
      new BadRecord('not_json'),
      new VetoError('invalid_request', 'amount'),
    ];
    await topic.produce([
      ...thrown.map((_, index) => ({ key: `bad${index}`, value: `throw ${index}` })),
      { key: 'good', value: 'fine' },
    ]);
    const done: string[] = [];
    const consumer = await startTestConsumer(topic, {
      handler: {
        eachRecord: async (record) => {
          const index = /^throw (\d)$/.exec(textOf(record))?.[1];
          // Whatever it is, also what is no error.
          if (index !== undefined) return Promise.reject(thrown[Number(index)] as Error);
          done.push(textOf(record));
        },
      },
    });
    await until(
      () => consumer.status().handledCount === 9,
      () => consumer.status(),
    );
    expect(done).toEqual(['fine']);
    expect(await topic.deadLetterCount()).toBe(8);
    await consumer.stop();
    expect(await topic.committed()).toEqual([9]);
  });
});

describe('records in small batches', () => {
  it('come in full batches, two at a time, in the order of the partition', async () => {
    const topic = await createTestTopic(kafka.brokers);
    await topic.produce(keyed(1_000));
    const handedOver: number[] = [];
    const sizes: number[] = [];
    let inFlight = 0;
    let inFlightMax = 0;
    const consumer = await startTestConsumer(topic, {
      handler: {
        eachBatch: async (records) => {
          inFlight += 1;
          inFlightMax = Math.max(inFlightMax, inFlight);
          sizes.push(records.length);
          handedOver.push(...records.map((record) => Number(textOf(record))));
          await new Promise((resolve) => setTimeout(resolve, 1));
          inFlight -= 1;
          return [];
        },
      },
    });
    await until(
      () => consumer.status().handledCount === 1_000,
      () => consumer.status(),
    );
    await consumer.stop();
    expect(handedOver).toEqual(Array.from({ length: 1_000 }, (_, index) => index));
    expect(inFlightMax).toBe(2);
    expect(Math.max(...sizes)).toBe(32);
  });

  it('lose only the one that spoils the call', async () => {
    const topic = await createTestTopic(kafka.brokers);
    await topic.produce(keyed(100));
    const done = new Set<number>();
    const consumer = await startTestConsumer(topic, {
      handler: {
        eachBatch: async (records) => {
          if (records.some((record) => textOf(record) === '40')) throw new TypeError('all of them');
          for (const record of records) done.add(Number(textOf(record)));
          return records.map((record) => (textOf(record) === '70' ? new BadRecord('seventy') : undefined));
        },
      },
    });
    await until(
      () => consumer.status().handledCount === 100,
      () => consumer.status(),
    );
    await consumer.stop();
    expect(done.size).toBe(99);
    expect(await topic.deadLetterCount()).toBe(2);
  });
});
