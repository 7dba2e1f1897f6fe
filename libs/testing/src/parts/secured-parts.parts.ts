import { createCertificateAuthority } from './certificate-authority';
import { countBrokers } from './kafka-wire';
import { askRedis } from './redis-wire';
import { startKafka } from './start-kafka';
import { startRedis } from './start-redis';

const authority = createCertificateAuthority('Veto tests');

describe('parts that ask who comes', () => {
  it('are a Kafka that answers in the clear at its inner door alone, also after a restart', async () => {
    const kafka = await startKafka({ security: { authority, users: { veto: 'hunter2' }, hasAcls: true } });
    try {
      expect(await countBrokers(portOf(kafka.innerBrokers[0]))).toBe(1);
      await expect(countBrokers(portOf(kafka.brokers[0]))).rejects.toThrow();
      await kafka.kill();
      await kafka.start();
      expect(await countBrokers(portOf(kafka.innerBrokers[0]))).toBe(1);
    } finally {
      await kafka.stop();
    }
  });

  it('are a Redis that speaks TLS, and lets a user do what was said', async () => {
    const redis = await startRedis({
      authority,
      password: 'hunter2',
      users: ['veto on >secret ~v* resetchannels -@all +ping +get'],
    });
    try {
      const ask = (url: string, command: string): Promise<string> =>
        askRedis(new URL(url), command, authority.certificate);
      expect(redis.url).toBe(`rediss://:hunter2@127.0.0.1:${redis.port}`);
      expect(await ask(redis.url, 'SET v1 x')).toBe('+OK');
      const veto = `rediss://veto:secret@127.0.0.1:${redis.port}`;
      expect(await ask(veto, 'GET v1')).toBe('$1');
      expect(await ask(veto, 'GET w1')).toMatch(/^-NOPERM/);
      expect(await ask(veto, 'SET v1 y')).toMatch(/^-NOPERM/);
      expect(await ask(`rediss://127.0.0.1:${redis.port}`, 'GET v1')).toMatch(/^-NOAUTH/);
      await expect(askRedis(new URL(veto), 'PING')).rejects.toThrow();
      await redis.restart({ empty: true });
      expect(await ask(veto, 'GET v1')).toBe('$-1');
    } finally {
      await redis.stop();
    }
  });
});

function portOf(broker: string | undefined): number {
  return Number(broker?.split(':')[1]);
}
