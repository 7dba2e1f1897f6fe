import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Label, TransactionPayload } from '@veto/domain';
import { createVetoClient, type VetoClient, type VetoClientOptions } from './index';

/** What the server does with one request. */
export type Behaviour = (request: IncomingMessage, response: ServerResponse, body: string) => void;

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A real server that behaves as told: one behaviour for each request, the last one for all that follow. */
export class MisbehavingServer {
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

/** What a server that decides answers, as far as the client looks at it. */
export const decision = {
  id: 'dec_1',
  object: 'decision',
  transaction_id: 'ord_1',
  outcome: 'review',
  version: 1,
};

/** Answers in JSON. */
export const answers =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Behaviour =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };

/** Answers with a problem document. */
export const refuses = (
  status: number,
  code: string,
  headers: Readonly<Record<string, string>> = {},
): Behaviour =>
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

export const decides = answers(200, decision);
export const resets: Behaviour = (request) => request.socket.resetAndDestroy();
export const staysSilent: Behaviour = () => undefined;
export const answersHalf: Behaviour = (request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '5000' });
  response.write('{"object":"decision","outcome":"appro', () => request.socket.destroy());
};

/** A payment. */
export const payload: TransactionPayload = {
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

/** What that payment turned out to be. */
export const label: Label = {
  transaction_id: 'ord_1',
  label: 'fraud',
  source: 'chargeback',
  reported_at: '2026-09-14T00:00:00.000Z',
};

/** A merchant's client of `server`, who challenges when Veto does not answer. */
export function aClient(server: MisbehavingServer, overrides: Partial<VetoClientOptions> = {}): VetoClient {
  return createVetoClient({
    baseUrl: server.baseUrl,
    apiKey: 'veto_test_key',
    fallback: () => 'challenge',
    deadlineMs: 3_000,
    ...overrides,
  });
}
