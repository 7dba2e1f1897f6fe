import { Agent, request, type IncomingHttpHeaders } from 'node:http';
import { DEMO_API_KEY } from '../../support/demo-key';

/** What came back of one request, or why nothing did. */
export type Asked =
  | {
      readonly status: number;
      readonly headers: IncomingHttpHeaders;
      readonly text: string;
      readonly error?: undefined;
    }
  | { readonly status: null; readonly error: string };

/**
 * Connections are kept, as a merchant's client keeps them; a load has as many as it needs. With fewer, attempts would wait
 * here for one, in a queue in which those that were given up keep their places: after a stall nobody would be answered.
 */
const agent = new Agent({ keepAlive: true, maxFreeSockets: 512, scheduling: 'lifo' });

/** Lets go of every kept connection. */
export function closeConnections(): void {
  agent.destroy();
}

/**
 * One `POST /v1/decisions`: no retry, no exception.
 * @param options.timeoutMs after which the attempt ends with `timeout`
 */
export function ask(
  url: string,
  body: string,
  options: { readonly timeoutMs: number; readonly headers?: Readonly<Record<string, string>> },
): Promise<Asked> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      authorization: `Bearer ${DEMO_API_KEY}`,
      ...options.headers,
    };
    const fail = (error: string): void => {
      clearTimeout(timer);
      resolve({ status: null, error });
    };
    const call = request(
      { agent, hostname, port, path: '/v1/decisions', method: 'POST', headers },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.once('end', () => {
          clearTimeout(timer);
          const text = Buffer.concat(chunks).toString();
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text });
        });
        answer.once('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
      },
    );
    const timer = setTimeout(() => {
      fail('timeout');
      call.destroy();
    }, options.timeoutMs);
    call.once('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
    call.end(body);
  });
}
