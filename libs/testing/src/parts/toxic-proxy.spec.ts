import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { startToxicProxy, type ToxicProxy } from './toxic-proxy';

/** How much sooner than asked a timer may fire. */
const TIMER_TOLERANCE_MS = 2;

describe('a toxic proxy', () => {
  let echo: Server;
  const served = new Set<Socket>();
  let proxy: ToxicProxy;
  const clients: Socket[] = [];

  beforeAll(async () => {
    echo = createServer({ noDelay: true }, (socket) => {
      served.add(socket);
      socket.on('close', () => served.delete(socket));
      socket.on('error', () => undefined);
      socket.pipe(socket);
    });
    echo.listen(0, '127.0.0.1');
    await once(echo, 'listening');
  });

  afterAll(() => {
    echo.close();
  });

  beforeEach(async () => {
    const address = echo.address();
    if (typeof address !== 'object' || !address) throw new Error('the echo listens on no port');
    proxy = await startToxicProxy({ to: address.port });
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await proxy.stop();
  });

  /** A client whose connection is known to both ends. */
  async function aClient(): Promise<Socket> {
    const client = connect({ port: proxy.port, host: '127.0.0.1', noDelay: true });
    clients.push(client);
    client.on('error', () => undefined);
    await once(client, 'connect');
    return client;
  }

  async function ask(
    client: Socket,
    text: string,
  ): Promise<{ answer: string; tookMs: number; pieces: number }> {
    const startedAtMs = performance.now();
    let answer = '';
    let pieces = 0;
    const isWhole = new Promise<void>((resolve) => {
      client.on('data', function take(chunk: Buffer) {
        answer += chunk.toString();
        pieces++;
        if (answer.length < text.length) return;
        client.off('data', take);
        resolve();
      });
    });
    client.write(text);
    await isWhole;
    return { answer, pieces, tookMs: performance.now() - startedAtMs };
  }

  const failure = async (client: Socket): Promise<string | undefined> =>
    ((await once(client, 'error')) as [NodeJS.ErrnoException])[0].code;

  /** `quiet` when nothing of it has happened after so long. */
  const within = async (ms: number, happening: Promise<unknown>): Promise<string> =>
    Promise.race([happening.then(() => 'happened'), wait(ms, 'quiet')]);

  it('carries a megabyte both ways, unchanged', async () => {
    const text = 'veto '.repeat(200_000);
    const { answer } = await ask(await aClient(), text);
    expect(answer === text).toBe(true);
  });

  it('passes on the end of a connection', async () => {
    const client = await aClient();
    client.end('last words');
    const [answer] = (await once(client, 'data')) as [Buffer];
    expect(answer.toString()).toBe('last words');
    await once(client, 'end');
  });

  it('counts its connections', async () => {
    const client = await aClient();
    await ask(client, 'x');
    expect(proxy.connectionCount).toBe(1);
    client.destroy();
    await until(() => proxy.connectionCount === 0 && served.size === 0);
  });

  it('delays each way by the latency, also on a connection that was there before', async () => {
    const client = await aClient();
    await ask(client, 'x');
    proxy.set([{ type: 'latency', latencyMs: 40 }]);
    const { tookMs } = await ask(client, 'x');
    expect(tookMs).toBeGreaterThanOrEqual(2 * 40 - TIMER_TOLERANCE_MS);
    proxy.clear();
    expect((await ask(client, 'x')).tookMs).toBeLessThan(40);
  });

  it('delays one way alone', async () => {
    proxy.set([{ type: 'latency', latencyMs: 60, direction: 'downstream' }]);
    const { tookMs } = await ask(await aClient(), 'x');
    expect(tookMs).toBeGreaterThanOrEqual(60 - TIMER_TOLERANCE_MS);
    expect(tookMs).toBeLessThan(120);
  });

  it('delays pieces side by side, and keeps their order under jitter', async () => {
    proxy.set([{ type: 'latency', latencyMs: 50, jitterMs: 50, direction: 'upstream' }]);
    const client = await aClient();
    const startedAtMs = performance.now();
    let answer = '';
    client.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    for (let piece = 0; piece < 10; piece++) {
      client.write(String(piece));
      await wait(5);
    }
    await until(() => answer.length === 10);
    expect(answer).toBe('0123456789');
    // One after the other they would take up to 10 × 100 ms.
    expect(performance.now() - startedAtMs).toBeLessThan(400);
  });

  it('takes as long as the bandwidth says', async () => {
    proxy.set([{ type: 'bandwidth', bytesPerSecond: 100_000, direction: 'upstream' }]);
    const { tookMs } = await ask(await aClient(), 'x'.repeat(20_000));
    // 20 000 / 100 000 s
    expect(tookMs).toBeGreaterThanOrEqual(200 - TIMER_TOLERANCE_MS);
  });

  it('slices', async () => {
    proxy.set([{ type: 'slicer', sliceBytes: 10, pauseMs: 5, direction: 'downstream' }]);
    const { pieces, answer } = await ask(await aClient(), 'x'.repeat(100));
    expect(pieces).toBe(10);
    expect(answer).toHaveLength(100);
  });

  it('holds everything back during a timeout without end, and lets it pass when that is taken away', async () => {
    const client = await aClient();
    proxy.set([{ type: 'timeout', afterMs: 0 }]);
    const answered = ask(client, 'held');
    expect(await within(100, answered)).toBe('quiet');
    proxy.clear();
    expect((await answered).answer).toBe('held');
  });

  it('closes both ends after a timeout', async () => {
    const client = await aClient();
    await ask(client, 'x');
    proxy.set([{ type: 'timeout', afterMs: 30 }]);
    await once(client, 'close');
    await until(() => served.size === 0);
  });

  it('resets the peer, also one that comes later', async () => {
    const client = await aClient();
    const failed = failure(client);
    proxy.set([{ type: 'reset_peer', afterMs: 20 }]);
    expect(await failed).toBe('ECONNRESET');
    expect(await failure(await aClient())).toBe('ECONNRESET');
  });

  it('closes after so many bytes', async () => {
    proxy.set([{ type: 'limit_data', byteCountMax: 7, direction: 'downstream' }]);
    const client = await aClient();
    let answer = '';
    client.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    client.write('0123456789');
    await once(client, 'close');
    expect(answer).toBe('0123456');
  });

  it('leaves a half-open connection dead for ever, while the server knows it gone', async () => {
    const client = await aClient();
    await ask(client, 'x');
    proxy.set([{ type: 'half_open' }]);
    await until(() => served.size === 0);
    const sign = Promise.race([once(client, 'data'), once(client, 'close'), once(client, 'error')]);
    client.write('is anybody there');
    expect(await within(100, sign)).toBe('quiet');
    proxy.clear();
    client.write('and now');
    expect(await within(100, sign)).toBe('quiet');
    expect((await ask(await aClient(), 'a new one')).answer).toBe('a new one');
  });

  it('refuses, and accepts again on the same port', async () => {
    const client = await aClient();
    const { port } = proxy;
    const failed = failure(client);
    await proxy.refuse();
    expect(await failed).toBe('ECONNRESET');
    await expect(aClient()).rejects.toThrow('ECONNREFUSED');
    await proxy.accept();
    expect(proxy.port).toBe(port);
    expect((await ask(await aClient(), 'again')).answer).toBe('again');
  });

  it('resets once', async () => {
    const client = await aClient();
    const failed = failure(client);
    proxy.reset();
    expect(await failed).toBe('ECONNRESET');
    expect((await ask(await aClient(), 'again')).answer).toBe('again');
  });
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await wait(2);
}
