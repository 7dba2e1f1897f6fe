import type { QueueSnapshot } from '@veto/domain';
import { aTransactionPayload } from '@veto/testing';
import {
  anAnalystFile,
  aKeyFile,
  asDecision,
  aServer,
  deskHeaders,
  withKey,
  type TestServer,
} from '../a-server.spec-support';
import { act, block, get, scorer } from './a-desk.spec-support';

describe('the desk in production', () => {
  let server: TestServer;
  let keys: readonly string[];
  let count = 0;
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
