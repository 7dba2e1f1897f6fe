import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Folder of the workspace; the suites run from it. */
export const WORKSPACE = join(import.meta.dirname, '../../..');

export interface RunningServer {
  readonly url: string;
  readonly metricsUrl: string;
  readonly dataDirectory: string;
  readonly pid: number;
  /** Fulfilled when the process is gone, whatever ended it, with its exit code; null after a signal. */
  readonly exited: Promise<number | null>;
  /** Sends a signal, and waits for nothing. */
  signal(signal: NodeJS.Signals): void;
  /** Asks it to stop and waits. @returns exit code and how long it took */
  stop(): Promise<{ readonly code: number | null; readonly tookMs: number }>;
  /** SIGKILL, at once. */
  kill(): Promise<void>;
  /** Everything it printed. */
  output(): string;
}

/**
 * Starts the built server as `npm start` does, on free ports of the loopback interface, and waits until it is ready.
 * @param options.dataDirectory an existing one to start again on; else a new one that is removed by `removeData`
 */
export async function startServer(
  options: {
    readonly dataDirectory?: string;
    readonly args?: readonly string[];
    readonly port?: number;
    /** Beside this process's own. */
    readonly environment?: Readonly<Record<string, string>>;
    /** What is started; `dist/apps/server/main.mjs` unless said. */
    readonly program?: string;
  } = {},
): Promise<RunningServer> {
  const dataDirectory = options.dataDirectory ?? mkdtempSync(join(tmpdir(), 'veto-e2e-'));
  const [port, metricsPort] = [options.port ?? (await freePort()), await freePort()];
  const program = options.program ?? 'dist/apps/server/main.mjs';
  const child = spawn('node', [program, ...(options.args ?? ['--rate', '0'])], {
    cwd: WORKSPACE,
    env: {
      ...process.env,
      ...options.environment,
      PORT: String(port),
      METRICS_PORT: String(metricsPort),
      VETO_DATA_DIR: dataDirectory,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => (output += bytes.toString()));
  const url = `http://127.0.0.1:${port}`;
  await ready(url, child, () => output);
  return {
    url,
    metricsUrl: `http://127.0.0.1:${metricsPort}/metrics`,
    dataDirectory,
    pid: child.pid ?? 0,
    exited: exit,
    signal: (signal) => void child.kill(signal),
    stop: async () => {
      const startedAtMs = performance.now();
      const code = await exited(child, 'SIGTERM');
      return { code, tookMs: performance.now() - startedAtMs };
    },
    kill: async () => void (await exited(child, 'SIGKILL')),
    output: () => output,
  };
}

export function removeData(server: RunningServer): void {
  rmSync(server.dataDirectory, { recursive: true, force: true });
}

async function exited(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.kill(signal);
  return exit;
}

async function ready(url: string, child: ChildProcess, output: () => string): Promise<void> {
  const giveUpAtMs = Date.now() + 60_000;
  while (Date.now() < giveUpAtMs) {
    const ended = child.exitCode ?? child.signalCode;
    if (ended !== null) throw new Error(`the server exited with ${ended}:\n${output()}`);
    const answer = await fetch(`${url}/v1/health/ready`).catch(() => null);
    if (answer?.status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  child.kill('SIGKILL');
  throw new Error(`the server was not ready after a minute:\n${output()}`);
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
