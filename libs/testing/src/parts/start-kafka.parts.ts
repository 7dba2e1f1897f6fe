import { existsSync } from 'node:fs';
import { startKafka, type KafkaPart } from './start-kafka';
import { countBrokers } from './kafka-wire';

describe('one broker', () => {
  let kafka: KafkaPart;

  beforeAll(async () => {
    kafka = await startKafka({ own: true });
  });

  afterAll(async () => {
    await kafka.stop();
  });

  it('answers', async () => {
    expect(await countBrokers(portOf(kafka))).toBe(1);
    expect(existsSync(kafka.directoryOf())).toBe(true);
  });

  it('is gone after SIGKILL, and there again after start', async () => {
    await kafka.kill('SIGKILL');
    await expect(countBrokers(portOf(kafka))).rejects.toThrow('ECONNREFUSED');
    await kafka.start();
    expect(await countBrokers(portOf(kafka))).toBe(1);
  });

  it('does not answer between SIGSTOP and SIGCONT', async () => {
    await kafka.kill('SIGSTOP');
    await expect(countBrokers(portOf(kafka))).rejects.toThrow('no answer');
    await kafka.kill('SIGCONT');
    expect(await countBrokers(portOf(kafka))).toBe(1);
  });
});

describe('three brokers', () => {
  it('know of each other', async () => {
    const kafka = await startKafka({ brokerCount: 3 });
    try {
      expect(await countBrokers(portOf(kafka, 2))).toBe(3);
      await kafka.kill('SIGKILL', 0);
      await kafka.start(0);
    } finally {
      await kafka.stop();
    }
    expect(existsSync(kafka.directoryOf())).toBe(false);
  });
});

function portOf(kafka: KafkaPart, broker = 0): number {
  return Number(kafka.brokers[broker]?.split(':')[1]);
}
