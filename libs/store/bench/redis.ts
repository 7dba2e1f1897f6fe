import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createClient } from 'redis';
import { benchRedisStore } from '../src/redis/redis-state-store.bench';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const directory = await mkdtemp(join(tmpdir(), 'veto-bench-redis-'));
const port = await freePort();
const args = [
  '--port',
  String(port),
  '--bind',
  '127.0.0.1',
  '--dir',
  directory,
  '--save',
  '',
  '--appendonly',
  'yes',
  // The rewriting child would be measured along.
  '--auto-aof-rewrite-percentage',
  '0',
];
const server = spawn('redis-server', args, { stdio: 'ignore' });
const url = `redis://127.0.0.1:${port}`;
try {
  for (let i = 0; ; i++) {
    const client = createClient({ url, socket: { reconnectStrategy: false } });
    client.on('error', () => undefined);
    try {
      await client.connect();
      client.destroy();
      break;
    } catch (error) {
      if (i === 100) throw error;
      await wait(50);
    }
  }
  for (const inFlightCount of [1, 2]) {
    const result = await benchRedisStore({ url, paymentCount: 32_000, inFlightCount });
    const figures = Object.fromEntries(
      Object.entries(result).map(([name, value]: [string, number]) => [name, Number(value.toPrecision(4))]),
    );
    process.stdout.write(
      `${JSON.stringify({ bench: 'redis-store', node: process.version, inFlightCount, ...figures })}\n`,
    );
  }
} finally {
  server.kill('SIGKILL');
  await rm(directory, { recursive: true, force: true });
}
