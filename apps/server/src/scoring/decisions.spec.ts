import { decisionSchema, transactionPayloadSchema } from '@veto/domain';
import { aLabel, aTransactionPayload } from '@veto/testing';
import {
  asDecision,
  asProblem,
  aScorer,
  aServer,
  withId,
  withKey,
  type TestServer,
} from '../a-server.spec-support';
import { DEMO_API_KEY } from '../keys/demo-key';
import { storedDecisionSchema, type StoredDecision } from './stored-decision';

describe('asking about a payment', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await aServer({ scorer: aScorer((amount) => amount / 1_000) });
  });
  afterAll(() => server.dispose());

  const now = (): { occurred_at: string } => ({ occurred_at: new Date().toISOString() });
  let count = 0;
  const aPayment = (amount = 100_00): ReturnType<typeof aTransactionPayload> =>
    aTransactionPayload({
      transaction: { id: `ord_${++count}`, amount, ...now() },
      card: { fingerprint: `cfp_${count}` },
    });

  it('answers with a decision of the documented shape, its timings and its request id', async () => {
    const reply = await server.decide(aPayment());
    const decision = await asDecision(reply);
    expect(reply.status).toBe(200);
    expect(reply.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(decisionSchema.parse(decision)).toEqual(decision);
    expect(decision).toMatchObject({ score: 0.1, status: 'final', durability: 'log' });
    expect(reply.headers.get('idempotent-replayed')).toBeNull();
    expect(reply.headers.get('x-request-id')).toMatch(/^req_\w+$/);
    expect(reply.headers.get('server-timing')).toMatch(
      /parse;dur=[\d.]+.*commit;dur=[\d.]+.*log;dur=[\d.]+.*total;dur=[\d.]+/,
    );
  });

  it('answers only when the decision is on the log', async () => {
    const before = server.runtime.log.end();
    await server.decide(aPayment());
    expect(server.runtime.log.end()).toBeGreaterThan(before);
  });

  it('gives the same bytes for the same payment, and says that they are', async () => {
    const payment = aPayment();
    const first = await server.decide(payment);
    const again = await server.decide(payment);
    expect(await again.text()).toBe(await first.text());
    expect(again.status).toBe(200);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
  });

  it('decides once when the same payment is asked about twenty times at once', async () => {
    const payment = aPayment();
    const replies = await Promise.all(Array.from({ length: 20 }, () => server.decide(payment)));
    const bodies = new Set(await Promise.all(replies.map((reply) => reply.text())));
    expect(bodies.size).toBe(1);
    expect(replies.filter((reply) => reply.headers.get('idempotent-replayed') === null)).toHaveLength(1);
  });

  it('lets 50 simultaneous payments on one card see 0 … 49 before them', async () => {
    const payments = Array.from({ length: 50 }, (_, i) =>
      aTransactionPayload({
        transaction: { id: `burst_${i}`, occurred_at: '2026-06-15T12:00:00.000Z' },
        card: { fingerprint: 'cfp_burst' },
      }),
    );
    const replies = await Promise.all(payments.map((payment) => server.decide(payment)));
    const index = server.runtime.line.featureSet.definitions.findIndex(
      (definition) => definition.name === 'card_count_10m',
    );
    const counts: (number | null | undefined)[] = [];
    for (const reply of replies) {
      const decision = await asDecision(reply);
      const story = await server.runtime.reader.byId('demo', decision.id);
      counts.push(story?.record.features[index]);
    }
    expect(counts.sort((a, b) => (a ?? 0) - (b ?? 0))).toEqual(Array.from({ length: 50 }, (_, i) => i));
  });

  it('refuses the same id with another body, naming the field and not its value', async () => {
    const payment = aPayment(50_00);
    await server.decide(payment);
    const reply = await server.decide(withId(payment, payment.transaction.id, 51_00));
    const problem = await asProblem(reply);
    expect(reply.status).toBe(422);
    expect(problem).toMatchObject({
      code: 'transaction_id_reused',
      errors: [{ pointer: '/transaction/amount' }],
    });
    expect(JSON.stringify(problem)).not.toMatch(/5000|5100/);
  });

  it('takes an Idempotency-Key that is the id, and refuses another', async () => {
    const payment = aPayment();
    expect((await server.decide(payment, { 'idempotency-key': payment.transaction.id })).status).toBe(200);
    const reply = await server.decide(payment, { 'idempotency-key': 'other' });
    expect(reply.status).toBe(400);
    expect(await asProblem(reply)).toMatchObject({
      errors: [{ pointer: '/transaction/id', code: 'idempotency_key_differs' }],
    });
  });

  it.each(['49', '2001', '100.5', 'soon', ''])('refuses the deadline %j', async (deadline) => {
    expect((await server.decide(aPayment(), { 'x-deadline-ms': deadline })).status).toBe(400);
  });

  it.each(['50', '2000'])('takes the deadline %s', async (deadline) => {
    expect((await server.decide(aPayment(), { 'x-deadline-ms': deadline })).status).toBe(200);
  });

  it('names every pointer that is wrong', async () => {
    const problem = await asProblem(
      await server.decide({ transaction: { id: 'x', occurred_at: 'noon', amount: -1, currency: 'ZZZ' } }),
    );
    const pointers = problem.errors.map((issue) => issue.pointer);
    expect(pointers).toEqual(['/transaction/occurred_at', '/transaction/amount', '/transaction/currency']);
  });

  it('reads a decision back by its id and by its transaction, with its revisions', async () => {
    const payment = aPayment();
    const decision = await asDecision(await server.decide(payment));
    const byId = (await (
      await server.request(`/v1/decisions/${decision.id}`, { headers: withKey(DEMO_API_KEY) })
    ).json()) as StoredDecision;
    const path = `/v1/decisions?transaction_id=${payment.transaction.id}`;
    const byTransaction = (await (
      await server.request(path, { headers: withKey(DEMO_API_KEY) })
    ).json()) as StoredDecision;
    expect(byTransaction).toEqual(byId);
    expect(storedDecisionSchema.parse(byId)).toEqual(byId);
    const { revisions, ...current } = byId;
    expect(current).toEqual(decision);
    expect(revisions).toMatchObject([{ version: 1, outcome: decision.outcome, reason: null }]);
  });

  it.each(['/v1/decisions/dec_nothing', '/v1/decisions?transaction_id=nothing'])(
    'does not find %s',
    async (path) => {
      const reply = await server.request(path, { headers: withKey(DEMO_API_KEY) });
      expect(await asProblem(reply)).toMatchObject({ status: 404, code: 'not_found' });
    },
  );

  it.each([
    '/v1/decisions',
    '/v1/decisions?transaction_id=',
    '/v1/decisions?transaction_id=a&other=b',
    '/v1/decisions?transaction_id=a&transaction_id=b',
  ])('refuses to search with %s', async (path) => {
    expect((await server.request(path, { headers: withKey(DEMO_API_KEY) })).status).toBe(400);
  });

  it('takes a label once, and knows it the second time', async () => {
    const payment = aPayment();
    await server.decide(payment);
    const send = (): Promise<Response> =>
      server.request('/v1/labels', {
        method: 'POST',
        headers: withKey(DEMO_API_KEY),
        body: JSON.stringify(aLabel({ transaction_id: payment.transaction.id })),
      });
    const first = await send();
    expect(first.status).toBe(201);
    expect(await first.json()).toEqual({
      object: 'label',
      transaction_id: payment.transaction.id,
      status: 'recorded',
    });
    const second = await send();
    expect(second.status).toBe(200);
    expect(await second.json()).toMatchObject({ status: 'duplicate' });
  });

  it('does not find the payment of a label about nothing', async () => {
    const body = JSON.stringify(aLabel({ transaction_id: 'nothing' }));
    const reply = await server.request('/v1/labels', {
      method: 'POST',
      headers: withKey(DEMO_API_KEY),
      body,
    });
    expect(reply.status).toBe(404);
  });

  it('counts what it does', async () => {
    const text = await (await fetch(server.metricsUrl)).text();
    expect(text).toMatch(/^veto_decisions_total\{outcome="\w+",decided_by="\w+",replayed="true"\} \d+$/m);
    expect(text).toMatch(/^veto_stage_seconds_bucket\{le="0.001",stage="begin"\} \d+$/m);
    expect(text).toMatch(/^veto_labels_total\{label="fraud",source="chargeback",status="recorded"\} 1$/m);
    expect(text).toMatch(/^veto_requests_refused_total\{code="transaction_id_reused"\} 1$/m);
    expect(text).toMatch(/^veto_log_end_position \d+$/m);
    expect(text).toMatch(/^veto_event_loop_delay_p99_seconds [\d.e-]+$/m);
  });

  it('serves the metrics at their own port only', async () => {
    expect((await server.request('/metrics')).status).toBe(404);
    expect((await fetch(server.metricsUrl.replace('/metrics', '/'))).status).toBe(404);
  });

  it('names a model that is not there in the decision', async () => {
    const bare = await aServer();
    const decision = await asDecision(await bare.decide(aPayment()));
    expect(decision).toMatchObject({ status: 'degraded', degraded: ['model'], score: null });
    await bare.dispose();
  });
});

describe('the payment schema', () => {
  it('leaves out what has a default', () => {
    const minimal = {
      transaction: { id: 'a', occurred_at: '2026-01-01T00:00:00Z', amount: 1, currency: 'EUR' },
      card: { fingerprint: 'f' },
    };
    expect(transactionPayloadSchema.parse(minimal).transaction.stage).toBe('pre_auth');
  });
});
