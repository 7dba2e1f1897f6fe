import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the range from which systems take the ports of outgoing connections: a part that restarts finds its own free. */
const PORT_MIN = 20_000;
const PORT_LIMIT = 32_000;

/**
 * A port of the loopback interface that nobody listens on at this moment.
 * Another process may take it before the caller does: whoever starts a part on it tries again with another.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = randomInt(PORT_MIN, PORT_LIMIT);
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port among 100 tried between ${PORT_MIN} and ${PORT_LIMIT}`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
