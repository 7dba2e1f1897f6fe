import { connect } from 'node:net';

const ANSWER_WITHIN_MS = 1_000;

/**
 * Sends one request over a connection of its own and reads until the answer is whole.
 * @throws Error when it is not whole within a second, or when the server hangs up before
 */
export async function askPort(
  { host = '127.0.0.1', port }: { host?: string; port: number },
  request: Uint8Array,
  isWhole: (answer: Buffer) => boolean,
): Promise<Buffer> {
  const socket = connect({ port, host });
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
