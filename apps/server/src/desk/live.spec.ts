import { request as httpRequest } from 'node:http';
import type { Alert, AlertPage, QueueSnapshot } from '@veto/domain';
import { io } from 'socket.io-client';
import { aCookie, aScorer, aServer, deskHeaders, until, type TestServer } from '../a-server.spec-support';
import { attack, idsOf, TestConsole } from './a-console.spec-support';

const scorer = aScorer(() => 0.9);

describe('the live queue', () => {
  let server: TestServer;
  let cookie: string;
  const consoles: TestConsole[] = [];
  beforeAll(async () => {
    server = await aServer({ scorer });
    cookie = await aCookie(server);
  });
  afterEach(() => {
    for (const each of consoles.splice(0)) each.close();
  });
  afterAll(() => server.dispose());
  const aConsole = (after: number | null, at: TestServer = server, as: string = cookie): TestConsole => {
    const opened = new TestConsole(at, as, after);
    consoles.push(opened);
    return opened;
  };
  const queue = async (): Promise<QueueSnapshot> =>
    (await (await server.request('/desk/queue', { headers: { cookie } })).json()) as QueueSnapshot;

  it('shows every alert once, in the order of the log, soon after it was decided', async () => {
    const live = aConsole((await queue()).to);
    await until(() => live.frames.length > 0);
    const startedMs = performance.now();
    const ids = await attack(server, 120);
    await until(() => live.alerts.length >= ids.length);
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    expect(idsOf(live.alerts).sort()).toEqual([...ids].sort());
    expect(live.alerts.map((alert) => alert.position)).toEqual(
      live.alerts.map((alert) => alert.position).sort((a, b) => a - b),
    );
    expect(live.frames.every((frame) => frame.dropped === 0)).toBe(true);
  });

  it('gives a heartbeat each second with the counts, when nothing happens', async () => {
    const live = aConsole(null);
    await until(() => live.frames.length >= 3, 5_000);
    const [first, , third] = live.frames;
    expect((third?.serverTimeMs ?? 0) - (first?.serverTimeMs ?? 0)).toBeGreaterThanOrEqual(1_900);
    expect(third).toMatchObject({
      v: 1,
      alerts: [],
      patches: [],
      dropped: 0,
      lagMs: 0,
      counts: (await queue()).counts,
    });
  });

  it('resumes where a console was, with nothing lost and nothing twice', async () => {
    const first = aConsole((await queue()).to);
    const ids = await attack(server, 60);
    await until(() => first.alerts.length >= 20);
    first.close();
    const seen = first.alerts.length;
    ids.push(...(await attack(server, 60)));
    const second = aConsole(first.lastTo);
    await until(() => seen + second.alerts.length >= ids.length);
    expect([...idsOf(first.alerts), ...idsOf(second.alerts)].sort()).toEqual([...ids].sort());
  });

  it('shows what an analyst did to everybody', async () => {
    const [id] = await attack(server, 1);
    const live = aConsole((await queue()).to);
    await until(() => live.frames.length > 0);
    const body = JSON.stringify({ outcome: 'block', reason: 'stolen_card', expected_version: 0 });
    await server.request(`/desk/cases/${id}/actions`, { method: 'POST', headers: deskHeaders(cookie), body });
    await until(() => live.frames.some((frame) => frame.patches.length > 0));
    const patch = live.frames.flatMap((frame) => frame.patches)[0];
    expect(patch).toMatchObject({
      decisionId: id,
      case: { version: 1, status: 'deciding', outcome: 'block', decidedBy: 'Demo analyst' },
    });
  });

  it('tells a console that is far behind how many alerts it missed, and lets it fetch them', async () => {
    const { to } = await queue();
    const ids = await attack(server, 5_300);
    const live = aConsole(to);
    await until(() => live.frames.length > 0 && live.alerts.length >= 200);
    const [first] = live.frames;
    expect(first).toMatchObject({ from: to, dropped: 5_300 - 200 });
    expect(idsOf(live.alerts)).toHaveLength(200);
    const missed: Alert[] = [];
    let after = to;
    for (let more = true; more && after < (first?.to ?? 0);) {
      const page = (await (
        await server.request(`/desk/alerts?after=${after}&limit=500`, { headers: { cookie } })
      ).json()) as AlertPage;
      missed.push(...page.alerts);
      ({ more, to: after } = page);
    }
    const all = new Set([...idsOf(missed), ...idsOf(live.alerts)]);
    expect([...all].sort()).toEqual([...ids].sort());
  }, 60_000);

  it('counts 5 000 behind as not too far', async () => {
    const { to } = await queue();
    const ids = await attack(server, 5_000);
    const live = aConsole(to);
    await until(() => live.alerts.length >= 5_000, 15_000);
    expect(live.frames.every((frame) => frame.dropped === 0)).toBe(true);
    expect(idsOf(live.alerts).sort()).toEqual([...ids].sort());
  }, 60_000);

  it('tells a console with a cursor of another log the end of this one', async () => {
    const { to } = await queue();
    const live = aConsole(to + 1_000_000);
    await until(() => live.frames.length > 0);
    expect(live.frames[0]?.from).toBe(to);
  });

  it('tells a console that comes from another instance its own log and end, whatever the position', async () => {
    await attack(server, 1);
    const { to, logId } = await queue();
    const socket = io(server.url, {
      path: '/live',
      transports: ['websocket'],
      extraHeaders: { cookie, origin: server.url },
      forceNew: true,
    });
    const subscribe = (request: unknown): Promise<unknown> =>
      socket.timeout(3_000).emitWithAck('subscribe', request) as Promise<unknown>;
    const replies = [await subscribe({ after: -1, logId: 'log_of_another' })];
    await until(async () => {
      replies.push(await subscribe({ after: -1, logId }));
      return !('error' in (replies.at(-1) as object));
    });
    socket.disconnect();
    expect(replies[0]).toEqual({ from: to, logId });
    expect(replies.at(-1)).toEqual({ from: -1, logId });
  });

  it.each([{ after: 'x' }, { after: -2 }, {}, null, { after: 1.5 }])(
    'refuses to subscribe with %o',
    async (request) => {
      const socket = io(server.url, {
        path: '/live',
        transports: ['websocket'],
        extraHeaders: { cookie, origin: server.url },
        forceNew: true,
      });
      const reply = (await socket.timeout(3_000).emitWithAck('subscribe', request)) as unknown;
      expect(reply).toEqual({ error: 'subscribe takes {after: position | null, logId?}' });
      socket.disconnect();
    },
  );

  it('disconnects whoever sends more than 16 KB', async () => {
    const live = aConsole(null);
    await until(() => live.frames.length > 0);
    const socket = io(server.url, {
      path: '/live',
      transports: ['websocket'],
      extraHeaders: { cookie, origin: server.url },
      forceNew: true,
      reconnection: false,
    });
    const left = new Promise<string>((resolve) => socket.once('disconnect', resolve));
    socket.emit('subscribe', { after: 'x'.repeat(17_000) });
    expect(await left).toBe('transport close');
    expect(live.isConnected).toBe(true);
    socket.disconnect();
  });

  it('disconnects a console whose session has ended', async () => {
    const other = await aCookie(server);
    const live = aConsole(null, server, other);
    await until(() => live.frames.length > 0);
    await server.request('/desk/session', {
      method: 'DELETE',
      headers: { cookie: other, 'x-veto-desk': '1' },
    });
    await until(() => !live.isConnected, 1_000);
  });

  const handshake = (headers: Record<string, string>): Promise<number> =>
    new Promise((resolve, reject) => {
      const sent = httpRequest(`${server.url}/live/?EIO=4&transport=websocket`, {
        headers: {
          connection: 'Upgrade',
          upgrade: 'websocket',
          'sec-websocket-version': '13',
          'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
          ...headers,
        },
      });
      sent.on('upgrade', (_response, socket) => {
        socket.destroy();
        resolve(101);
      });
      sent.on('response', (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      sent.on('error', reject);
      sent.end();
    });

  it('opens for the right origin with a session, and for nobody else', async () => {
    const origin = server.url;
    expect(await handshake({ origin, cookie })).toBe(101);
    expect(await handshake({ origin: origin.replace('127.0.0.1', 'localhost'), cookie })).toBe(101);
    for (const other of [
      'https://evil.example',
      'null',
      `${origin}.evil.example`,
      origin.replace('http', 'https'),
      `${origin}0`,
    ]) {
      expect(await handshake({ origin: other, cookie })).toBe(400);
    }
    expect(await handshake({ cookie })).toBe(400);
    expect(await handshake({ origin })).toBe(400);
    expect(await handshake({ origin, cookie: `${cookie}x` })).toBe(400);
  });

  it('does not do long polling', async () => {
    const reply = await fetch(`${server.url}/live/?EIO=4&transport=polling`, {
      headers: { cookie, origin: server.url },
    });
    expect(reply.status).toBe(400);
    await reply.text();
  });
});

describe('the live queue across a restart', () => {
  it('loses nothing and repeats nothing: the console is told, comes back with its cursor, and its session still lives', async () => {
    const first = await aServer({ scorer });
    const cookie = await aCookie(first);
    const before = new TestConsole(first, cookie, -1);
    const ids = await attack(first, 40);
    await until(() => before.alerts.length >= 10);
    await first.close();
    await until(() => !before.isConnected);
    expect(before.restarts).toEqual([expect.any(Number)]);

    const { port } = new URL(first.url);
    const second = await aServer({
      scorer,
      dataDirectory: first.dataDirectory,
      configuration: { port: Number(port) },
    });
    ids.push(...(await attack(second, 40)));
    const after = new TestConsole(second, cookie, before.lastTo);
    await until(() => before.alerts.length + after.alerts.length >= ids.length);
    expect([...idsOf(before.alerts), ...idsOf(after.alerts)].sort()).toEqual([...ids].sort());
    after.close();
    await second.dispose();
  });
});
