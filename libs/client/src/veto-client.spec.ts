import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Label, TransactionPayload } from '@veto/domain';
import {
  createVetoClient,
  VetoApiError,
  VetoUnavailableError,
  type VetoClient,
  type VetoClientOptions,
} from './index';

type Behaviour = (request: IncomingMessage, response: ServerResponse, body: string) => void;

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A real server that behaves as told: one behaviour for each request, the last one for all that follow. */
class MisbehavingServer {
  readonly seen: Seen[] = [];
  connectionCount = 0;
  private behaviours: readonly Behaviour[] = [];
  private readonly server: Server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const behaviour = this.behaviours[Math.min(this.seen.length, this.behaviours.length - 1)];
      this.seen.push({
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body,
      });
      behaviour?.(request, response, body);
    });
  }).on('connection', () => this.connectionCount++);

  async open(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.server.listen(0, '127.0.0.1', resolve);
    });
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => {
      this.server.close(resolve);
    });
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  behaves(...behaviours: readonly Behaviour[]): void {
    this.behaviours = behaviours;
  }
}

const decision = { id: 'dec_1', object: 'decision', transaction_id: 'ord_1', outcome: 'review', version: 1 };

const answers =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Behaviour =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };
const refuses = (status: number, code: string, headers: Readonly<Record<string, string>> = {}): Behaviour =>
  answers(
    status,
    {
      type: `https://veto.dev/problems/${code}`,
      title: 'Refused',
      status,
      detail: '',
      instance: 'req_1',
      code,
      errors: [],
    },
    headers,
  );
const decides = answers(200, decision);
const resets: Behaviour = (request) => request.socket.resetAndDestroy();
const staysSilent: Behaviour = () => undefined;
const answersHalf: Behaviour = (request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '5000' });
  response.write('{"object":"decision","outcome":"appro', () => request.socket.destroy());
};

const payload: TransactionPayload = {
  transaction: {
    id: 'ord_1',
    occurred_at: '2026-08-24T10:15:02.113Z',
    amount: 12_990,
    currency: 'EUR',
    type: 'payment',
    stage: 'pre_auth',
    channel: 'ecommerce',
    initiator: 'customer',
  },
  customer: { email: 'ana@example.com' },
};
const label: Label = {
  transaction_id: 'ord_1',
  label: 'fraud',
  source: 'chargeback',
  reported_at: '2026-09-14T00:00:00.000Z',
};

describe('a merchant with the client', () => {
  const server = new MisbehavingServer();
  const client = (overrides: Partial<VetoClientOptions> = {}): VetoClient =>
    createVetoClient({
      baseUrl: server.baseUrl,
      apiKey: 'veto_test_key',
      fallback: () => 'challenge',
      deadlineMs: 3_000,
      ...overrides,
    });

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

  describe('that owes', () => {
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

  describe('that tells what a payment turned out to be', () => {
    it('knows that it arrived', async () => {
      server.behaves(refuses(503, 'log_unavailable'), answers(201, { status: 'recorded' }));
      expect(await client().label(label)).toEqual({ status: 'sent', attemptCount: 2 });
      expect(server.seen[0]).toMatchObject({
        method: 'POST',
        url: '/v1/labels',
        body: JSON.stringify(label),
      });
    });

    it('is told by an exception that the payment is unknown', async () => {
      server.behaves(refuses(404, 'not_found'));
      await expect(client().label(label)).rejects.toMatchObject({ code: 'not_found', status: 404 });
    });
  });

  describe('that looks a decision up', () => {
    const revised = {
      ...decision,
      version: 2,
      outcome: 'block',
      revisions: [
        { version: 1, outcome: 'review', reason: null },
        { version: 2, outcome: 'block', reason: 'stolen' },
      ],
    };

    it('finds it by its id, with its revisions', async () => {
      server.behaves(answers(200, revised));
      expect(await client().getDecision('dec_1')).toEqual(revised);
      expect(server.seen[0]).toMatchObject({ method: 'GET', url: '/v1/decisions/dec_1' });
    });

    it('finds it by the id of the payment', async () => {
      server.behaves(answers(200, revised));
      expect(await client().findDecision('ord/1 ?')).toMatchObject({ id: 'dec_1' });
      expect(server.seen[0]?.url).toBe('/v1/decisions?transaction_id=ord%2F1%20%3F');
    });

    it('finds nothing where there is nothing', async () => {
      server.behaves(refuses(404, 'not_found'));
      expect(await client().findDecision('ord_9')).toBeNull();
    });

    it('says that Veto does not answer, which is not the same as nothing', async () => {
      server.behaves(resets);
      await expect(client({ attemptsMax: 1 }).findDecision('ord_1')).rejects.toBeInstanceOf(
        VetoUnavailableError,
      );
    });
  });
});
