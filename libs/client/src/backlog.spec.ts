import type { VetoClient, VetoClientOptions } from './index';
import {
  aClient,
  decides,
  label,
  MisbehavingServer,
  payload,
  refuses,
  resets,
} from './misbehaving-server.spec-support';

describe('a merchant with the client that owes', () => {
  const server = new MisbehavingServer();
  const client = (overrides: Partial<VetoClientOptions> = {}): VetoClient => aClient(server, overrides);

  beforeAll(() => server.open());
  afterAll(() => server.close());
  beforeEach(() => {
    server.seen.length = 0;
  });

  it('tells later what it decided alone, payments before labels', async () => {
    server.behaves(resets);
    const owing = client({ attemptsMax: 1 });
    await owing.label(label);
    await owing.decide(payload);
    await owing.decide(payload);
    expect(owing.backlog.count).toBe(2);
    server.seen.length = 0;
    server.behaves(decides);
    expect(await owing.backfill()).toEqual({ sentCount: 2, refused: [], leftCount: 0 });
    expect(server.seen.map(({ url, body }) => [url, body])).toEqual([
      ['/v1/decisions', JSON.stringify(payload)],
      ['/v1/labels', JSON.stringify(label)],
    ]);
  });

  it('decides alone while nothing of Veto is durable, and tells of it when it is', async () => {
    server.behaves(refuses(503, 'log_unavailable', { 'retry-after': '1' }));
    const owing = client({ deadlineMs: 500 });
    expect(await owing.decide(payload)).toMatchObject({ source: 'fallback', cause: { code: 'unavailable' } });
    expect(await owing.backfill()).toEqual({ sentCount: 0, refused: [], leftCount: 1 });
    server.seen.length = 0;
    server.behaves(decides);
    expect(await owing.backfill()).toEqual({ sentCount: 1, refused: [], leftCount: 0 });
    expect(server.seen.map(({ headers, body }) => [headers['idempotency-key'], body])).toEqual([
      [payload.transaction.id, JSON.stringify(payload)],
    ]);
  });

  it('owes nothing for a payment that was answered when it was asked again', async () => {
    server.behaves(resets, decides);
    const owing = client({ attemptsMax: 1 });
    await owing.decide(payload);
    await owing.decide(payload);
    expect(owing.backlog.count).toBe(0);
  });

  it('stops at the first that is not answered, and owes the rest', async () => {
    server.behaves(resets);
    const owing = client({ attemptsMax: 1 });
    await owing.decide(payload);
    await owing.label(label);
    server.seen.length = 0;
    server.behaves(decides, resets);
    expect(await owing.backfill()).toMatchObject({ sentCount: 1, leftCount: 1 });
    expect(owing.backlog.list()).toEqual([{ kind: 'label', label }]);
  });

  it('gives up what is refused for good, and names it', async () => {
    server.behaves(resets);
    const owing = client({ attemptsMax: 1 });
    await owing.decide(payload);
    server.behaves(refuses(422, 'transaction_id_reused'));
    const backfilled = await owing.backfill();
    expect(backfilled).toMatchObject({
      sentCount: 0,
      leftCount: 0,
      refused: [{ error: { code: 'transaction_id_reused' } }],
    });
  });

  it('drops the oldest when there is no room, and counts it', async () => {
    server.behaves(resets);
    const owing = client({ attemptsMax: 1, backlogCountMax: 2 });
    for (const id of ['ord_1', 'ord_2', 'ord_3']) {
      await owing.decide({ ...payload, transaction: { ...payload.transaction, id } });
    }
    expect(owing.backlog.droppedCount).toBe(1);
    const ids = owing.backlog
      .list()
      .map((owed) => owed.kind === 'transaction' && owed.payload.transaction.id);
    expect(ids).toEqual(['ord_2', 'ord_3']);
  });
});
