import { unpackApplied } from '@veto/domain';
import { DULL_TENANT_ID } from '@veto/testing';
import { anArrival, withCalls } from './a-line.spec-support';
import { sharedParts, type Instance, type SharedParts } from './an-instance.spec-support';
import { prepare } from './prepare-arrival';
import { parseAutomaticDecision } from './record-codec';
import { scoreTransactions } from './score-transaction';
import { sweepOrphans } from './sweep-orphans';
import { bodyOf, decisionsOn, failOn, scoredBy, twoThatDisagree } from './two-instances.spec-support';

const NO_HISTORIES = Array.from(prepare(anArrival('t_1')).entities, () => new Uint8Array(0));

describe('a decision that was committed, and whose instance died before the log had it', () => {
  const swept = { ageMs: 0, countMax: 9, onMistake: failOn };

  /** Another instance, which is shown what the dead one left; and what that had decided. */
  async function afterTheDeath(): Promise<{ shared: SharedParts; other: Instance; bytes: Uint8Array }> {
    const shared = await sharedParts();
    const [dead, other] = await twoThatDisagree(shared);
    await scoredBy(dead, anArrival('t_0'));
    dead.logs = 'full';
    await expect(scoredBy(dead, anArrival('t_1'))).rejects.toMatchObject({ code: 'log_unavailable' });
    const id = { tenantId: DULL_TENANT_ID, transactionId: 't_1' };
    const bytes = (await shared.store.find(id))!;
    const left = { ...id, epoch: 1, seq: 2, payload: new Uint8Array(0), histories: [], bytes };
    const store = withCalls(other.line.store, { pending: () => Promise.resolve([left]) });
    // A log of its own to look at: whatever the dead one had on the way died with it.
    const log = withCalls(other.line.log, {});
    return { shared, other: Object.assign(other, { line: { ...other.line, store, log } }), bytes };
  }

  it('comes onto the log though its client never asks again, with its place and its effect', async () => {
    const { shared, other, bytes } = await afterTheDeath();
    expect(await sweepOrphans(other.line, swept)).toBe(1);
    const [ordinary, brought] = await decisionsOn(shared);
    expect(brought).toMatchObject({ seq: 2, epoch: 1, key: `${DULL_TENANT_ID}|t_1` });
    expect(Buffer.compare(brought!.value, bytes)).toBe(0);
    expect(unpackApplied(brought!.applied!)).toEqual(unpackApplied(ordinary!.applied!));
  });

  it('gives its place to the decision that the log has, when that is another', async () => {
    const { shared, other, bytes } = await afterTheDeath();
    other.state = 'silent';
    const scored = await scoredBy(other, anArrival('t_1'));
    other.state = 'none';
    expect(await sweepOrphans(other.line, swept)).toBe(1);
    const [, first, placed] = await decisionsOn(shared);
    expect([first?.seq, placed?.seq]).toEqual([undefined, 2]);
    expect(Buffer.compare(placed!.value, bytes)).not.toBe(0);
    expect(JSON.stringify(parseAutomaticDecision(placed!.value).decision)).toBe(bodyOf(scored));
  });

  it('is left for later while the log is out of reach, for it may lie in the file of somebody who lives', async () => {
    const { shared, other } = await afterTheDeath();
    other.logs = 'away';
    expect(await sweepOrphans(other.line, swept)).toBe(0);
    await other.drain();
    expect(await decisionsOn(shared)).toHaveLength(1);
    expect(await sweepOrphans(other.line, swept)).toBe(1);
  });
});

describe('an attempt that loses its commit', () => {
  it('puts its own place on the log when the winner has another, and answers as the winner', async () => {
    const shared = await sharedParts();
    const [mild, strict] = await twoThatDisagree(shared);
    strict.state = 'silent';
    const winner = await scoredBy(strict, anArrival('t_1'));
    const bytes = (await decisionsOn(shared))[0]!.value;
    const { store } = mild.line;
    // The winner's instance came by the claim before this one's commit did.
    const losing = withCalls(store, { commit: () => Promise.resolve([{ won: false, bytes }]) });
    const begunAt7 = withCalls(losing, {
      begin: () => Promise.resolve([{ status: 'begun' as const, epoch: 1, seq: 7, histories: NO_HISTORIES }]),
    });
    const [scored] = await scoreTransactions({ ...mild.line, store: begunAt7 }, [anArrival('t_1')]);
    expect(bodyOf(scored)).toBe(bodyOf(winner));
    const [first, placed] = await decisionsOn(shared);
    expect([first?.seq, placed?.seq, placed?.epoch]).toEqual([undefined, 7, 1]);
    expect(Buffer.compare(placed!.value, bytes)).toBe(0);
    expect(unpackApplied(placed!.applied!)).toEqual(unpackApplied(first!.applied!));
  });

  it('adds nothing to the log when its place is the winner’s', async () => {
    const shared = await sharedParts();
    const [mild] = await twoThatDisagree(shared);
    await scoredBy(mild, anArrival('t_1'));
    const bytes = (await decisionsOn(shared))[0]!.value;
    const store = withCalls(mild.line.store, {
      begin: () => Promise.resolve([{ status: 'begun' as const, epoch: 1, seq: 1, histories: NO_HISTORIES }]),
      commit: () => Promise.resolve([{ won: false, bytes }]),
    });
    await scoreTransactions({ ...mild.line, store }, [anArrival('t_1')]);
    expect(await decisionsOn(shared)).toHaveLength(1);
  });
});
