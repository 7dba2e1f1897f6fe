import {
  aFreshPayment,
  runBuilt,
  SECRETS,
  SecuredCluster,
  type ProgramRun,
} from './a-secured-cluster.spec-support';
import { aServer } from './a-server.spec-support';
import { bannerText } from './banner';
import { helpText } from './configuration';

let cluster: SecuredCluster;

beforeAll(async () => {
  cluster = await SecuredCluster.start();
  const made = await cluster.replay('topics', 'topics', '--replication', '1', '--partitions', '3');
  expect(made.said).toContain('made       veto.decisions.v1');
});

afterAll(() => cluster.stop());

describe('a start', () => {
  const WRONG: [string, () => Record<string, string>, string][] = [
    [
      'a wrong password of Kafka',
      () => ({ KAFKA_SASL_PASSWORD_FILE: cluster.file('redis-password') }),
      'Kafka refuses the login',
    ],
    [
      'an unknown authority of Kafka',
      () => ({ KAFKA_SSL_CA_FILE: cluster.file('stranger.pem') }),
      'is not trusted (UNABLE_TO_VERIFY_LEAF_SIGNATURE); see KAFKA_SSL_CA_FILE',
    ],
    [
      'a user of Kafka who may see nothing',
      () => ({ KAFKA_SASL_USERNAME: 'nobody', KAFKA_SASL_PASSWORD_FILE: cluster.file('nobody') }),
      'or let this user see them',
    ],
    [
      'a wrong password of Redis',
      () => ({ REDIS_PASSWORD_FILE: cluster.file('score') }),
      'refuses the login (WRONGPASS)',
    ],
    [
      'no login to Redis',
      () => ({ REDIS_URL: `rediss://127.0.0.1:${cluster.redis.port}`, REDIS_PASSWORD_FILE: '' }),
      'refuses the login (NOAUTH)',
    ],
    [
      'an unknown authority of Redis',
      () => ({ REDIS_CA_FILE: cluster.file('stranger.pem') }),
      'is not trusted, or speaks no TLS (SELF_SIGNED_CERT_IN_CHAIN): see REDIS_CA_FILE',
    ],
  ];

  it.each(WRONG)('ends with %s, and says so without a secret', async (_what, over, words) => {
    const dataDirectory = cluster.newDirectory();
    const environment = { ...cluster.environmentOf('score'), ...over() };
    const server = { PORT: '0', METRICS_PORT: '0', VETO_DATA_DIR: dataDirectory, ROLES: 'score' };
    const { code, said } = await runBuilt('server', [], { ...environment, ...server });
    expect(said).toContain(words);
    expect(said).toMatch(/^veto: /m);
    expect(code).toBe(1);
    for (const secret of SECRETS) expect(said).not.toContain(secret);
  });

  it('ends where the user of Redis may not load a function', async () => {
    const admin = await cluster.redisAdmin();
    await admin.call(['ACL', 'SETUSER', 'veto', '-function|load']);
    const server = aServer({
      configuration: { roles: ['score'], cluster: cluster.configurationOf('score').cluster },
    });
    await expect(server).rejects.toThrow(
      /does not allow its user what Veto must do \(NOPERM .*function\|load/,
    );
    await admin.call(['ACL', 'SETUSER', 'veto', '+function|load']);
    admin.close();
  });
});

describe('a Redis that wants a certificate of ours', () => {
  it('is shown it, and refuses whoever has none', async () => {
    const admin = await cluster.redisAdmin();
    await admin.call(['CONFIG', 'SET', 'tls-auth-clients', 'yes']);
    const ours = { REDIS_CERT_FILE: cluster.file('cert.pem'), REDIS_KEY_FILE: cluster.file('key.pem') };
    const rebuild = (own: Record<string, string>): Promise<ProgramRun> =>
      runBuilt('replay', ['rebuild'], { ...cluster.environmentOf('rebuild'), ...own });
    expect(await rebuild(ours)).toMatchObject({ code: 0 });
    expect(await rebuild({})).toMatchObject({
      code: 1,
      said: expect.stringMatching(/refuses our certificate \(.*\): see REDIS_CERT_FILE/) as string,
    });
    await admin.call(['CONFIG', 'SET', 'tls-auth-clients', 'no']);
    admin.close();
  });
});

describe('a command', () => {
  it.each([
    ['topics', ['topics'], 'Kafka refuses the login'],
    ['verify', ['verify'], 'Kafka refuses the login'],
    ['dlq', ['dlq', 'list'], 'Kafka refuses the login'],
    ['rebuild', ['rebuild'], 'refuses the login (WRONGPASS)'],
  ])('ends by itself when %s is not let in, and says so without a secret', async (user, args, words) => {
    const isOfRedis = words.includes('WRONGPASS');
    const wrong = isOfRedis ? 'REDIS_PASSWORD_FILE' : 'KAFKA_SASL_PASSWORD_FILE';
    const environment = { ...cluster.environmentOf(user), [wrong]: cluster.file('nobody') };
    const { code, said } = await runBuilt('replay', args, environment);
    expect(said).toContain(words);
    expect(code).toBe(1);
    for (const secret of SECRETS) expect(said).not.toContain(secret);
  });
});

describe('secrets', () => {
  it('are in no line, no figure, no banner', async () => {
    const server = await cluster.instance('score');
    expect((await server.decide(aFreshPayment())).status).toBe(200);
    const configuration = cluster.configurationOf('score');
    const of = { url: server.url, metricsUrl: '', dataDirectory: '', hasConsole: false, version: '1' };
    const written = [
      server.lines(),
      await (await fetch(server.metricsUrl)).text(),
      bannerText({ ...of, configuration }),
      helpText(),
    ].join('\n');
    expect(written).toContain(cluster.kafka.brokers.join(', '));
    for (const secret of SECRETS) {
      expect(written).not.toContain(secret);
      expect(written).not.toContain(Buffer.from(secret).toString('base64'));
    }
    expect(written).not.toContain('BEGIN CERTIFICATE');
  });
});
