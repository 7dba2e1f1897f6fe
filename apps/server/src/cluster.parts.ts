import type { Decision, QueueSnapshot } from '@veto/domain';
import { aTransactionPayload } from '@veto/testing';
import { aCookie, aScorer, asDecision, until, withKey, type TestServer } from './a-server.spec-support';
import { TestCluster } from './a-cluster.spec-support';
import { act, block, get, stored } from './desk/a-desk.spec-support';
import { DEMO_API_KEY, DEMO_TENANT } from './keys/demo-key';

const scorer = aScorer((amount) => amount / 1_000);
let count = 0;
/** A payment by nobody seen before, of now. EUR 930.00 scores 0.93. */
const aPayment = (
  of: { amount?: number; card?: string; id?: string; atMs?: number } = {},
): ReturnType<typeof aTransactionPayload> => {
  count += 1;
  return aTransactionPayload({
    transaction: {
      id: of.id ?? `ord_${count}`,
      amount: of.amount ?? 12_00,
      occurred_at: new Date(of.atMs ?? Date.now()).toISOString(),
    },
    card: { fingerprint: of.card ?? `cfp_${count}` },
    customer: { id: `cus_${count}`, email: `anna${count}@example.org` },
    device: { fingerprint: `dfp_${count}` },
    ip: { address: `192.0.2.${count % 250}` },
  });
};

describe('two instances on Kafka and Redis', () => {
  let cluster: TestCluster;
  let one: TestServer;
  let two: TestServer;
  beforeAll(async () => {
    cluster = await TestCluster.start();
    await cluster.begin();
    [one, two] = await Promise.all([cluster.instance({ scorer }), cluster.instance({ scorer })]);
  });
  afterAll(() => cluster.stop());

  it('read on one what was decided on the other, at once', async () => {
    for (let i = 0; i < 20; i++) {
      const decision = await asDecision(await one.decide(aPayment()));
      const read = await stored(two, decision.id);
      expect(read).toMatchObject({ id: decision.id, transaction_id: decision.transaction_id, degraded: [] });
    }
  });

  it('give the same bytes for one id, asked on both at once', async () => {
    for (let i = 0; i < 25; i++) {
      const payload = aPayment();
      const replies = await Promise.all([one, two, one, two].map((server) => server.decide(payload)));
      expect(replies.map((reply) => reply.status)).toEqual([200, 200, 200, 200]);
      const bodies = await Promise.all(replies.map((reply) => reply.text()));
      expect(new Set(bodies).size).toBe(1);
      expect(replies.filter((reply) => reply.headers.get('idempotent-replayed') === 'true')).toHaveLength(3);
    }
  });

  it('see each other’s payments on one card: the counts are 0 … n − 1, each once', async () => {
    // All at one moment: what a payment sees is then a matter of its place in the order alone.
    const atMs = Date.now();
    const replies = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        (i % 2 === 0 ? one : two).decide(aPayment({ card: 'cfp_shared', atMs })),
      ),
    );
    const decisions = await Promise.all(replies.map(asDecision));
    const index = one.runtime.line.featureSet.definitions.findIndex(({ name }) => name === 'card_count_1h');
    const counts = await Promise.all(
      decisions.map(async ({ transaction_id: transactionId }) => {
        const story = await one.runtime.reader.byTransaction(DEMO_TENANT, transactionId);
        return story?.record.features[index];
      }),
    );
    expect(counts.sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 40 }, (_, i) => i));
  });

  it('refuse an id with another body, wherever it was first', async () => {
    const payload = aPayment();
    await one.decide(payload);
    const reply = await two.decide(aPayment({ id: payload.transaction.id, amount: 13_00 }));
    expect(reply.status).toBe(422);
    expect(await reply.json()).toMatchObject({ code: 'transaction_id_reused' });
  });

  it('take a label on the one about what the other decided, and count it once', async () => {
    const { transaction_id: id } = await asDecision(await one.decide(aPayment()));
    const body = JSON.stringify({
      transaction_id: id,
      label: 'fraud',
      source: 'chargeback',
      reported_at: new Date().toISOString(),
    });
    const send = (server: TestServer): Promise<Response> =>
      server.request('/v1/labels', { method: 'POST', headers: withKey(DEMO_API_KEY), body });
    expect((await send(two)).status).toBe(201);
    expect((await send(one)).status).toBe(200);
  });

  it('block a card everywhere within two seconds', async () => {
    const [cookieOne, decision] = [
      await aCookie(one),
      await asDecision(await one.decide(aPayment({ amount: 930_00, card: 'cfp_everywhere' }))),
    ];
    const reply = await act(one, cookieOne, decision.id);
    expect(reply.status).toBe(200);
    const startedMs = performance.now();
    await until(async () => {
      const next = await asDecision(await two.decide(aPayment({ amount: 1_00, card: 'cfp_everywhere' })));
      return next.outcome === 'block';
    }, 2_000);
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });

  it('let one of two analysts win who act on two desks at once', async () => {
    const cookies = [await aCookie(one), await aCookie(two)];
    for (let i = 0; i < 10; i++) {
      const { id } = await asDecision(await one.decide(aPayment({ amount: 930_00 })));
      // Both have it on their screens.
      for (const [n, server] of [one, two].entries())
        await until(async () =>
          (await get<QueueSnapshot>(server, cookies[n]!, '/desk/queue')).alerts.some(
            (alert) => alert.decisionId === id,
          ),
        );
      const replies = await Promise.all([
        act(one, cookies[0]!, id),
        act(two, cookies[1]!, id, { ...block, outcome: 'approve', block_card: false }),
      ]);
      expect(replies.map((reply) => reply.status).sort()).toEqual([200, 409]);
      const loser = (await replies.find((reply) => reply.status === 409)?.json()) as { code: string };
      expect(loser.code).toBe('version_conflict');
    }
  });

  it('say how they are', async () => {
    for (const server of [one, two]) {
      const metrics = await (await fetch(server.metricsUrl)).text();
      expect(metrics).toMatch(/^veto_state_shard\{shard="0",state="serving"\} 1$/m);
      expect(metrics).toMatch(/^veto_state_epoch\{shard="0"\} [1-9]\d*$/m);
      expect(metrics).toMatch(/^veto_log_is_wal 0$/m);
      expect(metrics).toMatch(/^veto_ladder_total\{level="L0"\} [1-9]\d*$/m);
      const ready = await server.request('/v1/health/ready');
      expect(await ready.json()).toMatchObject({ status: 'ready', roles: ['score', 'desk'] });
    }
  });

  it('keep the decision of an instance that is gone', async () => {
    const three = await cluster.instance({ scorer });
    const payload = aPayment();
    const first = await (await three.decide(payload)).text();
    await three.close();
    expect(await (await one.decide(payload)).text()).toBe(first);
    expect((JSON.parse(first) as Decision).transaction_id).toBe(payload.transaction.id);
  });
});
