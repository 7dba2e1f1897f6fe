import { TOPICS, type LogRecord } from '@veto/domain';
import { until } from '../a-server.spec-support';
import type { Analyst } from '../keys/analyst-ring';
import type { DeskInstance } from './two-desks.spec-support';
import { aDecision, SharedLog, TENANT } from './two-desks.spec-support';

const ana: Analyst = { id: 'ana', name: 'Ana Ruiz', role: 'analyst', tenant: TENANT };
const kim: Analyst = { id: 'kim', name: 'Kim Lind', role: 'analyst', tenant: TENANT };
const blockCard = { outcome: 'block', reason: 'stolen_card', block_card: true, expected_version: 0 } as const;
const approve = {
  outcome: 'approve',
  reason: 'known_customer',
  block_card: false,
  expected_version: 0,
} as const;

describe('two desks over one log', () => {
  let shared: SharedLog;
  let a: DeskInstance;
  let b: DeskInstance;
  let count = 0;
  beforeEach(async () => {
    shared = new SharedLog();
    a = await shared.instance();
    b = await shared.instance();
  });
  afterEach(() => shared.stop());

  const caughtUp = async (): Promise<void> => {
    for (const each of [a, b]) await each.feed.reached(each.copy.end(), 1_000);
  };
  const anAlert = async (): Promise<string> => {
    const { id, record } = aDecision({ transactionId: `ord_${++count}`, atMs: shared.clock.nowMs() });
    await shared.append([record]);
    await caughtUp();
    return id;
  };
  const revisions = (): LogRecord[] =>
    shared.appended.filter(
      ({ topic, value }) =>
        topic === TOPICS.decisions && Buffer.from(value).includes('"schema":"decision-revision.v1"'),
    );

  it('let one of two analysts win who act at once, and tell the other who it was', async () => {
    const id = await anAlert();
    const [first, second] = await Promise.allSettled([
      a.cases.act(ana, id, blockCard),
      b.cases.act(kim, id, approve),
    ]);
    expect([first.status, second.status].sort()).toEqual(['fulfilled', 'rejected']);
    const refusal = [first, second].find((each) => each.status === 'rejected') as PromiseRejectedResult;
    const winner = first.status === 'fulfilled' ? 'Ana Ruiz' : 'Kim Lind';
    expect(refusal.reason).toMatchObject({
      code: 'version_conflict',
      message: expect.stringContaining(winner) as string,
    });
    await caughtUp();
    const states = await Promise.all([a.view.caseOf(TENANT, id), b.view.caseOf(TENANT, id)]);
    expect(states[0]).toMatchObject({ version: 1, decidedBy: winner });
    expect(states[1]).toEqual(states[0]);
  });

  it('list no card for an analyst who came second', async () => {
    const id = await anAlert();
    const release = shared.hold(b.copy, TOPICS.caseEvents);
    await a.cases.act(ana, id, approve);
    // Kim has not been told of it yet and blocks the card.
    const late = b.cases.act(kim, id, blockCard);
    await release();
    await expect(late).rejects.toMatchObject({ code: 'version_conflict' });
    await caughtUp();
    for (const each of [a, b]) expect(each.lists.entries(TENANT)).toEqual([]);
  });

  it('block the card on both at once, and take it off both with the undo', async () => {
    const id = await anAlert();
    await a.cases.act(ana, id, blockCard);
    await caughtUp();
    for (const each of [a, b])
      expect(each.lists.entries(TENANT)).toMatchObject([
        { value: `cfp_ord_${count}`, effect: 'block', created_by: 'Ana Ruiz', decision_id: id },
      ]);
    await b.cases.undo(kim, id, 1);
    await caughtUp();
    for (const each of [a, b]) expect(each.lists.entries(TENANT)).toEqual([]);
  });

  it('let an effect leave once, from where the analyst acted', async () => {
    const id = await anAlert();
    await a.cases.act(ana, id, { ...blockCard, block_card: false });
    await caughtUp();
    shared.clock.advance(10_000);
    await b.cases.effectDue();
    expect(revisions()).toHaveLength(0);
    await Promise.all([a.cases.effectDue(), b.cases.effectDue()]);
    await caughtUp();
    expect(revisions()).toHaveLength(1);
    for (const each of [a, b])
      expect(await each.reader.byId(TENANT, id)).toMatchObject({ current: { version: 2, outcome: 'block' } });
  });

  it('let it leave from the other when the one is gone, once also when both are late', async () => {
    const id = await anAlert();
    await a.cases.act(ana, id, { ...blockCard, block_card: false });
    await caughtUp();
    shared.clock.advance(12_000);
    await Promise.all([a.cases.effectDue(), b.cases.effectDue()]);
    await caughtUp();
    for (const each of [a, b]) {
      const story = await each.reader.byId(TENANT, id);
      expect(story?.revisions).toHaveLength(1);
      expect(await each.view.caseOf(TENANT, id)).toMatchObject({ version: 2, status: 'closed' });
    }
    expect(revisions()).toHaveLength(1);
  });

  it.each([
    ['the card of a block', 'act', TOPICS.lists],
    ['the revision of an effect', 'effect', TOPICS.decisions],
  ] as const)('bring about %s that an instance died over', async (_what, dies, topic) => {
    const c = await shared.instance((records) => {
      if (records.some((record) => record.topic === topic)) throw new Error('killed');
    });
    const id = await anAlert();
    const acted = c.cases.act(ana, id, { ...blockCard, block_card: dies === 'act' });
    if (dies === 'act') await expect(acted).rejects.toThrow('killed');
    else {
      await acted;
      shared.clock.advance(10_000);
      await expect(c.cases.effectDue()).rejects.toThrow('killed');
    }
    await caughtUp();
    await Promise.all([a.cases.effectDue(), b.cases.effectDue()]);
    expect(shared.appended.filter((record) => record.topic === topic).length).toBe(dies === 'act' ? 0 : 1);
    shared.clock.advance(3_000);
    await a.cases.effectDue();
    await caughtUp();
    await b.cases.effectDue();
    await caughtUp();
    if (dies === 'act') expect(b.lists.entries(TENANT)).toHaveLength(1);
    else expect(await b.reader.byId(TENANT, id)).toMatchObject({ current: { version: 2 } });
    expect(shared.appended.filter((record) => record.topic === topic)).toHaveLength(dies === 'act' ? 1 : 2);
  });

  it('count a payment once that was decided twice, and know the first decision only', async () => {
    const atMs = shared.clock.nowMs();
    const first = aDecision({ transactionId: 'ord_twice', atMs });
    const second = aDecision({ transactionId: 'ord_twice', atMs: atMs + 5 });
    await shared.append([first.record]);
    await shared.append([first.record, second.record]);
    await caughtUp();
    expect(second.id).not.toBe(first.id);
    for (const each of [a, b]) {
      const desk = each.view.of(TENANT);
      expect(desk.open.openCount).toBe(1);
      expect(desk.alertPositions.count).toBe(1);
      expect(await each.reader.byId(TENANT, second.id)).toBeNull();
      expect(await each.reader.byTransaction(TENANT, 'ord_twice')).toMatchObject({
        record: { decision: { id: first.id } },
      });
      shared.clock.advance(1_000);
      expect(desk.counts(shared.clock.nowMs()).outcomesLastMinute.review).toBe(1);
    }
  });

  it('counts plain approvals once, too', async () => {
    const of = {
      transactionId: 'ord_fine',
      atMs: shared.clock.nowMs(),
      outcome: 'approve',
      score: 0.1,
    } as const;
    const { record } = aDecision(of);
    await shared.append([record, record]);
    await caughtUp();
    shared.clock.advance(1_000);
    const { outcomesLastMinute } = a.view.of(TENANT).counts(shared.clock.nowMs());
    expect(outcomesLastMinute.approve).toBe(1);
  });

  it('fold a step on a case whose decision is read later', async () => {
    const release = shared.hold(b.copy, TOPICS.decisions);
    const { id, record } = aDecision({ transactionId: 'ord_later', atMs: shared.clock.nowMs() });
    await shared.append([record]);
    await a.feed.reached(a.copy.end(), 1_000);
    await a.cases.act(ana, id, { ...blockCard, block_card: false });
    shared.clock.advance(10_000);
    await a.cases.effectDue();
    await caughtUp();
    expect(b.view.of(TENANT).open.openCount).toBe(0);
    await release();
    await caughtUp();
    const desk = b.view.of(TENANT);
    expect(desk.open.openCount).toBe(0);
    expect(desk.keptCount).toBe(0);
    expect(await b.view.caseOf(TENANT, id)).toMatchObject({ version: 2, status: 'closed' });
    expect(await b.reader.byId(TENANT, id)).toMatchObject({ current: { version: 2 } });
    expect(b.view.of(TENANT).alertPositions.count).toBe(1);
    await until(() => a.view.of(TENANT).open.openCount === 0);
  });
});
