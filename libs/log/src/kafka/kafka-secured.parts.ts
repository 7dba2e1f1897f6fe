import { systemClock, TOPICS } from '@veto/domain';
import { aTempDirectory } from '@veto/testing';
import { createCertificateAuthority, startKafka, type KafkaPart } from '@veto/testing/parts';
import { startConsumer, type ConsumerOptions, type RunningConsumer } from './consumer/start-consumer';
import { readDeadLetters } from './consumer/dead-letters';
import { fetchKafkaCut } from './fetch-kafka-cut';
import { openKafkaAppender } from './kafka-appender';
import { kafkaClient } from './kafka-client';
import type { KafkaConnection, KafkaLogin } from './kafka-connection';
import { aDecision, openTestLog, readAll, settled, textOf, until } from './kafka-log.spec-support';
import { scanKafka } from './scan-kafka';
import { applyTopics } from './topics/apply-topics';
import { decodeFetch } from './wire/decode-fetch';
import { encodeProduce } from './wire/encode-produce';

// The real ones, watched.
jest.mock('./wire/encode-produce', () => watched('./wire/encode-produce', 'encodeProduce'));
jest.mock('./wire/decode-fetch', () => watched('./wire/decode-fetch', 'decodeFetch'));
function watched(path: string, name: string): Record<string, unknown> {
  const real = jest.requireActual<Record<string, (...args: readonly unknown[]) => unknown>>(path);
  return { ...real, [name]: jest.fn(real[name]) };
}

const SECRET = 'hunter2-hunter2-hunter2';
const authority = createCertificateAuthority('Veto tests');
const ssl = { ca: authority.certificate };
const sasl: KafkaLogin = { mechanism: 'scram-sha-512', username: 'veto', password: SECRET };
const CLIENT = { clientId: 'test', topics: [TOPICS.decisions] } as const;

describe('a Kafka that asks for TLS and a login', () => {
  let kafka: KafkaPart;
  const topicPrefix = 'secured.';
  let secured: KafkaConnection;
  beforeAll(async () => {
    kafka = await startKafka({ security: { authority, users: { veto: SECRET } } });
    secured = { brokers: kafka.brokers, ssl, sasl };
    await applyTopics({ ...secured, clientId: 'test', topicPrefix, partitions: 3, replicationFactor: 1 });
  });
  afterAll(() => kafka.stop());

  it('is written to, followed, scanned and consumed, by our own encoder and decoder', async () => {
    const directory = await aTempDirectory();
    // A busy machine is no outage.
    const slowAfterMs = 10_000;
    const log = await openTestLog({ ...secured, directory: directory.path, topicPrefix, slowAfterMs });
    const texts = Array.from({ length: 200 }, (_, i) => `decision ${i}`);
    let consumer: RunningConsumer | null = null;
    try {
      jest.mocked(encodeProduce).mockClear();
      jest.mocked(decodeFetch).mockClear();
      expect(await log.appendReadable(texts.map((text) => aDecision(text)))).not.toBeNull();
      expect(encodeProduce).toHaveBeenCalled();
      expect(decodeFetch).toHaveBeenCalled();
      await settled(log);
      expect(log.durability()).toBe('log');
      expect((await readAll(log)).map(textOf).sort()).toEqual([...texts].sort());

      const appender = await openKafkaAppender({ ...secured, ...CLIENT, topicPrefix });
      await appender.append([{ ...aDecision('one more'), appendedAtMs: Date.now() }]);
      await appender.close();
      const scanned: string[] = [];
      const onBatch: Parameters<typeof scanKafka>[0]['onBatch'] = (records) =>
        void scanned.push(...records.map(textOf));
      await scanKafka({ ...secured, ...CLIENT, topicPrefix, onBatch });
      expect(scanned.sort()).toEqual([...texts, 'one more'].sort());

      const consumed: string[] = [];
      consumer = await startConsumer({
        ...aConsumer(secured),
        handler: { eachRecord: ({ value }) => Promise.resolve(void consumed.push(String(value))) },
      });
      await until(() => consumed.length >= 201, 'everything is consumed');
      expect(consumed.sort()).toEqual(scanned);
    } finally {
      await consumer?.stop();
      await log.close();
      await directory.remove();
    }
  });

  const aConsumer = (connection: KafkaConnection): ConsumerOptions => ({
    ...connection,
    ...{ clientId: 'test', groupId: `${topicPrefix}group`, topicPrefix, clock: systemClock },
    topics: [TOPICS.decisions],
    ...{ service: 'test', build: '0' },
    handler: { eachRecord: () => Promise.resolve() },
    onFatal: (error) => {
      throw error;
    },
  });

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
    'takes the right password by %s, and names a wrong one without repeating it',
    async (mechanism) => {
      const cutOf = (password: string): Promise<unknown> =>
        fetchKafkaCut({ ...CLIENT, ...secured, sasl: { ...sasl, mechanism, password }, topicPrefix });
      expect(await cutOf(SECRET)).toMatchObject({ [`${TOPICS.decisions}/0`]: expect.any(Number) as number });
      const refused = await failureOf(cutOf('not-the-secret'));
      expect(refused).toMatchObject({ code: 'configuration_invalid', retryable: false });
      expect(refused.message).toContain('Kafka refuses the login');
      expect(refused.message).not.toContain('not-the-secret');
    },
  );

  const stranger = createCertificateAuthority('Somebody else');
  const WRONG: [string, Partial<KafkaConnection>, string][] = [
    ['a wrong password', { sasl: { ...sasl, password: 'wrong' } }, 'Kafka refuses the login'],
    ['an unknown user', { sasl: { ...sasl, username: 'nobody' } }, 'Kafka refuses the login'],
    ['no certificate of who signed', { ssl: {} }, 'is not trusted (UNABLE_TO_VERIFY_LEAF_SIGNATURE)'],
    ['that of another', { ssl: { ca: stranger.certificate } }, 'is not trusted'],
  ];
  it.each(WRONG)('ends a start with %s, for who was there before as well', async (_what, wrong, words) => {
    const connection = { ...secured, ...wrong };
    const directory = await aTempDirectory();
    try {
      const opened = await openTestLog({ ...secured, directory: directory.path, topicPrefix });
      await opened.close();
      const refusal = { code: 'configuration_invalid', message: expect.stringContaining(words) as string };
      const log = openTestLog({ ...connection, directory: directory.path, topicPrefix });
      await expect(log).rejects.toMatchObject(refusal);
      await expect(startConsumer(aConsumer(connection))).rejects.toMatchObject(refusal);
      const command = { ...connection, ...CLIENT, topicPrefix };
      await expect(applyTopics({ ...command, replicationFactor: 1 })).rejects.toMatchObject(refusal);
      await expect(readDeadLetters(command)).rejects.toMatchObject(refusal);
      await expect(openKafkaAppender(command)).rejects.toMatchObject(refusal);
      await expect(scanKafka({ ...command, onBatch: () => undefined })).rejects.toMatchObject(refusal);
    } finally {
      await directory.remove();
    }
  });

  it.each([
    ['who does not log in', (): KafkaConnection => ({ ...secured, sasl: null })],
    ['who speaks in the clear', (): KafkaConnection => ({ brokers: kafka.brokers })],
    [
      'who speaks TLS to a door without',
      (): KafkaConnection => ({ ...secured, brokers: kafka.innerBrokers }),
    ],
  ])(
    'hangs up on %s, which may be an outage: the variables are named beside it',
    async (_who, connection) => {
      const failure = await failureOf(fetchKafkaCut({ ...CLIENT, ...connection(), topicPrefix }));
      expect(failure).toMatchObject({ code: 'log_unavailable', retryable: true });
      expect(failure.message).toContain('see KAFKA_SSL and KAFKA_SASL_MECHANISM');
    },
  );

  it('writes no secret into what the library has to say', async () => {
    const said: string[] = [];
    for (const password of [SECRET, 'another-secret']) {
      const login = { ...sasl, password };
      const onLog = (entry: unknown): void => void said.push(JSON.stringify(entry));
      const client = kafkaClient({ ...secured, sasl: login, clientId: 'test', onLog });
      const admin = client.admin({ retry: { retries: 0 } });
      await admin.connect().catch(() => undefined);
      await admin.disconnect();
    }
    expect(said.join('\n')).toContain('Authentication failed');
    for (const secret of [SECRET, 'another-secret']) {
      expect(said.join('\n')).not.toContain(secret);
      expect(said.join('\n')).not.toContain(Buffer.from(secret).toString('base64'));
    }
  });
});

describe('a Kafka that also wants a certificate', () => {
  let kafka: KafkaPart;
  beforeAll(async () => {
    const security = { authority, users: { veto: SECRET }, wantsCertificates: true };
    kafka = await startKafka({ security });
  });
  afterAll(() => kafka.stop());

  it('takes one that its authority signed, and names the variables where there is none or a stranger’s', async () => {
    const ask = async (own: { cert?: string; key?: string }): Promise<unknown> =>
      applyTopics({
        ...{ brokers: kafka.brokers, ssl: { ...ssl, ...own }, sasl, clientId: 'test' },
        ...{ topicPrefix: 'mine.', replicationFactor: 1, partitions: 1 },
      });
    const issuedBy = (by: typeof authority): { cert: string; key: string } => {
      const { certificate: cert, key } = by.issue('veto');
      return { cert, key };
    };
    expect(await ask(issuedBy(authority))).toMatchObject({ unchanged: [], altered: [] });
    const refusal = {
      code: 'configuration_invalid',
      message: expect.stringContaining('KAFKA_SSL_CERT_FILE') as string,
    };
    await expect(ask({})).rejects.toMatchObject(refusal);
    await expect(ask(issuedBy(createCertificateAuthority('Somebody else')))).rejects.toMatchObject(refusal);
  });
});

async function failureOf(call: Promise<unknown>): Promise<Error> {
  return call.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: unknown) => error as Error,
  );
}
