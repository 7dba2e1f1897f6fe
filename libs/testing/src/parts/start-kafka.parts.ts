import { existsSync } from 'node:fs';
import { countBrokers } from './kafka-wire';
import { startKafka, type KafkaPart } from './start-kafka';

describe('one broker', () => {
  let kafka: KafkaPart;

  beforeAll(async () => {
    kafka = await startKafka({ own: true, behindProxies: true });
  });

  afterAll(async () => {
    await kafka.stop();
  });

  it('answers through its proxy', async () => {
    expect(kafka.brokers).toEqual([kafka.proxies[0]?.address]);
    expect(await countBrokers(portOf(kafka))).toBe(1);
    await kafka.proxies[0]?.refuse();
    await expect(countBrokers(portOf(kafka))).rejects.toThrow('ECONNREFUSED');
    await kafka.proxies[0]?.accept();
    expect(await countBrokers(portOf(kafka))).toBe(1);
  });

  it('is gone after SIGKILL, and there again after start', async () => {
    await kafka.kill('SIGKILL');
    expect(() => process.kill(kafka.pidOf(), 0)).toThrow('ESRCH');
    await kafka.start();
    expect(await countBrokers(portOf(kafka))).toBe(1);
    await expect(kafka.start()).rejects.toThrow('broker 0 is running');
  });

  it('does not answer between SIGSTOP and SIGCONT', async () => {
    await kafka.kill('SIGSTOP');
    await expect(countBrokers(portOf(kafka))).rejects.toThrow('no answer');
    await kafka.kill('SIGCONT');
    expect(await countBrokers(portOf(kafka))).toBe(1);
  });
});

describe('three brokers', () => {
  it('know of each other, also after one was killed and came back', async () => {
    const kafka = await startKafka({ brokerCount: 3 });
    try {
      expect(kafka.brokers).toHaveLength(3);
      expect(await countBrokers(portOf(kafka, 2))).toBe(3);
      await kafka.kill('SIGKILL', 0);
      await kafka.start(0);
      expect(await countBrokers(portOf(kafka, 0))).toBe(3);
    } finally {
      await kafka.stop();
    }
    expect(existsSync(kafka.directoryOf())).toBe(false);
  });
});

describe('brokers given from outside', () => {
  afterEach(() => {
    delete process.env['KAFKA_BROKERS'];
  });

  it('are used, and never killed', async () => {
    process.env['KAFKA_BROKERS'] = 'kafka-1:9092,kafka-2:9092';
    const kafka = await startKafka();
    expect(kafka).toMatchObject({ brokers: ['kafka-1:9092', 'kafka-2:9092'], external: true });
    await expect(kafka.kill()).rejects.toThrow('not ours to kill');
    await kafka.stop();
  });
});

function portOf(kafka: KafkaPart, broker = 0): number {
  return Number(kafka.brokers[broker]?.split(':')[1]);
}
