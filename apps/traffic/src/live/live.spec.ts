import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseLabel, parseTransactionPayload, type Label, type TransactionPayload } from '@veto/domain';
import { inFlightCountMaxOf, live, type LiveEnd, type LiveOptions } from './live';
import type { LiveReport } from './live-report';
import { markerIdOf } from './prologue';

/** A server that approves everything, but cards of BIN attacks: enough of Veto to talk to. */
class ApprovingServer {
  readonly payments: TransactionPayload[] = [];
  readonly labels: Label[] = [];
  readonly refusals: string[] = [];
  /** Payments taken and not answered yet, at their most. */
  waitingCountMax = 0;
  answersPayments = true;
  status = 200;
  private waitingCount = 0;
  private readonly known = new Set<string>();
  private readonly server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (text += chunk));
    request.on('end', () => this.answer(request, response, text));
  });

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

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  knows(id: string): void {
    this.known.add(id);
  }

  private answer(request: IncomingMessage, response: ServerResponse, text: string): void {
    const url = new URL(request.url ?? '', this.url);
    const say = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (this.status !== 200)
      say(this.status, { code: 'unauthenticated', title: 'No valid API key or session' });
    else if (request.method === 'GET') {
      const id = url.searchParams.get('transaction_id') ?? '';
      if (this.known.has(id)) say(200, { ...decisionOf(id), revisions: [] });
      else say(404, { code: 'not_found' });
    } else if (url.pathname === '/v1/labels') this.takeLabel(JSON.parse(text), say);
    else this.takePayment(JSON.parse(text), response, say);
  }

  private takePayment(
    body: unknown,
    response: ServerResponse,
    say: (status: number, body: object) => void,
  ): void {
    const parsed = parseTransactionPayload(body);
    if (!parsed.ok) {
      this.refusals.push(JSON.stringify(parsed.issues));
      say(400, { code: parsed.code });
      return;
    }
    this.payments.push(parsed.value);
    this.known.add(parsed.value.transaction.id);
    this.waitingCountMax = Math.max(this.waitingCountMax, ++this.waitingCount);
    // Also when whoever asked hangs up.
    response.on('close', () => this.waitingCount--);
    if (this.answersPayments) setImmediate(() => say(200, decisionOf(parsed.value.transaction.id)));
  }

  private takeLabel(body: unknown, say: (status: number, body: object) => void): void {
    const parsed = parseLabel(body);
    if (!parsed.ok) {
      this.refusals.push(JSON.stringify(parsed.issues));
      say(400, { code: parsed.code });
    } else if (!this.known.has(parsed.value.transaction_id)) say(404, { code: 'not_found' });
    else {
      this.labels.push(parsed.value);
      say(201, { object: 'label', status: 'recorded' });
    }
  }
}

const decisionOf = (id: string) => ({
  id: `dec_${id}`,
  object: 'decision',
  transaction_id: id,
  outcome: 'approve',
  version: 1,
});

describe('live traffic', () => {
  let server: ApprovingServer;
  const reports: LiveReport[] = [];
  const run = (overrides: Partial<LiveOptions>, signal = new AbortController().signal): Promise<LiveEnd> =>
    live(
      {
        url: server.url,
        apiKey: 'veto_test_key',
        ratePerSecond: 50,
        seed: 3,
        durationMs: 3_000,
        labelSpeedup: 10_080,
        ...overrides,
      },
      { signal, onReport: (report) => reports.push(report) },
    );
  const isPast = ({ transaction }: TransactionPayload): boolean => transaction.id.startsWith('past_');
  /** Most tests are not about the past. */
  const forgetPast = (): void => server.knows(markerIdOf(3));

  beforeEach(async () => {
    server = new ApprovingServer();
    reports.length = 0;
    await server.open();
  });
  afterEach(() => server.close());

  it('tells a new server the past of its regulars, and begins with the present meanwhile', async () => {
    await run(
      { durationMs: 0, ratePerSecond: 5, pastTimeMsMax: 80_000 },
      stopsWhen(() => server.payments.some(({ transaction }) => transaction.id === markerIdOf(3))),
    );
    const past = server.payments.filter(isPast);
    expect(past.length).toBeGreaterThan(5_000);
    const daysAgo = past.map(
      ({ transaction }) => (Date.now() - Date.parse(transaction.occurred_at)) / 86_400_000,
    );
    expect(Math.max(...daysAgo)).toBeGreaterThan(38);
    expect(Math.max(...daysAgo)).toBeLessThan(41);
    expect(server.labels.length).toBeGreaterThan(20);
    // Live payments came before the last of the past.
    expect(server.payments.findIndex((payment) => !isPast(payment))).toBeLessThan(past.length);
    const countByCard = new Map<string, number>();
    for (const { card } of past) {
      if (card !== undefined) countByCard.set(card.fingerprint, (countByCard.get(card.fingerprint) ?? 0) + 1);
    }
    const regulars = [...countByCard.values()].filter((count) => count >= 3);
    expect(regulars.length).toBeGreaterThan(500);
    expect(server.refusals).toEqual([]);
    // On a busy machine a payment may come too late; refused is none.
    const refused = Object.keys(reports.at(-1)?.errors ?? {}).filter((code) => !code.startsWith('fallback_'));
    expect(refused).toEqual([]);
  }, 100_000);

  it('tells the past once', async () => {
    forgetPast();
    await run({ durationMs: 700 });
    expect(server.payments.filter(isPast)).toEqual([]);
    expect(server.payments.length).toBeGreaterThan(0);
  });

  it('comes at the rate that was asked for, at the present time, and ends when its time is over', async () => {
    forgetPast();
    const end = await run({ durationMs: 2_300 });
    expect(end).toEqual({ reason: 'duration' });
    // 90 % of 50/s are genuine: 103 in 2.3 s, give or take four standard deviations of chance, before any attack.
    expect(server.payments.length).toBeGreaterThan(103 - 4 * 10);
    expect(server.payments.length).toBeLessThan(103 + 4 * 10);
    const ages = server.payments.map(({ transaction }) => Date.now() - Date.parse(transaction.occurred_at));
    expect(Math.max(...ages)).toBeLessThan(10_000);
    expect(new Set(server.payments.map(({ transaction }) => transaction.id)).size).toBe(
      server.payments.length,
    );
    // Once a second it said what came of it.
    expect(reports.length).toBeGreaterThanOrEqual(1);
    expect(reports.length).toBeLessThanOrEqual(2);
    const last = reports.at(-1);
    expect(last?.sent).toBeGreaterThan(20);
    expect(last?.outcomes.approve).toBe(last?.sent);
    expect(last?.latencyMs.p50).toBeGreaterThan(0);
    expect(last?.errors).toEqual({});
  });

  it('tells late what payments turned out to be, faster than life', async () => {
    forgetPast();
    // At this speed a day is under a tenth of a second.
    await run(
      { durationMs: 0, ratePerSecond: 60, labelSpeedup: 1_000_000 },
      stopsWhen(() => server.labels.length > 3),
    );
    const occurredAt = new Map(
      server.payments.map(({ transaction }) => [transaction.id, transaction.occurred_at]),
    );
    for (const { transaction_id, reported_at } of server.labels) {
      expect(Date.parse(reported_at)).toBeGreaterThan(Date.parse(occurredAt.get(transaction_id)!));
    }
  });

  it('never has more on their way than its limit, and skips the rest', async () => {
    forgetPast();
    server.answersPayments = false;
    await run(
      { durationMs: 0, ratePerSecond: 40 },
      stopsWhen(() => (reports.at(-1)?.skipped ?? 0) > 0),
    );
    expect(server.waitingCountMax).toBeLessThanOrEqual(inFlightCountMaxOf(40));
    expect(reports.at(-1)?.inFlight).toBeLessThanOrEqual(inFlightCountMaxOf(40));
    expect(reports.at(-1)?.skipped).toBeGreaterThan(0);
  });

  it('ends at once when it is stopped', async () => {
    forgetPast();
    server.answersPayments = false;
    const stop = new AbortController();
    const end = run({ durationMs: 0 }, stop.signal);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const stoppedAtMs = performance.now();
    stop.abort();
    expect(await end).toEqual({ reason: 'stopped' });
    expect(performance.now() - stoppedAtMs).toBeLessThan(200);
  });

  it('ends when its key is refused, and says so', async () => {
    server.status = 401;
    expect(await run({})).toEqual({ reason: 'refused', detail: expect.stringContaining('unauthenticated') });
  });

  it('goes on by itself when the server goes away, and tells what it owes when it is back', async () => {
    forgetPast();
    server.status = 503;
    const stop = new AbortController();
    const end = run({ durationMs: 0, ratePerSecond: 10 }, stop.signal);
    server.status = 200;
    await waitUntil(() => server.payments.length > 5);
    server.status = 503;
    await waitUntil(() => (reports.at(-1)?.errors['fallback_unavailable'] ?? 0) > 3);
    // Payments are numbered; those decided alone are among the first so many.
    const decidedCount = reports.at(-1)!.sent;
    server.status = 200;
    await waitUntil(() => {
      const told = new Set(
        server.payments.map(({ transaction }) => Number.parseInt(transaction.id.split('_')[2]!, 36)),
      );
      return Array.from({ length: decidedCount }, (_, number) => number).every((number) => told.has(number));
    });
    stop.abort();
    await end;
  }, 60_000);
});

/** A signal that is aborted as soon as the fact holds. */
function stopsWhen(fact: () => boolean): AbortSignal {
  const stop = new AbortController();
  void waitUntil(fact).then(() => stop.abort());
  return stop.signal;
}

async function waitUntil(fact: () => boolean): Promise<void> {
  for (let waitedMs = 0; !fact(); waitedMs += 20) {
    if (waitedMs > 90_000) throw new Error('waited for 90 s in vain');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
