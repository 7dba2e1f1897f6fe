import { expect, test } from '@playwright/test';
import type { Decision } from '@veto/domain';
import { aPayment, decide, detailOf, get } from '../support/demo-api';
import { DEMO_API_KEY } from '../support/demo-key';
import { removeData, startServer, type RunningServer } from '../support/start-server';

let server: RunningServer;
test.beforeAll(async () => {
  server = await startServer();
});
test.afterAll(async () => {
  await server.stop();
  removeData(server);
});

test('fifty simultaneous payments on one card see the counts 0 … 49', async () => {
  const occurredAt = new Date().toISOString();
  const payments = Array.from({ length: 50 }, (_, i) =>
    aPayment({
      transaction: { id: `burst_${i}`, occurred_at: occurredAt },
      card: { fingerprint: 'cfp_burst' },
    }),
  );
  const answers = await Promise.all(payments.map((payment) => decide(server.url, payment)));
  expect(answers.map((answer) => answer.status)).toEqual(payments.map(() => 200));
  const seen: (number | null | undefined)[] = [];
  for (const { body } of answers) {
    const { features } = await detailOf(server.url, body.id);
    seen.push(features.find((feature) => feature.name === 'card_count_1h')?.value);
  }
  expect(seen.sort((a, b) => (a ?? -1) - (b ?? -1))).toEqual(Array.from({ length: 50 }, (_, i) => i));
});

test('one id sent twenty times at once is one decision and twenty identical bodies', async () => {
  const payment = aPayment({ transaction: { id: 'twenty' }, card: { fingerprint: 'cfp_twenty' } });
  const answers = await Promise.all(Array.from({ length: 20 }, () => decide(server.url, payment)));
  expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 200));
  expect(new Set(answers.map((answer) => answer.text)).size).toBe(1);
  expect(answers.filter((answer) => answer.headers.get('idempotent-replayed') === null)).toHaveLength(1);
  const again = await decide(server.url, payment);
  expect(again.text).toBe(answers[0]?.text);
  const found = await get<Decision>(server.url, '/v1/decisions?transaction_id=twenty');
  expect(found.body.id).toBe(answers[0]?.body.id);
});

test('the same id with another body is refused, naming the field and not the value', async () => {
  const payment = aPayment({
    transaction: { id: 'reused', amount: 1_000 },
    customer: { id: 'cus_1', email: 'a@example.com' },
  });
  const first = await decide(server.url, payment);
  const other = aPayment({
    transaction: { ...(payment['transaction'] as object), amount: 987_654 },
    customer: { id: 'cus_1', email: 'secret@example.com' },
  });
  const refused = await decide(server.url, other);
  expect(refused.status).toBe(422);
  expect(refused.body.code).toBe('transaction_id_reused');
  expect(refused.body.errors.map((issue) => issue.pointer).sort()).toEqual([
    '/customer/email',
    '/transaction/amount',
  ]);
  expect(refused.text).not.toMatch(/987654|secret|a@example/);
  expect((await decide(server.url, payment)).text).toBe(first.text);
});

test('every decision says how long each stage took, in its body and in Server-Timing', async () => {
  const { body, headers } = await decide(
    server.url,
    aPayment({ transaction: { id: 'timed' }, card: { fingerprint: 'cfp_t' } }),
  );
  for (const stage of ['parse', 'begin', 'features', 'model', 'rules'])
    expect(body.timings_ms[stage]).toBeGreaterThanOrEqual(0);
  expect(headers.get('server-timing')).toMatch(/commit;dur=.*log;dur=.*total;dur=/);
  expect(body.model?.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(body.degraded).toEqual([]);
});

test('a card number in any field is refused and appears nowhere', async () => {
  const pan = '4111 1111 1111 1111';
  const refused = await decide(
    server.url,
    aPayment({ transaction: { id: 'pan' }, metadata: { note: `card ${pan} please` } }),
  );
  expect(refused.status).toBe(400);
  expect(refused.body.code).toBe('pan_not_accepted');
  expect(refused.body.errors.map((issue) => issue.pointer)).toEqual(['/metadata/note']);
  expect(refused.text + server.output()).not.toContain('1111 1111');
});

test('without a key it is 401, whatever the body', async () => {
  const answer = await fetch(`${server.url}/v1/decisions`, {
    method: 'POST',
    body: '{',
    headers: { 'content-type': 'application/json' },
  });
  expect(answer.status).toBe(401);
  expect(answer.headers.get('content-type')).toMatch(/application\/problem\+json/);
});

test('a label changes what later payments see, from its reported_at on', async () => {
  const card = { fingerprint: 'cfp_labelled' };
  const first = aPayment({
    transaction: { id: 'labelled_1', occurred_at: new Date(Date.now() - 60_000).toISOString() },
    card,
  });
  await decide(server.url, first);
  const label = {
    transaction_id: 'labelled_1',
    label: 'fraud',
    source: 'chargeback',
    reported_at: new Date(Date.now() - 1_000).toISOString(),
  };
  const accepted = await fetch(`${server.url}/v1/labels`, {
    method: 'POST',
    headers: { authorization: `Bearer ${DEMO_API_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify(label),
  });
  expect(accepted.status).toBeLessThan(300);
  const second = await decide(server.url, aPayment({ transaction: { id: 'labelled_2' }, card }));
  const { features } = await detailOf(server.url, second.body.id);
  expect(features.find((feature) => feature.name === 'card_fraud_count_30d')?.value).toBe(1);
});
