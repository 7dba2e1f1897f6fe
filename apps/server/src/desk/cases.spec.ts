import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CaseState, DecisionDetail, Problem, QueueSnapshot } from '@veto/domain';
import { aClock, aTransactionPayload, type ManualClock } from '@veto/testing';
import {
  aCookie,
  anAnalystFile,
  aKeyFile,
  asDecision,
  aScorer,
  aServer,
  deskHeaders,
  until,
  withKey,
  type TestServer,
  type TestServerOptions,
} from '../a-server.spec-support';
import { DEMO_API_KEY } from '../keys/demo-key';
import type { StoredDecision } from '../scoring/stored-decision';

const DAY_MS = 24 * 3_600_000;
/** Amounts are scores: EUR 930.00 scores 0.93. */
const scorer = aScorer((amount) => amount / 1_000);

async function aDesk(
  options: TestServerOptions = {},
): Promise<{ server: TestServer; clock: ManualClock; cookie: string }> {
  const clock = aClock();
  const server = await aServer({ clock, scorer, ...options });
  return { server, clock, cookie: await aCookie(server) };
}

/** Copies the folder of a server that runs, as `kill -9` would leave it. */
async function copyOf(server: TestServer): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'veto-killed-'));
  await cp(server.dataDirectory, path, { recursive: true, filter: (from) => !from.endsWith('/lock') });
  return path;
}

let count = 0;
async function aPayment(
  server: TestServer,
  of: { score: number; card?: string | null; atMs: number },
): Promise<string> {
  const payload = aTransactionPayload({
    transaction: {
      id: `ord_${++count}`,
      amount: Math.round(of.score * 1_000_00),
      occurred_at: new Date(of.atMs).toISOString(),
    },
    card: of.card === null ? null : { fingerprint: of.card ?? `cfp_${count}` },
    customer: { id: `cus_${count}`, email: `anna${count}@example.org`, phone: '+46700000001' },
    device: { fingerprint: `dfp_${count}` },
    ip: { address: `192.0.2.${count % 250}` },
  });
  const reply = await server.decide(payload);
  return (await asDecision(reply)).id;
}

const send = (server: TestServer, cookie: string, path: string, body: unknown): Promise<Response> =>
  server.request(path, { method: 'POST', headers: deskHeaders(cookie), body: JSON.stringify(body) });
const block = { outcome: 'block', reason: 'stolen_card', block_card: true, expected_version: 0 };
const act = (server: TestServer, cookie: string, id: string, body: unknown = block): Promise<Response> =>
  send(server, cookie, `/desk/cases/${id}/actions`, body);
const get = async <T>(server: TestServer, cookie: string, path: string): Promise<T> =>
  (await (await server.request(path, { headers: { cookie } })).json()) as T;
const stored = async (server: TestServer, id: string): Promise<StoredDecision> =>
  (await (
    await server.request(`/v1/decisions/${id}`, { headers: withKey(DEMO_API_KEY) })
  ).json()) as StoredDecision;

describe('an analyst blocks a payment and its card', () => {
  let server: TestServer;
  let clock: ManualClock;
  let cookie: string;
  beforeAll(async () => {
    ({ server, clock, cookie } = await aDesk());
  });
  afterAll(() => server.dispose());

  it('and the case waits ten seconds, the card is refused at once, and then the decision is revised, once', async () => {
    const id = await aPayment(server, { score: 0.7, card: 'cfp_stolen', atMs: clock.nowMs() });
    const before = await stored(server, id);
    const state = (await (await act(server, cookie, id)).json()) as CaseState;
    expect(state).toMatchObject({
      version: 1,
      status: 'deciding',
      outcome: 'block',
      decidedBy: 'Demo analyst',
      effectiveAtMs: clock.nowMs() + 10_000,
    });

    const next = await aPayment(server, { score: 0.001, card: 'cfp_stolen', atMs: clock.nowMs() });
    expect(await stored(server, next)).toMatchObject({ outcome: 'block', decided_by: { kind: 'list' } });
    expect((await stored(server, next)).reason_codes[0]?.code).toBe('LIST_CARD_BLOCKED');

    clock.advance(9_999);
    await server.runtime.cases.effectDue();
    expect(await stored(server, id)).toEqual(before);
    clock.advance(1);
    await until(async () => (await stored(server, id)).version === 2);
    const after = await stored(server, id);
    expect(after).toMatchObject({
      outcome: 'block',
      recommended_action: 'decline',
      decided_by: { kind: 'analyst', id: 'demo', clause: 'Demo analyst: stolen_card' },
      revisions: [
        { version: 1, outcome: before.outcome },
        { version: 2, outcome: 'block', reason: 'stolen_card' },
      ],
    });
    await Promise.all([server.runtime.cases.effectDue(), server.runtime.cases.effectDue()]);
    expect((await stored(server, id)).revisions).toHaveLength(2);
  });

  it('and the merchant who asks again still gets the first answer, byte for byte', async () => {
    const payload = aTransactionPayload({
      transaction: { id: 'ord_again', amount: 700_00, occurred_at: new Date(clock.nowMs()).toISOString() },
    });
    const first = await (await server.decide(payload)).text();
    const id = (JSON.parse(first) as { id: string }).id;
    await act(server, cookie, id, { ...block, block_card: false });
    clock.advance(10_000);
    await until(async () => (await stored(server, id)).version === 2);
    expect(await (await server.decide(payload)).text()).toBe(first);
  });

  it('and takes it back: nothing is revised, and the card is taken again', async () => {
    const id = await aPayment(server, { score: 0.7, card: 'cfp_undone', atMs: clock.nowMs() });
    await act(server, cookie, id);
    clock.advance(9_999);
    const reply = await send(server, cookie, `/desk/cases/${id}/undo`, { expected_version: 1 });
    expect(await reply.json()).toMatchObject({
      version: 2,
      status: 'open',
      outcome: null,
      listEntryId: null,
    });
    clock.advance(60_000);
    await server.runtime.cases.effectDue();
    expect(await stored(server, id)).toMatchObject({ version: 1, revisions: [{ version: 1 }] });
    const next = await aPayment(server, { score: 0.001, card: 'cfp_undone', atMs: clock.nowMs() });
    expect((await stored(server, next)).outcome).not.toBe('block');
  });

  it('and cannot take it back when the ten seconds are over, even before the effect has left', async () => {
    const id = await aPayment(server, { score: 0.7, atMs: clock.nowMs() });
    await act(server, cookie, id);
    clock.advance(10_000);
    const reply = await send(server, cookie, `/desk/cases/${id}/undo`, { expected_version: 1 });
    expect(reply.status).toBe(409);
    expect(await reply.json()).toMatchObject({ code: 'undo_expired' });
  });

  it('and may decide otherwise after it took effect, which is version 3', async () => {
    const id = await aPayment(server, { score: 0.7, atMs: clock.nowMs() });
    await act(server, cookie, id, { ...block, block_card: false });
    clock.advance(10_000);
    await until(async () => (await stored(server, id)).version === 2);
    await act(server, cookie, id, { outcome: 'approve', reason: 'known_customer', expected_version: 2 });
    clock.advance(10_000);
    await until(async () => (await stored(server, id)).version === 3);
    expect((await stored(server, id)).revisions.map((each) => each.outcome)).toEqual([
      expect.any(String),
      'block',
      'approve',
    ]);
  });

  it('and is told who was first, what they did and when, if somebody was', async () => {
    const id = await aPayment(server, { score: 0.7, atMs: clock.nowMs() });
    const atOnce = await Promise.all([
      act(server, cookie, id),
      act(server, cookie, id, { ...block, outcome: 'approve', block_card: false }),
    ]);
    expect(atOnce.map((reply) => reply.status).sort()).toEqual([200, 409]);
    const problem = (await atOnce.find((reply) => reply.status === 409)?.json()) as Problem;
    expect(problem.code).toBe('version_conflict');
    const said = Object.fromEntries(problem.errors.map((issue) => [issue.code, issue.detail]));
    expect(said).toEqual({
      who: 'Demo analyst',
      what: expect.stringMatching(/block|approve/) as string,
      when: new Date(clock.nowMs()).toISOString(),
      version: '1',
    });
    expect(problem.errors.every((issue) => issue.pointer === '/expected_version')).toBe(true);
  });

  it('and cannot decide twice within the window without taking it back', async () => {
    const id = await aPayment(server, { score: 0.7, atMs: clock.nowMs() });
    await act(server, cookie, id);
    expect((await act(server, cookie, id, { ...block, expected_version: 1 })).status).toBe(409);
  });

  it('but not a card that the payment did not have', async () => {
    const id = await aPayment(server, { score: 0.7, card: null, atMs: clock.nowMs() });
    const reply = await act(server, cookie, id);
    expect(reply.status).toBe(400);
    expect(await reply.json()).toMatchObject({ errors: [{ pointer: '/block_card', code: 'no_card' }] });
    expect((await act(server, cookie, id, { ...block, block_card: false })).status).toBe(200);
  });

  it('but not with a card number in the note', async () => {
    const id = await aPayment(server, { score: 0.7, atMs: clock.nowMs() });
    const reply = await act(server, cookie, id, { ...block, note: 'card 4111 1111 1111 1111' });
    expect(await reply.json()).toMatchObject({ code: 'pan_not_accepted', errors: [{ pointer: '/note' }] });
  });

  it('but not a payment that there is not', async () => {
    expect((await act(server, cookie, 'dec_nothing')).status).toBe(404);
  });

  it.each([
    { ...block, outcome: 'review' },
    { ...block, reason: '' },
    { ...block, expected_version: -1 },
    { ...block, extra: 1 },
    [],
  ])('but not with %o', async (body) => {
    const id = await aPayment(server, { score: 0.7, atMs: clock.nowMs() });
    expect((await act(server, cookie, id, body)).status).toBe(400);
  });

  it('and claims a case and releases it', async () => {
    const id = await aPayment(server, { score: 0.7, atMs: clock.nowMs() });
    const claimed = (await (
      await send(server, cookie, `/desk/cases/${id}/claim`, { expected_version: 0 })
    ).json()) as CaseState;
    expect(claimed).toMatchObject({
      version: 1,
      status: 'open',
      claimedBy: 'Demo analyst',
      claimedUntilMs: clock.nowMs() + 600_000,
    });
    const released = (await (
      await send(server, cookie, `/desk/cases/${id}/release`, { expected_version: 1 })
    ).json()) as CaseState;
    expect(released).toMatchObject({ version: 2, claimedBy: null });
  });

  it('and finds the whole story, with the e-mail and the phone masked', async () => {
    const id = await aPayment(server, { score: 0.7, atMs: clock.nowMs() });
    await act(server, cookie, id, { ...block, note: 'called the customer' });
    const detail = await get<DecisionDetail>(server, cookie, `/desk/decisions/${id}`);
    expect(detail.transaction).toMatchObject({ customer: { email: 'a•••@example.org', phone: '•••001' } });
    expect(detail.case).toMatchObject({ status: 'deciding', note: 'called the customer' });
    expect(detail.alert).toMatchObject({
      decisionId: id,
      severity: 'high',
      score: 0.7,
      case: { status: 'deciding' },
    });
    expect(detail.features).toHaveLength(server.runtime.line.featureSet.definitions.length);
    const sum = detail.features.reduce((total, feature) => total + (feature.contribution ?? 0), 0);
    // The base is 0.01: 0.01 + Σ contributions = 0.7.
    expect(0.01 + sum).toBeCloseTo(0.7, 6);
    expect(detail.timeline.map((entry) => entry.text)).toEqual([
      'Payment received',
      expect.stringContaining('Decided'),
      'On the log, and answered',
      'Demo analyst decided block (stolen_card, card blocked) — called the customer',
    ]);
    const transactionId = (detail.decision as { transaction_id: string }).transaction_id;
    expect((await get<DecisionDetail>(server, cookie, `/desk/decisions/${transactionId}`)).decision.id).toBe(
      id,
    );
  });

  it('and sees why a payment was approved, too', async () => {
    const id = await aPayment(server, { score: 0.001, atMs: clock.nowMs() });
    const detail = await get<DecisionDetail>(server, cookie, `/desk/decisions/${id}`);
    expect(detail.decision.outcome).toBe('approve');
    expect(detail.features.find((feature) => feature.name === 'amount')?.contribution).toBeCloseTo(
      0.001 - 0.01,
      9,
    );
  });
});

describe('the queue', () => {
  it('holds what is not a plain approval, most urgent first, and counts it', async () => {
    const { server, clock, cookie } = await aDesk();
    const atMs = clock.nowMs();
    await aPayment(server, { score: 0.001, atMs });
    const small = await aPayment(server, { score: 0.3, atMs });
    const large = await aPayment(server, { score: 0.9, atMs });
    await aPayment(server, { score: 0.9, atMs: atMs - DAY_MS - 1 });
    const queue = await get<QueueSnapshot>(server, cookie, '/desk/queue');
    expect(queue.alerts.map((alert) => alert.decisionId).sort()).toEqual([small, large].sort());
    expect(queue.counts).toMatchObject({ open: 2, critical: 1, oldestDecidedAtMs: atMs });
    await act(server, cookie, large);
    const deciding = await get<QueueSnapshot>(server, cookie, '/desk/queue');
    expect(deciding.counts).toMatchObject({ open: 1, critical: 0 });
    expect(deciding.alerts.find((alert) => alert.decisionId === large)?.case).toMatchObject({
      status: 'deciding',
    });
    clock.advance(10_000);
    await until(async () => (await stored(server, large)).version === 2);
    expect(
      (await get<QueueSnapshot>(server, cookie, '/desk/queue')).alerts.map((alert) => alert.decisionId),
    ).toEqual([small]);
    await server.dispose();
  });

  it('tells the policy how many reviews are open', async () => {
    const { server, clock } = await aDesk();
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) ids.push(await aPayment(server, { score: 0.5, atMs: clock.nowMs() }));
    const outcomes = await Promise.all(ids.map(async (id) => (await stored(server, id)).outcome));
    expect(server.runtime.line.openReviews()).toBe(outcomes.filter((outcome) => outcome === 'review').length);
    expect(outcomes).toContain('review');
    await server.dispose();
  });

  it('is the same after a stop, after a kill, and when its files are gone', async () => {
    const { server, clock, cookie } = await aDesk();
    const ids: string[] = [];
    for (let i = 0; i < 20; i++)
      ids.push(await aPayment(server, { score: 0.3 + i / 50, atMs: clock.nowMs() + i }));
    await act(server, cookie, ids[0]!);
    await act(server, cookie, ids[1]!);
    clock.advance(10_000);
    await until(async () => (await stored(server, ids[1]!)).version === 2);
    await send(server, cookie, `/desk/cases/${ids[2]}/claim`, { expected_version: 0 });
    const expected = await get<QueueSnapshot>(server, cookie, '/desk/queue');
    const killed = await copyOf(server);
    await server.close();

    for (const [dataDirectory, lost] of [
      [server.dataDirectory, []],
      [killed, []],
      [killed, ['views.json']],
      [killed, ['index', 'views.json']],
    ] as const) {
      for (const name of lost) await rm(join(dataDirectory, name), { recursive: true, force: true });
      const again = await aServer({ clock, scorer, dataDirectory });
      const queue = await get<QueueSnapshot>(again, await aCookie(again), '/desk/queue');
      expect(queue.alerts).toEqual(expected.alerts);
      expect(queue.counts).toEqual({
        ...expected.counts,
        outcomesLastMinute: expect.anything() as unknown,
        decisionsPerSecond: expect.anything() as unknown,
      });
      await again.close();
    }
    await server.dispose();
    await rm(killed, { recursive: true });
  });
});

describe('a server that is killed within the undo window', () => {
  it('lets the effect leave after its restart, once, and the card stays blocked meanwhile', async () => {
    const { server, clock, cookie } = await aDesk();
    const id = await aPayment(server, { score: 0.7, card: 'cfp_k', atMs: clock.nowMs() });
    await act(server, cookie, id);
    const killed = await copyOf(server);
    await server.dispose();

    const again = await aServer({ clock, scorer, dataDirectory: killed });
    const next = await aPayment(again, { score: 0.001, card: 'cfp_k', atMs: clock.nowMs() });
    expect(await stored(again, next)).toMatchObject({ outcome: 'block', decided_by: { kind: 'list' } });
    expect((await stored(again, id)).version).toBe(1);
    clock.advance(10_000);
    await until(async () => (await stored(again, id)).version === 2);
    await again.close();

    const third = await aServer({ clock, scorer, dataDirectory: killed });
    clock.advance(60_000);
    await third.runtime.cases.effectDue();
    expect((await stored(third, id)).revisions).toHaveLength(2);
    await third.dispose();
  });

  it('takes the undo after its restart, when there is still time', async () => {
    const { server, clock, cookie } = await aDesk();
    const id = await aPayment(server, { score: 0.7, atMs: clock.nowMs() });
    await act(server, cookie, id);
    const killed = await copyOf(server);
    await server.dispose();
    const again = await aServer({ clock, scorer, dataDirectory: killed });
    clock.advance(5_000);
    const reply = await send(again, await aCookie(again), `/desk/cases/${id}/undo`, { expected_version: 1 });
    expect(await reply.json()).toMatchObject({ version: 2, status: 'open' });
    await again.dispose();
  });
});

describe('the desk in production', () => {
  let server: TestServer;
  let keys: readonly string[];
  beforeAll(async () => {
    const file = await aKeyFile([
      { tenant: 'acme', scopes: ['decide', 'read'] },
      { tenant: 'globex', scopes: ['decide', 'read'] },
    ]);
    keys = file.keys;
    const analystsFile = await anAnalystFile([
      { id: 'ana', name: 'Ana', role: 'analyst', tenant: 'acme' },
      { id: 'vic', name: 'Vic', role: 'viewer', tenant: 'acme' },
      { id: 'glo', name: 'Glo', role: 'lead', tenant: 'globex' },
    ]);
    server = await aServer({
      scorer,
      configuration: {
        mode: 'production',
        apiKeysFile: file.path,
        analystsFile,
        publicUrl: 'https://veto.example.com',
      },
    });
  });
  afterAll(() => server.dispose());

  const signIn = async (token: string): Promise<Response> =>
    server.request('/desk/session', {
      method: 'POST',
      headers: deskHeaders(''),
      body: JSON.stringify({ token }),
    });
  const cookieOf = async (token: string): Promise<string> =>
    ((await signIn(token)).headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';
  const decideAs = async (key: string): Promise<string> => {
    const payload = aTransactionPayload({
      transaction: { id: `ord_p${++count}`, amount: 700_00, occurred_at: new Date().toISOString() },
    });
    const reply = await server.request('/v1/decisions', {
      method: 'POST',
      headers: withKey(key),
      body: JSON.stringify(payload),
    });
    return (await asDecision(reply)).id;
  };

  it('signs nobody in by itself', async () => {
    expect((await server.request('/desk/session')).status).toBe(401);
  });

  it('signs an analyst in with a token, and out again', async () => {
    const reply = await signIn('ana');
    expect(await reply.json()).toMatchObject({
      analyst: { id: 'ana', name: 'Ana', role: 'analyst' },
      mode: 'production',
      undoWindowMs: 10_000,
    });
    expect(reply.headers.get('set-cookie')).toMatch(
      /^__Host-veto_session=.*; Path=\/; HttpOnly; SameSite=Strict; Max-Age=28800; Secure$/,
    );
    const cookie = (reply.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';
    expect((await server.request('/desk/queue', { headers: { cookie } })).status).toBe(200);
    expect(
      (await server.request('/desk/session', { method: 'DELETE', headers: { cookie, 'x-veto-desk': '1' } }))
        .status,
    ).toBe(204);
    expect((await server.request('/desk/queue', { headers: { cookie } })).status).toBe(401);
  });

  it.each(['/desk/queue', '/desk/alerts', '/desk/decisions/dec_1'])(
    'shows %s to nobody without a session',
    async (path) => {
      for (const cookie of ['', '__Host-veto_session=', '__Host-veto_session=guess']) {
        expect((await server.request(path, { headers: { cookie } })).status).toBe(401);
      }
    },
  );

  it('lets a viewer look and not act', async () => {
    const id = await decideAs(keys[0]!);
    const cookie = await cookieOf('vic');
    expect((await server.request('/desk/queue', { headers: { cookie } })).status).toBe(200);
    expect((await act(server, cookie, id)).status).toBe(403);
  });

  it('lets an analyst see and decide what is their tenant’s, and nothing else', async () => {
    const id = await decideAs(keys[0]!);
    const [ana, glo] = [await cookieOf('ana'), await cookieOf('glo')];
    expect((await act(server, glo, id)).status).toBe(404);
    expect((await server.request(`/desk/decisions/${id}`, { headers: { cookie: glo } })).status).toBe(404);
    expect(
      (await get<QueueSnapshot>(server, glo, '/desk/queue')).alerts.map((alert) => alert.decisionId),
    ).not.toContain(id);
    expect((await act(server, ana, id)).status).toBe(200);
  });

  it('takes no change that another site’s page could send', async () => {
    const id = await decideAs(keys[0]!);
    const cookie = await cookieOf('ana');
    const body = JSON.stringify(block);
    const path = `/desk/cases/${id}/actions`;
    const withoutHeader = await server.request(path, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json' },
      body,
    });
    const fromElsewhere = await server.request(path, {
      method: 'POST',
      headers: { ...deskHeaders(cookie), 'sec-fetch-site': 'cross-site' },
      body,
    });
    const asForm = await server.request(path, {
      method: 'POST',
      headers: { ...deskHeaders(cookie), 'content-type': 'text/plain' },
      body,
    });
    expect([withoutHeader.status, fromElsewhere.status, asForm.status]).toEqual([403, 403, 415]);
    const signIn = await server.request('/desk/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"token":"ana"}',
    });
    expect(signIn.status).toBe(403);
  });

  it('makes guessing tokens slow', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 7; i++) statuses.push((await signIn(`guess ${i}`)).status);
    expect(statuses.slice(0, 5)).toEqual([401, 401, 401, 401, 401]);
    expect(statuses.slice(5)).toEqual([429, 429]);
  });
});
