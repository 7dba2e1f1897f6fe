import { setTimeout as wait } from 'node:timers/promises';
import type { Decision, ModelScorer, Problem } from '@veto/domain';
import { aTransactionPayload } from '@veto/testing';
import { TestCluster } from './a-cluster.spec-support';
import { asDecision, aScorer, until, type TestServer } from './a-server.spec-support';

let count = 0;
const aPayment = (amount = 12_00): ReturnType<typeof aTransactionPayload> => {
  count += 1;
  return aTransactionPayload({
    transaction: { id: `ord_${count}`, amount, occurred_at: new Date().toISOString() },
    card: { fingerprint: `cfp_${count}` },
    customer: { id: `cus_${count}`, email: `anna${count}@example.org` },
    device: { fingerprint: `dfp_${count}` },
    ip: { address: `192.0.${Math.floor(count / 250)}.${count % 250}` },
  });
};

/** How often decisions were made at a level, as Prometheus reads it. */
async function countedAt(server: TestServer, level: string): Promise<number> {
  const metrics = await (await fetch(server.metricsUrl)).text();
  return Number(new RegExp(`^veto_ladder_total\\{level="${level}"\\} (\\d+)$`, 'm').exec(metrics)?.[1]);
}

const good = aScorer(() => 0.01);
/** Answers when it is too late for a payment that grants 50 ms. */
const slow: ModelScorer = {
  ...good,
  score: async (vectors) => {
    await wait(300);
    return good.score(vectors);
  },
};

describe('the ladder of degradation, on real parts', () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await TestCluster.start({ kafka: { own: true } });
  });
  beforeEach(() => cluster.begin());
  afterEach(() => cluster.end());
  afterAll(() => cluster.stop());

  /** One decision, and the level that it was counted at. */
  async function decide(
    server: TestServer,
    headers: Record<string, string> = {},
  ): Promise<{ readonly reply: Response; readonly decision: Decision }> {
    const reply = await server.decide(aPayment(), headers);
    expect(reply.status).toBe(200);
    return { reply, decision: await asDecision(reply) };
  }

  it('L0: nothing is silent', async () => {
    const server = await cluster.instance({ scorer: good });
    const { reply, decision } = await decide(server);
    expect(decision).toMatchObject({ status: 'final', degraded: [], durability: 'log' });
    expect(reply.headers.get('veto-durability')).toBeNull();
    expect(await countedAt(server, 'L0')).toBe(1);
  });

  it('L1: Redis does not answer; its budget is kept, and it is used again when it does', async () => {
    const server = await cluster.instance({ scorer: good, cluster: { stateBudgetMs: 50 } });
    await decide(server);
    await cluster.redis.kill('SIGSTOP');
    const startedMs = performance.now();
    const { decision } = await decide(server);
    expect(performance.now() - startedMs).toBeLessThan(2_000);
    expect(decision).toMatchObject({ status: 'degraded', degraded: ['histories'], durability: 'log' });
    expect(await countedAt(server, 'L1')).toBe(1);
    await cluster.redis.kill('SIGCONT');
    await until(async () => (await decide(server)).decision.degraded.length === 0);
  });

  it.each([
    ['there is no model', null],
    ['the model is late for the deadline', slow],
  ])('L2: %s', async (_what, scorer) => {
    const server = await cluster.instance({ scorer });
    const { decision } = await decide(server, { 'x-deadline-ms': '50' });
    expect(decision).toMatchObject({ degraded: ['model'], score: null });
    expect(await countedAt(server, 'L2')).toBe(1);
  });

  it('bounds what defaults approve, and shows it', async () => {
    const server = await cluster.instance({ scorer: null });
    const { fail_open_budget: budget } = server.runtime.line.policy;
    // EUR 49.99 each, in a band whose default is to approve, until the budget is spent.
    const outcomes: string[] = [];
    while (outcomes.at(-1) !== 'review' && outcomes.length <= budget / 49_99)
      outcomes.push((await asDecision(await server.decide(aPayment(49_99)))).outcome);
    const approved = outcomes.filter((outcome) => outcome === 'approve').length;
    // EUR 25 000.00 / 49.99: 500 payments are EUR 24 995.00, and the next would be beyond.
    expect([approved, outcomes.at(-1)]).toEqual([Math.floor(budget / 49_99), 'review']);
    const metrics = await (await fetch(server.metricsUrl)).text();
    const shown = /^veto_fail_open_spent_cents\{tenant="demo"\} (\d+)$/m.exec(metrics)?.[1];
    expect(Number(shown)).toBe(approved * 49_99);
  });

  it('L3: the deadline passes while Redis takes its time', async () => {
    const server = await cluster.instance({ scorer: good, cluster: { stateBudgetMs: 1_000 } });
    await decide(server);
    await cluster.redis.kill('SIGSTOP');
    const late = decide(server, { 'x-deadline-ms': '50' });
    await wait(300);
    await cluster.redis.kill('SIGCONT');
    const { decision } = await late;
    expect(decision.degraded).toContain('deadline');
    expect(decision.decided_by.kind).toBe('default');
    expect(await countedAt(server, 'L3')).toBe(1);
    expect((await decide(server)).decision.degraded).toEqual([]);
  });

  it('L4: Kafka does not answer; it is said, and everything is on the log when it does', async () => {
    const server = await cluster.instance({ scorer: good });
    await decide(server);
    await cluster.kafka.kill('SIGSTOP');
    const first = await decide(server);
    // It was decided before anybody knew: the header says it, and the body cannot.
    expect(first.reply.headers.get('veto-durability')).toBe('wal');
    const later = await decide(server);
    expect(later.reply.headers.get('veto-durability')).toBe('wal');
    expect(later.decision).toMatchObject({ degraded: ['log'], durability: 'wal' });
    expect(await countedAt(server, 'L4')).toBe(2);
    await cluster.kafka.kill('SIGCONT');
    await until(() => server.runtime.log.durability() === 'log', 20_000);
    for (const { decision } of [first, later]) {
      const story = await server.runtime.reader.byTransaction('demo', decision.transaction_id);
      expect(story?.record.decision.id).toBe(decision.id);
    }
  });

  it('L5: nothing is durable: 503, when to ask again, and the same id is decided afterwards', async () => {
    const server = await cluster.instance({ scorer: good, cluster: { spoolBytesMax: 1 } });
    await decide(server);
    await cluster.kafka.kill('SIGSTOP');
    const payload = aPayment();
    const reply = await server.decide(payload);
    expect(reply.status).toBe(503);
    expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await reply.json()) as Problem).toMatchObject({ code: 'log_unavailable' });
    expect(await countedAt(server, 'L5')).toBeGreaterThanOrEqual(1);
    await cluster.kafka.kill('SIGCONT');
    await until(async () => (await server.decide(payload)).status === 200, 20_000);
  });
});
