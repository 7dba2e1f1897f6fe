import { aTransactionPayload } from '@veto/testing';
import { aServer, type TestServer } from '../a-server.spec-support';
import { expectProblem, JSON_HEADERS, pathsOf, post } from './post.spec-support';

/** A number that passes the card number check and belongs to nobody. */
const PAN = '4111111111111111';

describe('whatever is sent', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await aServer();
  });
  afterAll(() => server.dispose());

  it('a card number in the body is refused, and is in no reply and no line, wherever it was', async () => {
    const places = pathsOf(aTransactionPayload() as never);
    for (const path of places) {
      const body = structuredClone(aTransactionPayload()) as unknown as Record<string, unknown>;
      const parent = path.slice(0, -1).reduce((at, key) => at[key] as Record<string, unknown>, body);
      parent[path.at(-1) ?? ''] = `card ${PAN}`;
      const problem = expectProblem(await post(server, JSON.stringify(body)));
      expect(problem).toMatchObject({
        code: 'pan_not_accepted',
        errors: [{ pointer: `/${path.join('/')}`, code: 'pan_not_accepted' }],
      });
      expect(JSON.stringify(problem)).not.toContain('4111');
    }
    expect(server.lines()).not.toContain('4111');
  });

  it('a card number in a header, a query, a path, a method or a name is in no reply, no line and no metric', async () => {
    const key = { authorization: JSON_HEADERS.authorization };
    const replies = [
      await server.request('/v1/decisions', {
        headers: { authorization: `Bearer ${PAN}`, 'x-request-id': PAN, traceparent: PAN, 'user-agent': PAN },
      }),
      await server.request(`/v1/decisions?transaction_id=${PAN}`, { headers: key }),
      await server.request(`/v1/decisions?${PAN}=1`, { headers: key }),
      await server.request(`/v1/decisions/${PAN}`, { headers: key }),
      await server.request(`/${PAN}`, { headers: { ...key, accept: PAN } }),
      await server.decide(aTransactionPayload(), { 'idempotency-key': PAN, 'x-deadline-ms': PAN }),
      await server.decide(`{"${PAN}":1}`),
      await server.decide(`{"transaction":${PAN}`),
      await server.decide(aTransactionPayload(), { 'content-type': `application/json; charset=${PAN}` }),
      await server.request('/desk/session', { headers: { cookie: `veto_session=${PAN}` } }),
    ];
    for (const reply of replies) {
      expect(JSON.stringify([await reply.text(), ...reply.headers])).not.toContain('4111');
    }
    expect(server.lines()).not.toContain('4111');
    expect(await (await fetch(server.metricsUrl)).text()).not.toContain('4111');
  });
});
