/**
 * Open loop: requests are sent by the clock, whether or not earlier ones were answered, and each is timed from the
 * moment when it was due, so that a stall is not hidden by the requests it held back.
 */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';

/** The published key of the demo. */
const KEY = /veto_test_[0-9A-Za-z_]+/.exec(readFileSync('README.md', 'utf8'))?.[0] ?? '';

/**
 * Sends a body by the clock, `rate` times a second, and times each from the moment when it was due.
 * @param {{port: number, rate: number, seconds: number, bodyOf: (i: number) => string}} load
 * @returns {Promise<{p50: number, p99: number, failures: number}>} ms
 */
export async function openLoop({ port, rate, seconds, bodyOf }) {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const count = rate * seconds;
  const latencies = new Float64Array(count);
  let failures = 0;
  const startedAtMs = performance.now();
  /** @type {Promise<void>[]} */
  const answers = [];
  for (let sent = 0; sent < count;) {
    const due = Math.min(count, Math.floor(((performance.now() - startedAtMs) / 1_000) * rate));
    for (; sent < due; sent++) {
      const i = sent;
      const dueAtMs = startedAtMs + (i / rate) * 1_000;
      answers.push(
        post(agent, port, bodyOf(i)).then((ok) => {
          latencies[i] = performance.now() - dueAtMs;
          if (!ok) failures++;
        }),
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(answers);
  agent.destroy();
  latencies.sort();
  return {
    p50: latencies[Math.floor(count * 0.5)] ?? NaN,
    p99: latencies[Math.floor(count * 0.99)] ?? NaN,
    failures,
  };
}

/** @param {Agent} agent @param {number} port @param {string} body @returns {Promise<boolean>} */
function post(agent, port, body) {
  return new Promise((resolve) => {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      authorization: `Bearer ${KEY}`,
    };
    const call = request(
      { agent, host: '127.0.0.1', port, path: '/v1/decisions', method: 'POST', headers },
      (answer) => {
        answer.resume();
        answer.once('end', () => resolve(answer.statusCode === 200));
      },
    );
    call.once('error', () => resolve(false));
    call.end(body);
  });
}

/** Waits for an answer that is none of a server in trouble. @param {number} port @param {string} path */
export async function answering(port, path) {
  for (let tries = 0; tries < 300; tries++) {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => null);
    if (answer && answer.status < 500) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`nothing answers on port ${port}`);
}

/** @returns {Promise<number>} */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
