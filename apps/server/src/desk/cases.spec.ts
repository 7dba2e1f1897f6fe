import type { CaseState, DecisionDetail, Problem } from '@veto/domain';
import { aTransactionPayload, type ManualClock } from '@veto/testing';
import { aCookie, aServer, until, type TestServer } from '../a-server.spec-support';
import { act, aDesk, aPayment, block, copyOf, get, scorer, send, stored } from './a-desk.spec-support';

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
