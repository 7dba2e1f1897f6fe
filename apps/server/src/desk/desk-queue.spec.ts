import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { QueueSnapshot } from '@veto/domain';
import { aCookie, aServer, until } from '../a-server.spec-support';
import { act, aDesk, aPayment, copyOf, get, scorer, send, stored } from './a-desk.spec-support';

const DAY_MS = 24 * 3_600_000;

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
