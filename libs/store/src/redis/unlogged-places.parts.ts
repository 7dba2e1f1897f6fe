import { packApplied, TOPICS, type PendingClaim } from '@veto/domain';
import { aBeginRequest, decisionBytes } from '@veto/testing';
import { Payer, TENANT } from './a-payer.spec-support';
import { ask, StoreParts, until } from './a-redis-store.spec-support';

let parts: StoreParts;
beforeEach(() => {
  parts = new StoreParts();
});
afterEach(() => parts.dispose());

describe('a decision that its instance committed and never logged', () => {
  const query = { ageMs: 0, countMax: 10 };
  const id = { tenantId: TENANT, transactionId: 'ord_1' };

  it('is handed to another one when the first is gone, until its place is on the log', async () => {
    const redis = await parts.aRedis();
    const log = parts.aLog();
    const [dying, other] = [await parts.aStore(redis, log), await parts.aStore(redis, log)];
    const request = aBeginRequest();
    const [begun] = await dying.begin([request]);
    const bytes = decisionBytes(id, 'approve');
    await dying.commit([{ ...id, bytes }]);
    // While it lives it is not handed to itself, for it may be at it.
    expect(await dying.pending(query)).toEqual([]);
    await dying.close();
    const found: PendingClaim[] = [];
    await until(async () => found.push(...(await other.pending(query))) > 0);
    if (begun?.status !== 'begun') throw new Error('it is not begun');
    const { epoch, seq } = begun;
    expect(found).toEqual([{ ...id, epoch, seq, payload: new Uint8Array(0), histories: [], bytes }]);
    expect(await other.begin([request])).toEqual([{ status: 'decided', bytes, isLogged: false }]);
    await log.append([
      {
        topic: TOPICS.decisions,
        key: `${TENANT}|ord_1`,
        value: bytes,
        epoch,
        seq,
        applied: packApplied(request),
      },
    ]);
    expect(await other.pending(query)).toEqual([]);
    expect(await ask(redis, 'ZCARD', '{v0}u1')).toBe(0);
  });

  it('is forgotten without a word where the log has its place already', async () => {
    const redis = await parts.aRedis();
    const log = parts.aLog();
    const dying = await parts.aStore(redis, log);
    await new Payer(dying, log, 'a').pay('ord_1');
    await dying.close();
    expect(await ask(redis, 'ZCARD', '{v0}u1')).toBe(1);
    const other = await parts.aStore(redis, log);
    await until(async () => {
      expect(await other.pending(query)).toEqual([]);
      return (await ask(redis, 'ZCARD', '{v0}u1')) === 0;
    });
  });

  it('is asked for again when the log has another place of it alone', async () => {
    const redis = await parts.aRedis();
    const log = parts.aLog();
    const dying = await parts.aStore(redis, log);
    await dying.begin([aBeginRequest()]);
    const bytes = decisionBytes(id, 'approve');
    await dying.commit([{ ...id, bytes }]);
    // As one that was decided without the shared state comes there.
    await log.append([{ topic: TOPICS.decisions, key: `${TENANT}|ord_1`, value: bytes }]);
    await dying.close();
    const other = await parts.aStore(redis, log);
    let found: readonly PendingClaim[] = [];
    await until(async () => (found = await other.pending(query)).length > 0);
    expect(found).toMatchObject([{ ...id, seq: 1, epoch: 1, bytes }]);
  });

  it('does not hold up what is not decided yet', async () => {
    const redis = await parts.aRedis();
    const log = parts.aLog();
    const store = await parts.aStore(redis, log);
    const ids = [1, 2, 3, 4, 5].map((i) => ({ tenantId: TENANT, transactionId: `ord_${i}` }));
    await store.begin(ids.map((each) => aBeginRequest(each)));
    await store.commit(ids.slice(0, 3).map((each) => ({ ...each, bytes: decisionBytes(each) })));
    const listed = await store.pending(query);
    expect(listed.map(({ transactionId }) => transactionId)).toEqual(['ord_4', 'ord_5']);
  });
});
