import { askPort } from './ask-port';

/**
 * Sends one command of plain words and returns the first line of the answer: `+PONG`, `:0`, `-LOADING …`.
 * @param ca who signs its certificate, PEM, where it speaks TLS
 * @throws Error when there is no answer within a second
 */
export async function askRedis(at: URL, command: string, ca?: string): Promise<string> {
  const password = decodeURIComponent(at.password);
  const user = decodeURIComponent(at.username) || 'default';
  const greeting = password === '' ? [] : [`AUTH ${user} ${password}`];
  const request = [...greeting, command].map((line) => `${line}\r\n`).join('');
  const linesOf = (answer: Buffer): string[] => answer.toString().split('\r\n');
  const place = { host: at.hostname, port: Number(at.port || 6379), ...(ca !== undefined && { ca }) };
  const answer = await askPort(
    place,
    Buffer.from(request),
    (bytes) => linesOf(bytes).length > greeting.length + 1,
  );
  return linesOf(answer)[greeting.length] ?? '';
}
