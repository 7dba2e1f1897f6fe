import { Worker } from 'node:worker_threads';
import { MISSED, within } from './redis-link';

const BUDGET_MS = 40;

/** As a server: answers a question after so many ms, whatever this process does meanwhile. */
const ANSWERING = `
  const { parentPort } = require('node:worker_threads');
  parentPort.on('message', (afterMs) => setTimeout(() => parentPort.postMessage('answer'), afterMs));
  parentPort.postMessage('ready');
`;

let server: Worker;
beforeEach(async () => {
  server = new Worker(ANSWERING, { eval: true });
  await new Promise((resolve) => server.once('message', resolve));
});
afterEach(() => server.terminate());

function answered(): Promise<string> {
  return new Promise((resolve) => server.once('message', resolve));
}

function block(ms: number): void {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs);
}

describe('a wait for an answer', () => {
  it('is over after its time when there is none', async () => {
    const startedAtMs = performance.now();
    expect(await within(answered(), BUDGET_MS)).toBe(MISSED);
    expect(performance.now() - startedAtMs).toBeGreaterThan(BUDGET_MS - 2);
  });

  it('passes on what comes in time, and what fails', async () => {
    await expect(within(Promise.resolve(1), BUDGET_MS)).resolves.toBe(1);
    await expect(within(Promise.reject(new Error('refused')), BUDGET_MS)).rejects.toThrow('refused');
  });

  it('takes an answer that arrived while this process did something else', async () => {
    const answer = answered();
    server.postMessage(1);
    const waiting = within(answer, BUDGET_MS);
    block(4 * BUDGET_MS);
    expect(await waiting).toBe('answer');
  });

  it('leaves time for a call that this process came to send late', async () => {
    const answer = answered();
    const waiting = within(answer, BUDGET_MS);
    // As a client that writes at the end of a turn, which was long.
    setImmediate(() => server.postMessage(1));
    block(BUDGET_MS + 5);
    expect(await waiting).toBe('answer');
  });

  it('is over after twice its time in a process that is always late', async () => {
    const startedAtMs = performance.now();
    let isOver = false;
    const busy = (): void => {
      block(BUDGET_MS);
      if (!isOver) setTimeout(busy);
    };
    busy();
    const waitedFromMs = performance.now();
    expect(await within(answered(), BUDGET_MS)).toBe(MISSED);
    isOver = true;
    const tookMs = performance.now() - waitedFromMs;
    expect(waitedFromMs - startedAtMs).toBeGreaterThanOrEqual(BUDGET_MS);
    // One turn of the busy process may lie before the end is seen, and one behind it.
    expect(tookMs).toBeLessThan(2 * BUDGET_MS + 3 * BUDGET_MS);
  });
});
