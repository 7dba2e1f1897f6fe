import { TOPICS, type TransactionPayload } from '@veto/domain';
import { kafkaClient, readDeadLetters } from '@veto/log';
import { aTransactionPayload } from '@veto/testing';
import { TestCluster } from '../a-cluster.spec-support';
import { aCookie, asDecision, aScorer, until, type TestServer } from '../a-server.spec-support';
import { TestConsole } from '../desk/a-console.spec-support';

type Producer = ReturnType<ReturnType<typeof kafkaClient>['producer']>;
type Message = Parameters<Producer['send']>[0]['messages'][number];

const scorer = aScorer((amount) => amount / 1_000);
let count = 0;
const aPayment = (amount = 12_00): TransactionPayload => {
  count += 1;
  return aTransactionPayload({
    transaction: { id: `ord_${count}`, amount, occurred_at: new Date().toISOString() },
    card: { fingerprint: `cfp_${count}` },
    customer: { id: `cus_${count}`, email: `anna${count}@example.org` },
    device: { fingerprint: `dfp_${count}` },
    ip: { address: `192.0.2.${count % 250}` },
  });
};

describe('an instance that consumes beside one that scores', () => {
  let cluster: TestCluster;
  let scoring: TestServer;
  let streaming: TestServer;
  let producer: Producer;
  beforeAll(async () => {
    cluster = await TestCluster.start();
    await cluster.begin();
    [scoring, streaming] = await Promise.all([
      cluster.instance({ scorer }),
      cluster.instance({ scorer, roles: ['stream', 'desk'], cluster: { streamTenant: null } }),
    ]);
    producer = kafkaClient({ brokers: cluster.kafka.brokers, clientId: 'shop' }).producer();
    await producer.connect();
  });
  afterAll(async () => {
    await producer.disconnect();
    await cluster.stop();
  });

  const put = (topic: string, messages: Message[]): Promise<unknown> =>
    producer.send({ topic: cluster.topicPrefix + topic, messages });
  const decidedOf = async (id: string): Promise<unknown> =>
    (await scoring.runtime.reader.byTransaction('demo', id))?.record.decision ?? null;
  const deadLetters = async (): Promise<string[]> => {
    const { topicPrefix, kafka } = cluster;
    const letters = await readDeadLetters({ brokers: kafka.brokers, clientId: 'test', topicPrefix });
    return letters.map(({ reason }) => reason);
  };

  it('decides what is put on Kafka, once, and the other reads it and answers the same', async () => {
    const payload = aPayment();
    const value = JSON.stringify(payload);
    await put(TOPICS.transactions, [
      { key: 'demo|a', value },
      { key: 'demo|a', value },
      { key: 'a', value, headers: { tenant: 'demo' } },
    ]);
    await until(async () => (await decidedOf(payload.transaction.id)) !== null, 20_000);
    const reply = await scoring.decide(payload);
    expect(reply.headers.get('idempotent-replayed')).toBe('true');
    expect(await asDecision(reply)).toEqual(await decidedOf(payload.transaction.id));
  });

  it('records a label that is put there once, and passes over what it recorded itself', async () => {
    const payload = aPayment();
    await scoring.decide(payload);
    const label = { label: 'fraud', source: 'chargeback', reported_at: new Date().toISOString() };
    const good = { transaction_id: payload.transaction.id, ...label };
    await put(TOPICS.labels, [
      { key: 'demo|x', value: JSON.stringify(good) },
      { key: 'demo|x', value: JSON.stringify(good) },
    ]);
    const recorded = async (): Promise<number> => {
      const { records } = await scoring.runtime.log.read({
        after: -1,
        recordCountMax: 100,
        topics: [TOPICS.labels],
      });
      // While the second delivery cannot yet read the first here, it logs it again, with the same place.
      return new Set(records.flatMap(({ seq }) => (seq === undefined ? [] : [seq]))).size;
    };
    await until(async () => (await recorded()) === 1, 20_000);
    const metrics = async (): Promise<string> => (await fetch(streaming.metricsUrl)).text();
    await until(async () => /^veto_labels_total\{.*status="duplicate"\} 1$/m.test(await metrics()));
    expect(await recorded()).toBe(1);
  });

  it('sets aside what is no payment, with the reason and never a value, and decides the ones around it', async () => {
    const before = aPayment();
    const after = aPayment();
    const reused = { ...before, transaction: { ...before.transaction, amount: 99_00 } };
    await put(TOPICS.transactions, [
      { key: 'demo|p', value: JSON.stringify(before) },
      { key: 'demo|p', value: '{"transaction":' },
      { key: 'demo|p', value: null },
      { key: 'demo|p', value: Buffer.from([0xff, 0xfe]) },
      { key: 'demo|p', value: JSON.stringify({ ...after, card: { fingerprint: '4111111111111111' } }) },
      { key: 'demo|p', value: 'x'.repeat(40_000) },
      { key: 'nobody', value: JSON.stringify(aPayment()) },
      { key: 'demo|p', value: JSON.stringify(reused) },
      { key: 'demo|p', value: JSON.stringify(after) },
    ]);
    await until(async () => (await decidedOf(after.transaction.id)) !== null, 20_000);
    expect(await decidedOf(before.transaction.id)).not.toBeNull();
    let reasons: string[] = [];
    await until(async () => (reasons = await deadLetters()).length >= 7, 20_000);
    expect(reasons.map((reason) => reason.split(':', 1)[0]).sort()).toEqual([
      'body_too_large',
      'empty',
      'malformed_json',
      'malformed_json',
      'pan_not_accepted',
      'tenant_missing',
      'transaction_id_reused',
    ]);
    expect(reasons.join()).not.toMatch(/4111/);
    const metrics = await (await fetch(streaming.metricsUrl)).text();
    expect(metrics).toMatch(/^veto_dead_letters_total\{consumer="veto.transactions.v1",class="bad"\} 7$/m);
    expect(streaming.isReady()).toBe(true);
  });

  it('shows each alert once to a console that leaves one instance for another', async () => {
    const first = new TestConsole(scoring, await aCookie(scoring), -1);
    const ids = new Set<string>();
    for (let i = 0; i < 5; i++) ids.add((await asDecision(await scoring.decide(aPayment(930_00)))).id);
    await until(() => first.alerts.length >= 5);
    first.close();
    for (let i = 0; i < 5; i++) ids.add((await asDecision(await scoring.decide(aPayment(930_00)))).id);
    // The other instance has positions of its own: what is open there is loaded anew, then followed.
    const second = new TestConsole(streaming, await aCookie(streaming), -1);
    ids.add((await asDecision(await scoring.decide(aPayment(930_00)))).id);
    await until(() => ids.size === new Set(second.alerts.map((alert) => alert.decisionId)).size, 20_000);
    expect(second.alerts.map((alert) => alert.decisionId).sort()).toEqual([...ids].sort());
    expect(scoring.runtime.source.logId).not.toBe(streaming.runtime.source.logId);
    second.close();
  });
});
