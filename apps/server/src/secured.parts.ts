import { TOPICS } from '@veto/domain';
import { kafkaClient } from '@veto/log';
import { LIBRARY_CODE } from '@veto/store';
import { aFreshPayment, SECRETS, SecuredCluster } from './a-secured-cluster.spec-support';
import {
  aCookie,
  aScorer,
  asDecision,
  aServer,
  until,
  withKey,
  type TestServer,
} from './a-server.spec-support';
import { act } from './desk/a-desk.spec-support';
import { documentedRedisUser } from './documented-rights.spec-support';
import { DEMO_API_KEY } from './keys/demo-key';

const scorer = aScorer((amount) => amount / 1_000);

let cluster: SecuredCluster;

beforeAll(async () => {
  cluster = await SecuredCluster.start();
});

afterAll(() => cluster.stop());

const used = new Set<string>();
const denials: unknown[] = [];
/** Which commands were called, and what was denied, since it was started. */
async function noteWhatRedisSaw(): Promise<void> {
  const admin = await cluster.redisAdmin();
  const stats = String(await admin.call(['INFO', 'commandstats']));
  for (const [, name = ''] of stats.matchAll(/^cmdstat_(\S+):calls=/gm)) used.add(name);
  denials.push(...((await admin.call(['ACL', 'LOG'])) as readonly unknown[]));
  admin.close();
}

describe('a cluster behind TLS, whose users may do what is documented and nothing else', () => {
  let scoring: TestServer;
  let streaming: TestServer;
  let desk: TestServer;

  it('has its topics made, looked at, and made right', async () => {
    const args = ['topics', '--replication', '1', '--partitions', '3'];
    expect((await cluster.replay('topics', ...args)).said).toContain('made       veto.decisions.v1');
    expect(await cluster.replay('topics', ...args)).toMatchObject({ code: 0 });
    const configEntries = [{ name: 'retention.ms', value: '1000' }];
    await cluster.asAdmin((admin) =>
      admin.alterConfigs({
        validateOnly: false,
        resources: [{ type: 2, name: TOPICS.decisions, configEntries }],
      }),
    );
    const differs = await cluster.replay('topics', ...args);
    expect(differs.code).toBe(1);
    expect(differs.said).toContain('run it with --alter');
    const more = ['topics', '--replication', '1', '--partitions', '4', '--alter'];
    expect((await cluster.replay('topics', ...more)).said).toContain('altered    veto.decisions.v1');
  });

  it('is moved to from one process', async () => {
    const dataDirectory = cluster.newDirectory();
    const embedded = await aServer({ dataDirectory, scorer });
    for (let i = 0; i < 10; i++) expect((await embedded.decide(aFreshPayment())).status).toBe(200);
    await embedded.close();
    const moved = await cluster.replay('migrate', 'migrate', '--data', dataDirectory);
    expect(moved.said).toMatch(/^10 records moved$/m);
    expect({ ...moved }).toEqual({ code: 0, said: moved.code === 0 ? moved.said : '' });
  });

  it('starts, and decides what comes by HTTP', async () => {
    [scoring, streaming, desk] = await Promise.all([
      cluster.instance('score', scorer),
      cluster.instance('stream', scorer),
      cluster.instance('desk', scorer),
    ]);
    for (let i = 0; i < 10; i++) {
      const reply = await scoring.decide(aFreshPayment());
      expect(reply.status).toBe(200);
      expect(reply.headers.get('veto-durability')).toBeNull();
      expect(await asDecision(reply)).toMatchObject({ degraded: [] });
    }
  });

  it('decides what comes by Kafka, records a label, and sets aside what is no payment', async () => {
    const producer = kafkaClient({ brokers: cluster.kafka.innerBrokers, clientId: 'shop' }).producer();
    await producer.connect();
    const payload = aFreshPayment();
    await producer.send({
      topic: TOPICS.transactions,
      messages: [
        { key: 'demo|a', value: '{"transaction":' },
        { key: 'demo|a', value: JSON.stringify(payload) },
      ],
    });
    const { id } = payload.transaction;
    await until(async () => (await scoring.runtime.reader.byTransaction('demo', id)) !== null, 30_000);
    const label = { label: 'fraud', source: 'chargeback', reported_at: new Date().toISOString() };
    const byStream = JSON.stringify({ transaction_id: id, ...label });
    await producer.send({ topic: TOPICS.labels, messages: [{ key: 'demo|a', value: byStream }] });
    await producer.disconnect();
    const counted = async (): Promise<string> => (await fetch(streaming.metricsUrl)).text();
    await until(async () => /^veto_labels_total\{.*\} 1$/m.test(await counted()), 30_000);
    expect(await counted()).toMatch(/^veto_dead_letters_total\{.*class="bad"\} 1$/m);

    const { transaction_id: other } = await asDecision(await scoring.decide(aFreshPayment()));
    const reply = await scoring.request('/v1/labels', {
      ...{ method: 'POST', headers: withKey(DEMO_API_KEY) },
      body: JSON.stringify({ transaction_id: other, ...label }),
    });
    expect(reply.status).toBe(201);
  });

  it('has a desk that blocks a card everywhere', async () => {
    const card = aFreshPayment(930_00);
    const { id } = await asDecision(await scoring.decide(card));
    const cookie = await aCookie(desk);
    await until(async () => (await act(desk, cookie, id)).status === 200, 20_000);
    await until(async () => {
      const next = { ...aFreshPayment(1_00), card: card.card };
      return (await asDecision(await scoring.decide(next))).outcome === 'block';
    }, 20_000);
  });

  it('makes the state anew when Redis is emptied, and has it made anew when somebody asks', async () => {
    await noteWhatRedisSaw();
    await cluster.redis.restart({ empty: true });
    const isServing = async (): Promise<boolean> =>
      /^veto_state_shard\{shard="0",state="serving"\} 1$/m.test(
        await (await fetch(scoring.metricsUrl)).text(),
      );
    await until(async () => {
      const decision = await asDecision(await scoring.decide(aFreshPayment()));
      return decision.degraded.length === 0 && (await isServing());
    }, 60_000);
    expect(await cluster.replay('rebuild', 'rebuild', '--force')).toMatchObject({ code: 0 });
    await until(
      async () => (await asDecision(await scoring.decide(aFreshPayment()))).degraded.length === 0,
      60_000,
    );
  });

  it('is verified, and what was set aside is looked at and sent again', async () => {
    const listed = await cluster.replay('dlq', 'dlq', 'list');
    expect(listed.said).toContain('malformed_json');
    const id = /^(\S+) {2}bad/m.exec(listed.said)?.[1] ?? '';
    expect(await cluster.replay('dlq', 'dlq', 'redrive', id)).toMatchObject({ code: 0 });
    await cluster.stopInstances();
    const verified = await cluster.replay(
      'verify',
      'verify',
      '--no-model',
      '--redis',
      cluster.environmentOf('verify')['REDIS_URL']!,
    );
    expect(verified.said).toMatch(/^I5 .*held .*digest of Redis$/m);
    for (const secret of SECRETS) expect(verified.said).not.toContain(secret);
  });

  it('asked for nothing that is not documented, and documents nothing that is not asked for', async () => {
    expect(cluster.kafka.logOf()).not.toMatch(/is Denied/i);
    // Whatever is denied would be there.
    expect(await cluster.replay('nobody', 'verify', '--no-model')).toMatchObject({
      code: 1,
      said: expect.stringMatching(/Kafka does not allow it \(TOPIC_AUTHORIZATION_FAILED\)/) as string,
    });
    expect(cluster.kafka.logOf()).toMatch(/is Denied/i);
    await noteWhatRedisSaw();
    expect(denials).toEqual([]);
    const granted = [...documentedRedisUser('x').matchAll(/ \+(\S+)/g)].map(([, name]) => name);
    // Some only where two meet, or somebody died: what the functions may call counts as called.
    for (const [, name = ''] of LIBRARY_CODE.matchAll(/redis\.call\('(\w+)'/g)) used.add(name.toLowerCase());
    expect(granted.filter((name = '') => !used.has(name))).toEqual([]);
  });
});

describe('an instance that runs', () => {
  const degradedOf = async (server: TestServer): Promise<readonly string[]> =>
    (await asDecision(await server.decide(aFreshPayment()))).degraded;

  it('decides alone while its user of Redis lacks a right, and with the others again when it has it', async () => {
    const server = await cluster.instance('score');
    await until(async () => !(await degradedOf(server)).includes('histories'), 20_000);
    const admin = await cluster.redisAdmin();
    await admin.call(['ACL', 'SETUSER', 'veto', '-fcall']);
    await until(async () => (await degradedOf(server)).includes('histories'), 20_000);
    expect(server.isReady()).toBe(true);
    await admin.call(['ACL', 'SETUSER', 'veto', '+fcall']);
    admin.close();
    await until(async () => !(await degradedOf(server)).includes('histories'), 20_000);
  });

  it('keeps decisions in its write-ahead file while its user of Kafka may not write, and brings them up after', async () => {
    const server = await cluster.instance('score');
    const { log } = server.runtime;
    const right = {
      ...{ resourceType: 2, resourceName: TOPICS.decisions, resourcePatternType: 3, principal: 'User:score' },
      ...{ host: '*', operation: 4, permissionType: 3 },
    };
    await cluster.asAdmin((admin) => admin.deleteAcls({ filters: [right] }));
    await until(async () => {
      expect((await server.decide(aFreshPayment())).status).toBe(200);
      return log.durability() === 'wal';
    }, 20_000);
    await cluster.asAdmin((admin) => admin.createAcls({ acl: [right] }));
    await until(() => log.durability() === 'log', 30_000);
  });
});
