import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { helpText, isLoopback, readCommand, type Configuration } from './configuration';
import { VARIABLES } from './variables';

function configured(environment: NodeJS.ProcessEnv, argv: readonly string[] = []): Configuration {
  const command = readCommand(argv, environment);
  if (command.kind !== 'serve') throw new Error(`expected to serve, got ${command.kind}`);
  return command.configuration;
}

const PRODUCTION = {
  VETO_MODE: 'production',
  VETO_API_KEYS_FILE: 'keys.json',
  VETO_ANALYSTS_FILE: 'analysts.json',
  VETO_PUBLIC_URL: 'https://veto.example.com',
};

const CLUSTER = {
  KAFKA_BROKERS: 'k1:9092,k2:9092',
  REDIS_URL: 'redis://veto:hunter2@r1:6379,redis://r2:6379',
};

describe('the configuration of a cluster', () => {
  it('is Kafka and Redis, every role, and no traffic of its own', () => {
    expect(configured(CLUSTER)).toMatchObject({
      roles: ['score', 'stream', 'desk'],
      trafficRate: 0,
      cluster: {
        kafka: { brokers: ['k1:9092', 'k2:9092'], ssl: null, sasl: null },
        redisUrls: ['redis://veto:hunter2@r1:6379', 'redis://r2:6379'],
        instance: null,
        streamTenant: null,
        stateBudgetMs: 40,
        topicPrefix: '',
        compression: 'none',
        spoolBytesMax: 8_589_934_592,
      },
    });
  });

  it('takes roles, each once, and what belongs to a cluster', () => {
    const environment = {
      ...CLUSTER,
      ROLES: 'score, stream,score',
      VETO_INSTANCE: 'scorer-1',
      VETO_STREAM_TENANT: 'acme',
      VETO_STATE_BUDGET_MS: '30',
      VETO_TOPIC_PREFIX: 'eu.',
      VETO_KAFKA_COMPRESSION: 'lz4',
    };
    expect(configured(environment)).toMatchObject({
      roles: ['score', 'stream'],
      cluster: {
        instance: 'scorer-1',
        streamTenant: 'acme',
        stateBudgetMs: 30,
        topicPrefix: 'eu.',
        compression: 'lz4',
      },
    });
  });

  it('takes TLS and a login to both, with secrets from files', () => {
    const directory = mkdtempSync(join(tmpdir(), 'veto-secrets-'));
    try {
      const aFile = (name: string, text: string): string => {
        writeFileSync(join(directory, name), text);
        return join(directory, name);
      };
      const ca = '-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n';
      const environment = {
        KAFKA_BROKERS: 'k1:9093',
        KAFKA_SSL: 'true',
        KAFKA_SSL_CA_FILE: aFile('ca.pem', ca),
        KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
        KAFKA_SASL_USERNAME: 'veto',
        KAFKA_SASL_PASSWORD_FILE: aFile('kafka', 'hunter2\n'),
        REDIS_URL: 'rediss://veto@r1:6380,rediss://r2:6380',
        REDIS_CA_FILE: join(directory, 'ca.pem'),
        REDIS_PASSWORD_FILE: aFile('redis', 'p@ss, word\n'),
      };
      const parameter = `?ca=${encodeURIComponent(join(directory, 'ca.pem'))}`;
      expect(configured(environment).cluster).toMatchObject({
        kafka: {
          brokers: ['k1:9093'],
          ssl: { ca },
          sasl: { mechanism: 'scram-sha-512', username: 'veto', password: 'hunter2' },
        },
        redisUrls: [
          `rediss://veto:p%40ss%2C%20word@r1:6380${parameter}`,
          `rediss://:p%40ss%2C%20word@r2:6380${parameter}`,
        ],
      });
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('never repeats an address of Redis, which holds a password', () => {
    const read = (): unknown => readCommand([], { ...CLUSTER, REDIS_URL: 'redis://veto:hunter2@r 1:6379' });
    expect(read).toThrow(/^REDIS_URL: expected/);
    expect(read).not.toThrow(/hunter2/);
  });
});

describe('the configuration', () => {
  it('without settings is a demo on loopback', () => {
    expect(configured({})).toEqual({
      mode: 'demo',
      host: '127.0.0.1',
      port: 8080,
      metricsPort: 9464,
      dataDirectory: 'tmp/veto',
      deadlineMs: 100,
      modelDirectory: null,
      apiKeysFile: null,
      apiKeyPepper: null,
      analystsFile: null,
      publicUrl: null,
      logLevel: 'info',
      roles: ['score', 'stream', 'desk'],
      cluster: null,
      fresh: false,
      trafficRate: 20,
      trafficSeed: 1,
    });
  });

  it('takes flags: a port, a rate of 0, a seed, a fresh start', () => {
    const argv = ['--port', '9001', '--rate', '0', '--seed', '7', '--fresh'];
    expect(configured({ PORT: '1' }, argv)).toMatchObject({
      port: 9001,
      trafficRate: 0,
      trafficSeed: 7,
      fresh: true,
    });
  });

  it.each([
    [{ PORT: '70000' }, [], 'PORT: expected 0 … 65535'],
    [{ PORT: 'http' }, [], 'PORT: expected'],
    [{ VETO_MODE: 'prod' }, [], 'VETO_MODE: expected demo | production'],
    [{ VETO_DEADLINE_MS: '10' }, [], 'VETO_DEADLINE_MS: expected 50 … 2000'],
    [{ VETO_DATADIR: 'x' }, [], 'VETO_DATADIR: there is no such variable (did you mean VETO_DATA_DIR?)'],
    [{ VETO_XYZ: 'x' }, [], 'VETO_XYZ: there is no such variable; unset it'],
    [{ KAFKA_BROKERS: 'b:9092' }, [], 'REDIS_URL: KAFKA_BROKERS is set, so this needs redis://'],
    [{ REDIS_URL: 'redis://r:6379' }, [], 'KAFKA_BROKERS: REDIS_URL is set, so this needs host:port'],
    [{ ROLES: 'desk' }, [], 'ROLES: only a cluster reads it'],
    [{ VETO_TOPIC_PREFIX: 'a.' }, [], 'VETO_TOPIC_PREFIX: only a cluster reads it'],
    [{ ...CLUSTER, ROLES: 'score,console' }, [], 'ROLES: expected score,stream,desk'],
    [{ ...CLUSTER, KAFKA_BROKERS: 'b' }, [], 'KAFKA_BROKERS: expected host:port'],
    [{ ...CLUSTER, REDIS_URL: 'http://r' }, [], 'REDIS_URL: expected redis://'],
    [{ ...CLUSTER, VETO_INSTANCE: 'Big Box' }, [], 'VETO_INSTANCE: expected a name'],
    [{ ...CLUSTER, VETO_STATE_BUDGET_MS: '1' }, [], 'VETO_STATE_BUDGET_MS: expected 5 … 1000'],
    [{ ...CLUSTER, VETO_KAFKA_COMPRESSION: 'rar' }, [], 'VETO_KAFKA_COMPRESSION: expected none | gzip | lz4'],
    [{ ...CLUSTER, KAFKA_SSL: '1' }, [], 'KAFKA_SSL: expected true | false'],
    [
      { ...CLUSTER, KAFKA_SASL_MECHANISM: 'PLAIN', KAFKA_SASL_PASSWORD: 'p' },
      [],
      'KAFKA_SASL_USERNAME: KAFKA_SASL_MECHANISM is set',
    ],
    [{ ...CLUSTER, REDIS_CA_FILE: 'ca.pem' }, [], 'REDIS_CA_FILE: only rediss://'],
    [{ KAFKA_SASL_PASSWORD: 'p' }, [], 'KAFKA_SASL_PASSWORD: only a cluster reads it'],
    [{ REDIS_PASSWORD_FILE: 'p' }, [], 'REDIS_PASSWORD_FILE: only a cluster reads it'],
    [CLUSTER, ['--fresh'], '--fresh: what is on Kafka is shared'],
    [{ ...CLUSTER, ROLES: 'desk' }, ['--rate', '5'], '--rate: traffic is sent to this instance'],
    [{ HOST: '0.0.0.0' }, [], 'HOST: a demo listens on loopback only'],
    [{ VETO_API_KEYS_FILE: 'k' }, [], 'VETO_API_KEYS_FILE: only production mode reads it'],
    [{}, ['--rate', 'fast'], '--rate: expected a number from 0 to 2000'],
    [{}, ['--rate', ''], '--rate: expected a number'],
    [{}, ['--sped', '1'], "Unknown option '--sped'"],
    [{ VETO_MODE: 'production' }, [], 'VETO_API_KEYS_FILE: production mode needs'],
    [
      { ...PRODUCTION, VETO_PUBLIC_URL: 'http://veto.example.com' },
      [],
      'VETO_PUBLIC_URL: sessions are kept in a Secure cookie',
    ],
    [PRODUCTION, ['--fresh'], '--fresh: production mode deletes no data'],
    [PRODUCTION, ['--rate', '5'], '--rate: production mode makes no traffic'],
    [
      { ...PRODUCTION, VETO_API_KEY_PEPPER: 'short' },
      [],
      'VETO_API_KEY_PEPPER: expected at least 32 characters',
    ],
  ])('refuses %o %o', (environment, argv, words) => {
    expect(() => readCommand(argv, environment as NodeJS.ProcessEnv)).toThrow(words);
  });

  it('names every problem at once, each on its line, and no value that was given', () => {
    const read = (): unknown =>
      readCommand([], { PORT: 'secret-1', VETO_MODE: 'secret-2', VETO_NOPE: 'secret-3' });
    expect(read).toThrow(/^VETO_NOPE.*\nVETO_MODE.*\nPORT.*$/);
    expect(read).not.toThrow(/secret/);
  });

  it('leaves variables of other programs alone', () => {
    expect(
      configured({ VETO_API_KEY: 'veto_test_…', VETO_URL: 'http://127.0.0.1:8080', PATH: '/bin' }).mode,
    ).toBe('demo');
  });

  it('takes an empty variable for one that is not set', () => {
    expect(configured({ VETO_MODE: '', PORT: '' })).toMatchObject({ mode: 'demo', port: 8080 });
  });

  it('in production is complete with keys, analysts and the public address', () => {
    expect(configured(PRODUCTION)).toMatchObject({
      mode: 'production',
      publicUrl: 'https://veto.example.com',
    });
  });
});

describe('the help', () => {
  const readme = readFileSync(join(__dirname, '..', 'README.md'), 'utf8');

  it.each(Object.keys(VARIABLES))('says what %s is, and so does the README', (name) => {
    expect(helpText()).toContain(`  ${name}`);
    expect(readme).toContain(`\`${name}\``);
  });
});

describe('a loopback address', () => {
  it.each(['127.0.0.1', '127.9.9.9', '::1', '[::1]', 'localhost', 'LOCALHOST', '::ffff:127.0.0.1'])(
    'is %s',
    (host) => {
      expect(isLoopback(host)).toBe(true);
    },
  );

  it.each([
    '0.0.0.0',
    '10.0.0.1',
    '128.0.0.1',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '127.evil.example',
    '',
  ])('is not %s', (host) => {
    expect(isLoopback(host)).toBe(false);
  });
});
