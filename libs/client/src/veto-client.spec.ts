import type { TransactionPayload } from '@veto/domain';
import { VetoApiError, type VetoClient, type VetoClientOptions } from './index';
import {
  aClient,
  answers,
  answersHalf,
  decides,
  decision,
  MisbehavingServer,
  payload,
  refuses,
  resets,
  staysSilent,
  type Behaviour,
} from './misbehaving-server.spec-support';

describe('a merchant with the client', () => {
  const server = new MisbehavingServer();
  const client = (overrides: Partial<VetoClientOptions> = {}): VetoClient => aClient(server, overrides);

  beforeAll(() => server.open());
  afterAll(() => server.close());
  beforeEach(() => {
    server.seen.length = 0;
  });

  it('gets the decision and whose it is', async () => {
    server.behaves(answers(200, decision, { 'idempotent-replayed': 'true' }));
    const answer = await client().decide(payload);
    expect(answer).toMatchObject({
      source: 'veto',
      outcome: 'review',
      replayed: true,
      attemptCount: 1,
      decision: { id: 'dec_1' },
    });
    expect(server.seen[0]).toMatchObject({
      method: 'POST',
      url: '/v1/decisions',
      body: JSON.stringify(payload),
      headers: {
        authorization: 'Bearer veto_test_key',
        'content-type': 'application/json',
        'idempotency-key': 'ord_1',
      },
    });
  });

  it('tells the server how long the answer is of use', async () => {
    server.behaves(decides);
    await client({ deadlineMs: 1_000 }).decide(payload);
    // Sixty per cent of what is left; the rest is for another attempt.
    const deadlineMs = Number(server.seen[0]?.headers['x-deadline-ms']);
    expect(deadlineMs).toBeGreaterThan(500);
    expect(deadlineMs).toBeLessThanOrEqual(600);
  });

  it.each([
    ['a reset connection', resets],
    ['half a reply', answersHalf],
    [
      'a reply that is no JSON',
      ((_request, response) => void response.end('<html>welcome</html>')) satisfies Behaviour,
    ],
    ['a reply that is no decision', answers(200, { hello: 'world' })],
    ['503', refuses(503, 'store_unavailable')],
    ['500', refuses(500, 'internal')],
    [
      '502 of a proxy',
      ((_request, response) => void response.writeHead(502).end('bad gateway')) satisfies Behaviour,
    ],
    ['409 in_flight', refuses(409, 'in_flight')],
    ['429', refuses(429, 'rate_limited')],
  ])('asks again after %s, with the same id and the same bytes', async (_name, misbehaviour: Behaviour) => {
    server.behaves(misbehaviour, misbehaviour, decides);
    const answer = await client().decide(payload);
    expect(answer).toMatchObject({ source: 'veto', outcome: 'review', attemptCount: 3 });
    expect(new Set(server.seen.map(({ body }) => body))).toEqual(new Set([JSON.stringify(payload)]));
    expect(new Set(server.seen.map(({ headers }) => headers['idempotency-key']))).toEqual(new Set(['ord_1']));
  });

  it('asks again when the first attempt is not answered in its share of the time', async () => {
    server.behaves(staysSilent, decides);
    const answer = await client({ deadlineMs: 600 }).decide(payload);
    expect(answer).toMatchObject({ source: 'veto', attemptCount: 2 });
    expect(answer.latencyMs).toBeLessThan(600);
  });

  it('waits as long as Retry-After says', async () => {
    server.behaves(refuses(429, 'rate_limited', { 'retry-after': '1' }), decides);
    const answer = await client().decide(payload);
    expect(answer).toMatchObject({ source: 'veto', attemptCount: 2 });
    expect(answer.latencyMs).toBeGreaterThanOrEqual(990);
  });

  it('does not wait for what comes after the deadline', async () => {
    server.behaves(refuses(503, 'wrong_epoch', { 'retry-after': '30' }));
    const answer = await client({ deadlineMs: 2_000 }).decide(payload);
    expect(answer).toMatchObject({
      source: 'fallback',
      outcome: 'challenge',
      attemptCount: 1,
      cause: { code: 'unavailable' },
    });
    expect(answer.latencyMs).toBeLessThan(1_000);
  });

  it('has its own outcome in time when nobody answers', async () => {
    server.behaves(staysSilent);
    const answer = await client({ deadlineMs: 300 }).decide(payload);
    expect(answer).toMatchObject({ source: 'fallback', outcome: 'challenge', cause: { code: 'deadline' } });
    expect(answer.latencyMs).toBeGreaterThan(200);
    expect(answer.latencyMs).toBeLessThan(1_000);
  });

  it('has its own outcome when nobody listens, and says what failed', async () => {
    const closed = new MisbehavingServer();
    await closed.open();
    const { baseUrl } = closed;
    await closed.close();
    const answer = await client({ baseUrl }).decide(payload);
    expect(answer).toMatchObject({
      source: 'fallback',
      attemptCount: 4,
      cause: { code: 'network', detail: expect.stringMatching(/ECONNREFUSED/) },
    });
  });

  it('stops after the attempts that it was given', async () => {
    server.behaves(refuses(503, 'shutting_down'));
    const answer = await client({ attemptsMax: 2 }).decide(payload);
    expect(answer).toMatchObject({ source: 'fallback', attemptCount: 2 });
    expect(server.seen).toHaveLength(2);
  });

  it('asks for the outcome of its own by the payment', async () => {
    server.behaves(resets);
    const fallback = ({ transaction }: TransactionPayload) =>
      transaction.amount > 100_00 ? 'review' : 'approve';
    const answer = await client({ attemptsMax: 1, fallback }).decide(payload);
    expect(answer.outcome).toBe('review');
  });

  it.each([
    [400, 'invalid_request'],
    [401, 'unauthenticated'],
    [403, 'forbidden'],
    [409, 'version_conflict'],
    [413, 'body_too_large'],
    [415, 'unsupported_media_type'],
    [422, 'transaction_id_reused'],
  ])('is told by an exception, after one request, that %i %s is a refusal', async (status, code) => {
    server.behaves(refuses(status, code));
    const failure = await client()
      .decide(payload)
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(VetoApiError);
    expect(failure).toMatchObject({ status, code, problem: { instance: 'req_1' } });
    expect(server.seen).toHaveLength(1);
  });

  it('reads in the exception which fields are wrong', async () => {
    const errors = [{ pointer: '/transaction/amount', code: 'invalid_type', detail: 'expected an integer' }];
    server.behaves(
      answers(400, {
        type: 't',
        title: 'Wrong',
        status: 400,
        detail: '',
        instance: '',
        code: 'invalid_request',
        errors,
      }),
    );
    await expect(client().decide(payload)).rejects.toThrow(
      'invalid_request: Wrong (/transaction/amount expected an integer)',
    );
  });

  it('does not follow a redirect with the key in hand', async () => {
    server.behaves((_request, response) => void response.writeHead(307, { location: '/elsewhere' }).end());
    const answer = await client({ attemptsMax: 1 }).decide(payload);
    expect(answer.source).toBe('fallback');
    expect(server.seen.map(({ url }) => url)).toEqual(['/v1/decisions']);
  });

  it('stops at once when it does not want to know any more', async () => {
    server.behaves(staysSilent);
    const stop = new AbortController();
    const answer = client().decide(payload, { signal: stop.signal });
    stop.abort(new Error('the customer left'));
    await expect(answer).rejects.toThrow('the customer left');
  });

  it('stops between two attempts as well', async () => {
    const stop = new AbortController();
    server.behaves((request, response, body) => {
      refuses(503, 'shutting_down', { 'retry-after': '2' })(request, response, body);
      response.on('finish', () => setTimeout(() => stop.abort(new Error('the customer left')), 20));
    });
    await expect(client().decide(payload, { signal: stop.signal })).rejects.toThrow('the customer left');
    expect(server.seen).toHaveLength(1);
  });

  it('keeps its connections for payments that follow each other, refused ones included', async () => {
    const other = new MisbehavingServer();
    await other.open();
    try {
      const kept = client({ baseUrl: other.baseUrl });
      other.behaves(decides, refuses(503, 'shutting_down'), decides);
      for (let i = 0; i < 10; i++) await kept.decide(payload);
      expect(other.seen).toHaveLength(11);
      // Node's fetch opens a second one when a request follows within the tick that ended the reply before it.
      expect(other.connectionCount).toBeLessThanOrEqual(2);
    } finally {
      await other.close();
    }
  });

  it('sends nothing that holds a card number', async () => {
    server.behaves(decides);
    const careless = { ...payload, metadata: { note: 'card 4242 4242 4242 4242' } };
    const failure = await client()
      .decide(careless)
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'pan_not_accepted',
      status: 0,
      problem: { errors: [{ pointer: '/metadata/note' }] },
    });
    expect(String(failure)).not.toContain('4242');
    expect(server.seen).toEqual([]);
  });

  it('is not made for an address or a key that can never work', () => {
    expect(() => client({ baseUrl: 'veto.example' })).toThrow('URL');
    expect(() => client({ baseUrl: 'ftp://veto.example' })).toThrow('http');
    expect(() => client({ apiKey: 'two words' })).toThrow('apiKey');
  });
});
