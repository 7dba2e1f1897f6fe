import { connect } from 'node:net';
import { connect as connectByTls } from 'node:tls';

const ANSWER_WITHIN_MS = 1_000;

/**
 * Sends one request over a connection of its own and reads until the answer is whole.
 * @param ca who signs the server's certificate, PEM: it is asked over TLS
 * @throws Error when it is not whole within a second, or when the server hangs up before
 */
export async function askPort(
  { host = '127.0.0.1', port, ca }: { host?: string; port: number; ca?: string },
  request: Uint8Array,
  isWhole: (answer: Buffer) => boolean,
): Promise<Buffer> {
  const socket = ca === undefined ? connect({ port, host }) : connectByTls({ port, host, ca });
  const tooLate = new Error(`${host}:${port}: no answer`);
  const timer = setTimeout(() => socket.destroy(tooLate), ANSWER_WITHIN_MS);
  try {
    socket.write(request);
    let answer = Buffer.alloc(0);
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      answer = Buffer.concat([answer, chunk]);
      if (isWhole(answer)) return answer;
    }
    throw new Error(`${host}:${port}: hung up after ${answer.length} bytes`);
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}
