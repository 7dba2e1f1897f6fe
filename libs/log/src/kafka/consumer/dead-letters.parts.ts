import { systemClock } from '@veto/domain';
import { startKafka, type KafkaPart } from '@veto/testing/parts';
import { BadRecord, headerText } from './consumed-record';
import {
  createTestTopic,
  startTestConsumer,
  stopTestConsumers,
  until,
  type TestTopic,
} from './consumer.spec-support';
import { readDeadLetter, readDeadLetters, redriveDeadLetter } from './dead-letters';

let kafka: KafkaPart;

beforeAll(async () => {
  kafka = await startKafka();
}, 90_000);

afterEach(stopTestConsumers);

afterAll(async () => {
  await kafka.stop();
});

const optionsOf = (topic: TestTopic) => ({
  brokers: topic.brokers,
  clientId: 'test-dlq',
  topicPrefix: topic.prefix,
  clock: systemClock,
});

describe('a record that no attempt can handle', () => {
  it('is set aside with its own bytes and headers, and the reason beside them', async () => {
    const topic = await createTestTopic(kafka.brokers);
    const key = Buffer.from([0, 255, 254, 10]);
    const value = Buffer.from([123, 195, 40, 0]);
    await topic.produce([
      { key: 'a', value: 'fine' },
      { key, value, headers: { tenant: 'acme', twice: ['1', '2'] } },
    ]);
    const consumer = await startTestConsumer(topic, {
      handler: {
        eachRecord: async ({ value: bytes }) => {
          if (bytes?.[0] === 123) throw new BadRecord('invalid_utf8');
          return Promise.resolve();
        },
      },
    });
    await until(
      () => consumer.status().handledCount === 2,
      () => consumer.status(),
    );
    await consumer.stop();
    const [summary, ...others] = await readDeadLetters(optionsOf(topic));
    expect(others).toEqual([]);
    expect(summary).toMatchObject({
      id: `${topic.fullName}/0/1`,
      class: 'bad',
      reason: 'invalid_utf8',
      attempts: 1,
      service: 'test',
      build: 'b1',
      valueBytes: 4,
      redrivenAtMs: null,
    });
    const letter = await readDeadLetter(optionsOf(topic), `${topic.fullName}/0/1`);
    expect(letter?.key?.equals(key)).toBe(true);
    expect(letter?.value?.equals(value)).toBe(true);
    expect(letter?.headers).toEqual({
      tenant: Buffer.from('acme'),
      twice: [Buffer.from('1'), Buffer.from('2')],
    });
    expect(await readDeadLetter(optionsOf(topic), `${topic.fullName}/0/7`)).toBeNull();
  });

  it('is tried four times when we fail at it, and its error is named without its content', async () => {
    const topic = await createTestTopic(kafka.brokers);
    await topic.produce([{ key: 'a', value: '4111 1111 1111 1111' }]);
    const attemptedAtMs: number[] = [];
    const consumer = await startTestConsumer(topic, {
      handler: {
        eachRecord: async ({ value }) => {
          attemptedAtMs.push(performance.now());
          return Promise.resolve(JSON.parse(String(value)) as undefined);
        },
      },
    });
    await until(
      () => consumer.status().deadLetterCount === 1,
      () => consumer.status(),
    );
    await consumer.stop();
    expect(attemptedAtMs).toHaveLength(4);
    // 100 + 400 + 1000 ms of waiting.
    expect((attemptedAtMs[3] ?? 0) - (attemptedAtMs[0] ?? 0)).toBeGreaterThanOrEqual(1_490);
    const [summary] = await readDeadLetters(optionsOf(topic));
    expect(summary).toMatchObject({
      class: 'failed',
      attempts: 4,
      reason: expect.stringMatching(/^SyntaxError/),
    });
    expect(JSON.stringify(summary)).not.toContain('4111');
  });

  it('is set aside without its value when no dead letter can hold it', async () => {
    const topic = await createTestTopic(kafka.brokers, { deadLetterConfig: { 'max.message.bytes': '2000' } });
    const noise = Buffer.from(Array.from({ length: 5_000 }, (_, index) => (index * 7919) ^ (index >> 3)));
    await topic.produce([
      { key: 'a', value: 'small' },
      { key: 'b', value: noise },
      { key: 'c', value: 'small' },
    ]);
    const consumer = await startTestConsumer(topic, {
      handler: { eachRecord: () => Promise.reject(new BadRecord('no')) },
    });
    await until(
      () => consumer.status().deadLetterCount === 3,
      () => consumer.status(),
    );
    await consumer.stop();
    const letters = await readDeadLetters(optionsOf(topic));
    expect(
      letters.map(({ id, valueBytes, valueOmittedBytes }) => [id.at(-1), valueBytes, valueOmittedBytes]),
    ).toEqual([
      ['0', 5, null],
      ['1', 5_000, 5_000],
      ['2', 5, null],
    ]);
    await expect(redriveDeadLetter(optionsOf(topic), `${topic.fullName}/0/1`)).rejects.toThrow('own bytes');
  });
});

describe('a dead letter that is produced again', () => {
  it('is the original record, says where it comes from, and the list shows it', async () => {
    const topic = await createTestTopic(kafka.brokers, { partitionCount: 3 });
    await topic.produce([{ key: 'k', value: 'later fine', headers: { tenant: 'acme' }, partition: 2 }]);
    let isFixed = false;
    const handled: (string | null)[] = [];
    const consumer = await startTestConsumer(topic, {
      handler: {
        eachRecord: async ({ value, headers, partition }) => {
          if (!isFixed) throw new BadRecord('not_yet');
          handled.push(
            String(value),
            headerText(headers, 'tenant'),
            headerText(headers, 'dlq.redriven-from'),
            `${partition}`,
          );
          return Promise.resolve();
        },
      },
    });
    await until(
      () => consumer.status().deadLetterCount === 1,
      () => consumer.status(),
    );
    isFixed = true;
    const id = `${topic.fullName}/2/0`;
    await redriveDeadLetter(optionsOf(topic), id);
    await until(
      () => handled.length > 0,
      () => consumer.status(),
    );
    await consumer.stop();
    expect(handled).toEqual(['later fine', 'acme', id, '2']);
    const letters = await readDeadLetters(optionsOf(topic));
    expect(letters).toHaveLength(1);
    expect(letters[0]?.redrivenAtMs).toBeGreaterThan(Date.now() - 60_000);
    await expect(redriveDeadLetter(optionsOf(topic), 'x/0/0')).rejects.toThrow('no dead letter');
  });
});
