import { once } from 'node:events';
import { connect } from 'node:net';

const ANSWER_WITHIN_MS = 1_000;

/**
 * Sends one command of plain words and returns the first line of the answer: `+PONG`, `:0`, `-LOADING …`.
 * @throws Error when there is no answer within a second
 */
export async function askRedis(at: URL, command: string): Promise<string> {
  const socket = connect({ port: Number(at.port || 6379), host: at.hostname, timeout: ANSWER_WITHIN_MS });
  try {
    socket.on('timeout', () => socket.destroy(new Error(`${at.host}: no answer`)));
    await once(socket, 'connect');
    const password = decodeURIComponent(at.password);
    const user = decodeURIComponent(at.username) || 'default';
    const greeting = password === '' ? '' : `AUTH ${user} ${password}\r\n`;
    socket.write(`${greeting}${command}\r\n`);
    let answer = '';
    const lineCount = greeting === '' ? 1 : 2;
    while (answer.split('\r\n').length <= lineCount) {
      const [chunk] = (await once(socket, 'data')) as [Buffer];
      answer += chunk.toString();
    }
    return answer.split('\r\n')[lineCount - 1] ?? '';
  } finally {
    socket.destroy();
  }
}
