import 'reflect-metadata';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock, Decision, ModelScorer, Problem, TransactionPayload } from '@veto/domain';
import { featureSet } from '@veto/features';
import { readCommand, type Configuration } from './configuration';
import { newApiKey, parseApiKey } from './keys/api-key';
import { DEMO_API_KEY } from './keys/demo-key';
import type { Scope } from './keys/key-ring';
import { createRuntime, type Runtime } from './runtime';
import { startServer, type RunningServer } from './server';

/** A server on free ports over a folder of its own. */
export interface TestServer extends RunningServer {
  readonly runtime: Runtime;
  readonly dataDirectory: string;
  /** Everything that was written to the log of lines. */
  lines(): string;
  request(path: string, init?: RequestInit): Promise<Response>;
  /** `POST /v1/decisions` with the demo key. */
  decide(payload: unknown, headers?: Record<string, string>): Promise<Response>;
  /** Stops it and removes its folder. */
  dispose(): Promise<void>;
}

export interface TestServerOptions {
  readonly clock?: Clock;
  readonly scorer?: ModelScorer | null;
  readonly configuration?: Partial<Configuration>;
  /** An earlier server's folder. */
  readonly dataDirectory?: string;
  readonly consoleDirectory?: string;
}

export function aConfiguration(overrides: Partial<Configuration> = {}): Configuration {
  const command = readCommand(['--rate', '0'], { PORT: '0', METRICS_PORT: '0', VETO_LOG_LEVEL: 'debug' });
  if (command.kind !== 'serve') throw new Error('the default command is to serve');
  // Tests wait for many at once on a small machine; the deadline has tests of its own.
  return { ...command.configuration, deadlineMs: 2_000, ...overrides };
}

export async function aServer(options: TestServerOptions = {}): Promise<TestServer> {
  const dataDirectory = options.dataDirectory ?? (await mkdtemp(join(tmpdir(), 'veto-server-')));
  const written: string[] = [];
  const runtime = await createRuntime({
    configuration: aConfiguration({ dataDirectory, ...options.configuration }),
    sink: { write: (text) => written.push(text) },
    scorer: options.scorer ?? null,
    ...(options.clock !== undefined && { clock: options.clock }),
  });
  const server = await startServer(runtime, {
    consoleDirectory: options.consoleDirectory ?? join(dataDirectory, 'no-console'),
    version: '0.0.0-test',
    onFatal: (error) => written.push(`fatal: ${String(error)}\n`),
  });
  const request = (path: string, init: RequestInit = {}): Promise<Response> => fetch(server.url + path, init);
  return {
    ...server,
    runtime,
    dataDirectory,
    lines: () => written.join(''),
    request,
    decide: (payload, headers = {}) =>
      request('/v1/decisions', {
        method: 'POST',
        headers: { authorization: `Bearer ${DEMO_API_KEY}`, 'content-type': 'application/json', ...headers },
        body: typeof payload === 'string' ? payload : JSON.stringify(payload),
      }),
    dispose: async () => {
      await server.close();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}

export const asDecision = async (response: Response): Promise<Decision> =>
  (await response.json()) as Decision;
export const asProblem = async (response: Response): Promise<Problem> => (await response.json()) as Problem;

/** Headers of a merchant with a key. */
export const withKey = (key: string): Record<string, string> => ({
  authorization: `Bearer ${key}`,
  'content-type': 'application/json',
});

/** The cookie of the demo's analyst. */
export async function aCookie(server: TestServer): Promise<string> {
  const response = await server.request('/desk/session');
  const header = response.headers.get('set-cookie') ?? '';
  return header.split(';', 1)[0] ?? '';
}

/** What the console sends with a change. */
export const deskHeaders = (cookie: string): Record<string, string> => ({
  cookie,
  'x-veto-desk': '1',
  'content-type': 'application/json',
});

/** Keys of several tenants, as the file of keys names them. */
export async function aKeyFile(
  keys: readonly { readonly tenant: string; readonly scopes: readonly Scope[] }[],
): Promise<{ readonly path: string; readonly keys: readonly string[] }> {
  const made = keys.map((of) => ({ ...of, key: newApiKey('live') }));
  const entries = made.map(({ tenant, scopes, key }) => ({
    id: parseApiKey(key)?.publicId,
    tenant,
    scopes,
    sha256: createHash('sha256').update(key).digest('hex'),
  }));
  const path = join(await mkdtemp(join(tmpdir(), 'veto-keys-')), 'keys.json');
  await writeFile(path, JSON.stringify(entries));
  return { path, keys: made.map(({ key }) => key) };
}

/** A file of analysts, each with the token that is their id. */
export async function anAnalystFile(
  analysts: readonly {
    readonly id: string;
    readonly name: string;
    readonly role: string;
    readonly tenant: string;
  }[],
): Promise<string> {
  const entries = analysts.map((analyst) => ({
    ...analyst,
    sha256: createHash('sha256').update(analyst.id).digest('hex'),
  }));
  const path = join(await mkdtemp(join(tmpdir(), 'veto-analysts-')), 'analysts.json');
  await writeFile(path, JSON.stringify(entries));
  return path;
}

/**
 * A scorer that knows the answer: it gives every payment the same score, or one by its amount in euros. The desk is
 * tested with alerts of known severity; the model itself is tested where it lives.
 */
export function aScorer(scoreOf: (amount: number) => number): ModelScorer {
  const amountIndex = featureSet.definitions.findIndex((definition) => definition.name === 'amount');
  const score = (vector: Float64Array): number => scoreOf(vector[amountIndex] ?? Number.NaN);
  const sha256 = '0'.repeat(64);
  return {
    manifest: {
      id: 'known-answer',
      version: '1',
      format: 'veto-model.v1',
      files: { model: { path: 'm', sha256 }, trees: { path: 't', sha256 }, golden: { path: 'g', sha256 } },
      features: featureSet.definitions.map((definition) => definition.name),
      features_hash: featureSet.hash,
      typical: {},
      calibration: { method: 'none', a: 1, b: 0 },
      training: { data: 'none', from: '', to: '', rows: 0, frauds: 0, seed: 0, library: 'none' },
      metrics: {},
      created_at: '2026-01-01T00:00:00Z',
    },
    score: (vectors) => Promise.resolve(Float64Array.from(vectors, score)),
    explain: (vector) => {
      const contributions = new Float64Array(featureSet.definitions.length);
      contributions[amountIndex] = score(vector) - 0.01;
      return { score: score(vector), base: 0.01, contributions };
    },
    close: () => Promise.resolve(),
  };
}

/** A payment's body with another id and amount. */
export function withId(
  payload: TransactionPayload,
  id: string,
  amount = payload.transaction.amount,
): TransactionPayload {
  return { ...payload, transaction: { ...payload.transaction, id, amount } };
}

/** Looks again and again until it holds: tests wait for facts, never for time to pass. */
export async function until(holds: () => boolean | Promise<boolean>, withinMs = 8_000): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadlineMs) throw new Error(`it did not come true within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
