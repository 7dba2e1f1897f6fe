import type { Decision } from '@veto/domain';
import { aLabel, aTransactionPayload } from '@veto/testing';
import {
  aKeyFile,
  anAnalystFile,
  asDecision,
  asProblem,
  aServer,
  withKey,
  type TestServer,
} from '../a-server.spec-support';
import { DEMO_API_KEY } from '../keys/demo-key';

describe('a key', () => {
  let server: TestServer;
  let keys: readonly string[];
  beforeAll(async () => {
    const file = await aKeyFile([
      { tenant: 'acme', scopes: ['decide', 'read', 'label'] },
      { tenant: 'globex', scopes: ['decide', 'read', 'label'] },
      { tenant: 'acme', scopes: ['decide'] },
      { tenant: 'acme', scopes: ['read'] },
    ]);
    keys = file.keys;
    const analystsFile = await anAnalystFile([{ id: 'ana', name: 'Ana', role: 'analyst', tenant: 'acme' }]);
    server = await aServer({
      configuration: {
        mode: 'production',
        apiKeysFile: file.path,
        analystsFile,
        publicUrl: 'https://veto.example.com',
      },
    });
  });
  afterAll(() => server.dispose());

  const calls = (id: string, transactionId: string): readonly [string, string, unknown][] => [
    ['POST', '/v1/decisions', aTransactionPayload({ transaction: { id: transactionId } })],
    ['GET', `/v1/decisions/${id}`, undefined],
    ['GET', `/v1/decisions?transaction_id=${transactionId}`, undefined],
    ['POST', '/v1/labels', aLabel({ transaction_id: transactionId })],
  ];
  const call = (
    [method, path, body]: readonly [string, string, unknown],
    key: string | null,
  ): Promise<Response> =>
    server.request(path, {
      method,
      headers: {
        ...(key !== null && { authorization: `Bearer ${key}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });

  it('is asked for by every route of the merchant', async () => {
    for (const each of calls('dec_1', 'ord_1')) {
      for (const key of [null, 'nonsense', DEMO_API_KEY, `${keys[0]}x`]) {
        const reply = await call(each, key);
        expect(reply.status).toBe(401);
        expect(reply.headers.get('www-authenticate')).toContain('Bearer');
        expect(await asProblem(reply)).toMatchObject({ code: 'unauthenticated' });
      }
    }
  });

  it('is asked for before the body is looked at', async () => {
    const reply = await server.request('/v1/decisions', {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: 'x',
    });
    expect(reply.status).toBe(401);
  });

  it('may do what its scopes say and nothing else', async () => {
    const [decide, byId, , label] = calls('dec_1', 'ord_scope');
    expect((await call(decide!, keys[2]!)).status).toBe(200);
    expect((await call(byId!, keys[2]!)).status).toBe(403);
    expect((await call(label!, keys[2]!)).status).toBe(403);
    expect((await call(decide!, keys[3]!)).status).toBe(403);
    expect((await call(byId!, keys[3]!)).status).toBe(404);
  });

  it('reaches its own tenant only: the same id is two payments, and the other one’s decision is not there', async () => {
    const [acme, globex] = [keys[0]!, keys[1]!];
    const payment = aTransactionPayload({ transaction: { id: 'ord_shared' } });
    const ask = async (key: string): Promise<Decision> =>
      asDecision(
        await server.request('/v1/decisions', {
          method: 'POST',
          headers: withKey(key),
          body: JSON.stringify(payment),
        }),
      );
    const mine = await ask(acme);
    const theirs = await ask(globex);
    expect(theirs.id).not.toBe(mine.id);
    const read = async (id: string, key: string): Promise<Response> =>
      server.request(`/v1/decisions/${id}`, { headers: withKey(key) });
    expect((await read(mine.id, acme)).status).toBe(200);
    const [foreign, absent] = [
      await asProblem(await read(mine.id, globex)),
      await asProblem(await read('dec_absent', globex)),
    ];
    expect({ ...foreign, instance: '' }).toEqual({ ...absent, instance: '' });
    expect(foreign.status).toBe(404);
    const label = await call(calls('', 'ord_only_acme')[3]!, globex);
    expect(label.status).toBe(404);
  });

  it('of a demo is refused in production, whatever the file of keys says', async () => {
    expect((await call(calls('dec_1', 'ord_1')[0]!, DEMO_API_KEY)).status).toBe(401);
  });
});

describe('a demo', () => {
  it('answers to loopback names only, so that no other site can reach it by a name of its own', async () => {
    const server = await aServer();
    const port = new URL(server.url).port;
    for (const [host, status] of [
      ['127.0.0.1', 200],
      ['localhost', 200],
      ['[::1]', 200],
      ['evil.example', 403],
    ] as const) {
      const reply = await server.app.inject({
        method: 'GET',
        url: '/v1/health/live',
        headers: { host: `${host}:${port}` },
      });
      expect(reply.statusCode).toBe(status);
    }
    await server.dispose();
  });

  it('takes the published key from loopback addresses only', async () => {
    const server = await aServer();
    const ask = (remoteAddress: string): Promise<{ statusCode: number }> =>
      server.app.inject({
        method: 'GET',
        url: '/v1/decisions/dec_1',
        headers: { host: 'localhost', authorization: `Bearer ${DEMO_API_KEY}` },
        remoteAddress,
      });
    expect((await ask('127.0.0.1')).statusCode).toBe(404);
    expect((await ask('192.0.2.7')).statusCode).toBe(401);
    await server.dispose();
  });
});
