import { bundleScript, killAfter } from '@veto/testing';
import { startKafka, type KafkaPart } from '@veto/testing/parts';
import { Partitioners } from 'kafkajs';
import {
  createTestTopic,
  startTestConsumer,
  stopTestConsumers,
  until,
  type TestTopic,
} from './consumer.spec-support';

let kafka: KafkaPart;

beforeAll(async () => {
  kafka = await startKafka();
}, 90_000);

afterEach(stopTestConsumers);

afterAll(async () => {
  await kafka.stop();
});

interface Handled {
  readonly key: string;
  readonly value: number;
  readonly member: string;
}

/** Produces records of 20 keys in turn, 40 at a time, until it is stopped. @returns how to stop, and how many there were */
function produceSteadily(topic: TestTopic): () => Promise<number> {
  let isStopped = false;
  const run = async (): Promise<number> => {
    const producer = topic.kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    let count = 0;
    while (!isStopped) {
      const messages = Array.from({ length: 40 }, (_, index) => ({
        key: `k${(count + index) % 20}`,
        value: String(count + index),
      }));
      await producer.send({ topic: topic.fullName, acks: -1, messages });
      count += 40;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await producer.disconnect();
    return count;
  };
  const running = run();
  return () => {
    isStopped = true;
    return running;
  };
}

async function member(topic: TestTopic, name: string, handled: Handled[]) {
  return startTestConsumer(topic, {
    handler: {
      eachRecord: async ({ key, value, isStale }) => {
        await new Promise((resolve) => setTimeout(resolve, 2));
        if (!isStale()) handled.push({ key: String(key), value: Number(value), member: name });
      },
    },
  });
}

describe('a group that grows from one to three members and back, under load', () => {
  it('handles every record, and those of a key in order but for repetitions', async () => {
    const topic = await createTestTopic(kafka.brokers, { partitionCount: 6 });
    const handled: Handled[] = [];
    const stopProducing = produceSteadily(topic);
    const first = await member(topic, 'first', handled);
    await until(
      () => handled.length > 200,
      () => first.status(),
    );
    const second = await member(topic, 'second', handled);
    const third = await member(topic, 'third', handled);
    await until(
      () =>
        ['first', 'second', 'third'].every((name) =>
          handled.slice(-500).some((record) => record.member === name),
        ),
      () => [first.status(), second.status(), third.status()],
      30_000,
    );
    await third.stop();
    await first.stop();
    const count = await stopProducing();
    await until(
      () => new Set(handled.map(({ value }) => value)).size === count,
      () => [handled.length, second.status()],
      40_000,
    );
    await second.stop();
    const committed = await topic.committed();
    expect(committed).toHaveLength(6);
    // To the end, which lies behind `count` where the producer had to send a request again.
    expect(committed).toEqual(await topic.ends());
    expect(orderBreaks(handled)).toEqual([]);
    expect([...first.fatal, ...second.fatal, ...third.fatal]).toEqual([]);
  }, 90_000);
});

describe('a consumer that is killed again and again in the middle of a batch', () => {
  it('leaves no record out: what it had not finished is read again', async () => {
    const topic = await createTestTopic(kafka.brokers);
    const count = 40_000;
    await topic.produce(Array.from({ length: count }, (_, index) => ({ key: `k${index % 50}`, value: 'x' })));
    const packages = ['kafkajs', 'lz4-napi', 'snappyjs', 'fzstd', 'zod'];
    const script = bundleScript('libs/log/src/kafka/consumer/consume-until-killed.spec-support.ts', packages);
    const handled: number[] = [];
    for (let kill = 0; kill < 3; kill++) {
      const lines = await killAfter(
        script,
        [topic.brokers.join(','), topic.prefix, topic.groupId],
        400 + kill * 150,
      );
      handled.push(...lines.map(Number));
      const [committed = -1] = await topic.committed();
      // Whatever is committed was handled, every one of it.
      const seen = new Set(handled);
      expect(
        Array.from({ length: Math.max(0, committed) }, (_, offset) => offset).filter((o) => !seen.has(o)),
      ).toEqual([]);
    }
    expect(handled.length).toBeGreaterThan(500);
    expect(new Set(handled).size).toBeLessThan(count);
    const rest: number[] = [];
    const consumer = await startTestConsumer(topic, {
      handler: { eachRecord: async ({ offset }) => Promise.resolve(void rest.push(offset)) },
    });
    await until(
      () => rest.includes(count - 1),
      () => consumer.status(),
      30_000,
    );
    await consumer.stop();
    expect(new Set([...handled, ...rest]).size).toBe(count);
    expect(await topic.committed()).toEqual([count]);
  }, 120_000);
});

/** Records that came before a smaller one of their key had ever come: repetitions apart, order is as produced. */
function orderBreaks(handled: readonly Handled[]): readonly Handled[] {
  const highest = new Map<string, number>();
  return handled.filter(({ key, value }) => {
    const before = highest.get(key);
    highest.set(key, Math.max(before ?? -1, value));
    // Of 20 keys in turn, the next of a key is 20 further on.
    return before === undefined ? value >= 20 : value > before + 20;
  });
}
