import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { aTransactionPayload } from '@veto/testing';
import fc from 'fast-check';
import { asProblem, aServer, type TestServer } from '../a-server.spec-support';
import { expectProblem, JSON_HEADERS, pathsOf, post, type Reply } from './post.spec-support';

/** A valid body with one thing wrong somewhere: a member replaced, removed or added. */
const mutated = fc
  .record({
    path: fc.constantFrom(...pathsOf(aTransactionPayload() as never)),
    change: fc.oneof(
      fc.record({ kind: fc.constant('replace' as const), value: fc.jsonValue({ maxDepth: 4 }) }),
      fc.record({ kind: fc.constant('remove' as const) }),
      fc.record({ kind: fc.constant('add' as const), name: fc.string(), value: fc.jsonValue() }),
    ),
  })
  .map(({ path, change }) => {
    const body = structuredClone(aTransactionPayload()) as unknown as Record<string, unknown>;
    const last = path.at(-1) ?? '';
    const parent = path.slice(0, -1).reduce((at, key) => at[key] as Record<string, unknown>, body);
    if (change.kind === 'remove') Reflect.deleteProperty(parent, last);
    else
      Object.defineProperty(parent, change.kind === 'add' ? change.name : last, {
        value: change.value,
        enumerable: true,
      });
    return JSON.stringify(body);
  });

describe('whatever is sent', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await aServer();
  });
  afterAll(() => server.dispose());

  it('2 000 bodies with one thing wrong are decided or refused with a pointer, never failed', async () => {
    await fc.assert(
      fc.asyncProperty(mutated, async (body) => {
        const reply = await post(server, body);
        if (reply.status === 200) return;
        const problem = expectProblem(reply);
        expect(['invalid_request', 'pan_not_accepted', 'transaction_id_reused', 'body_too_large']).toContain(
          problem.code,
        );
        expect(problem.errors.length).toBeGreaterThan(0);
        for (const issue of problem.errors) expect(issue.pointer).toMatch(/^(\/.*)?$/s);
      }),
      { numRuns: 2_000 },
    );
  }, 60_000);

  it('1 000 bodies of noise are refused', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.json(),
          fc.string(),
          fc.uint8Array({ minLength: 1 }).map((bytes) => Buffer.from(bytes)),
        ),
        async (body) => {
          expectProblem(await post(server, body));
        },
      ),
      { numRuns: 1_000 },
    );
  }, 60_000);

  it.each([
    ['deep nesting', '{"a":'.repeat(5_000) + '1' + '}'.repeat(5_000)],
    ['a prototype', '{"__proto__":{"admin":true}}'],
    ['NaN', '{"transaction":{"amount":NaN}}'],
    ['1e400', '{"transaction":{"amount":1e400}}'],
    ['a million zeros', `{"transaction":{"amount":1${'0'.repeat(30_000)}}}`],
    ['an empty body', ''],
    ['null', 'null'],
    ['a text', '"text"'],
    ['an array', '[]'],
    ['a lone surrogate', '{"transaction":{"id":"\\ud800"}}'],
  ])('%s is refused', async (_name, body) => {
    expectProblem(await post(server, body));
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'application/json; charset=latin1',
  ])('the type %s is refused with 415', async (type) => {
    const reply = await post(server, '{}', { ...JSON_HEADERS, 'content-type': type });
    expect(expectProblem(reply).code).toBe('unsupported_media_type');
  });

  it.each(['/v1/labels', '/desk/session'])(
    'the type text/plain is refused with 415 at %s, too',
    async (url) => {
      const reply = await server.app.inject({
        method: 'POST',
        url,
        headers: { ...JSON_HEADERS, 'content-type': 'text/plain' },
        payload: '{}',
      });
      expect(JSON.parse(reply.body)).toMatchObject({ status: 415, code: 'unsupported_media_type' });
    },
  );

  it.each(['/v1/labels', '/desk/session'])(
    'a body that is too large is refused with 413 at %s, too',
    async (url) => {
      const reply = await server.app.inject({
        method: 'POST',
        url,
        headers: JSON_HEADERS,
        payload: `{"x":"${'a'.repeat(40_000)}"}`,
      });
      expect(JSON.parse(reply.body)).toMatchObject({ status: 413, code: 'body_too_large' });
    },
  );

  it('a body without a type is refused with 415', async () => {
    const reply = await post(server, '{}', { authorization: JSON_HEADERS.authorization });
    expect(expectProblem(reply).code).toBe('unsupported_media_type');
  });

  it('a body of 32 KiB and one byte is refused with 413, one of 32 KiB is read', async () => {
    const padded = (bytes: number): string => `{"x":"${'a'.repeat(bytes - 8)}"}`;
    expect(Buffer.byteLength(padded(32_768))).toBe(32_768);
    expect(expectProblem(await post(server, padded(32_768))).code).toBe('invalid_request');
    expect(expectProblem(await post(server, padded(32_769))).code).toBe('body_too_large');
  });

  it('10 MB over a socket are refused with 413 before they are read', async () => {
    const reply = await new Promise<Reply>((resolve, reject) => {
      const sent = httpRequest(
        `${server.url}/v1/decisions`,
        { method: 'POST', headers: { ...JSON_HEADERS, 'content-length': 10_000_000 } },
        (response: IncomingMessage) => {
          let body = '';
          response.setEncoding('utf8').on('data', (text: string) => (body += text));
          response.on('end', () => {
            resolve({ status: response.statusCode ?? 0, body, type: response.headers['content-type'] ?? '' });
            sent.destroy();
          });
        },
      );
      sent.on('error', reject);
      sent.write('{"x":"');
      sent.write('a'.repeat(100_000));
    });
    expect(expectProblem(reply).code).toBe('body_too_large');
  });

  const raw = (text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () => socket.write(text));
      let reply = '';
      socket.setEncoding('utf8').on('data', (part: string) => (reply += part));
      socket.on('close', () => resolve(reply));
      socket.on('error', reject);
    });

  it('headers of 20 KiB are refused with 431', async () => {
    const reply = await raw(
      `GET /v1/health/live HTTP/1.1\r\nhost: localhost\r\nx-junk: ${'a'.repeat(20_000)}\r\n\r\n`,
    );
    expect(reply).toMatch(/^HTTP\/1.1 431 /);
    expect(reply).toContain('"code":"headers_too_large"');
  });

  it('bytes that are no HTTP are refused with 400', async () => {
    const reply = await raw('\x16\x03\x01\x02\x00 hello\r\n\r\n');
    expect(reply).toMatch(/^HTTP\/1.1 400 /);
    expect(reply).toContain('application/problem+json');
  });

  it.each([
    '//v1/decisions',
    '/v1//decisions',
    '/v1/decisions/',
    '/V1/decisions',
    '/v1/decisions/a/b',
    '/.env',
    '/v1/%2e%2e/desk',
  ])('the path %s is not found', async (url) => {
    const reply = await server.app.inject({ method: 'POST', url, headers: JSON_HEADERS, payload: '{}' });
    expect(reply.statusCode).toBe(404);
    expect(JSON.parse(reply.body)).toMatchObject({
      code: 'not_found',
      detail: 'There is nothing at this path.',
    });
  });

  it.each(['/%', '/v1/decisions/%zz', '/v1/decisions/%ff%fe'])(
    'the broken path %s is refused with 400',
    async (url) => {
      const reply = await server.app.inject({ method: 'GET', url, headers: JSON_HEADERS });
      expect([400, 404]).toContain(reply.statusCode);
      expect(reply.headers['content-type']).toContain('application/problem+json');
    },
  );

  it('a path part of 1 000 characters is refused with 414', async () => {
    const reply = await server.app.inject({
      method: 'GET',
      url: `/v1/decisions/${'a'.repeat(1_000)}`,
      headers: JSON_HEADERS,
    });
    expect(JSON.parse(reply.body)).toMatchObject({ status: 414, code: 'uri_too_long' });
  });

  it.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const)(
    '%s on a path that does not know it is refused with 405 and Allow',
    async (method) => {
      const reply = await server.app.inject({ method, url: '/v1/decisions', headers: JSON_HEADERS });
      expect(reply.statusCode).toBe(405);
      expect(reply.headers['allow']).toBe('GET, HEAD, POST');
      expect(JSON.parse(reply.body)).toMatchObject({ code: 'method_not_allowed' });
    },
  );

  it('of our own mistake the caller learns an id, and the lines hold the rest under it', async () => {
    const original = server.runtime.reader.byId;
    server.runtime.reader.byId = () => Promise.reject(new TypeError('a broken thing'));
    const reply = await server.request('/v1/decisions/dec_1', {
      headers: { authorization: JSON_HEADERS.authorization },
    });
    server.runtime.reader.byId = original;
    const problem = await asProblem(reply);
    expect(reply.status).toBe(500);
    expect(problem).toMatchObject({ code: 'internal', instance: reply.headers.get('x-request-id') });
    expect(JSON.stringify(problem)).not.toContain('broken');
    expect(server.lines()).toContain(`request=${problem.instance} error=TypeError: a broken thing`);
  });
});
