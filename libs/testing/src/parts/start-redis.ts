import { mkdir, mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CertificateAuthority } from './certificate-authority';
import { findParts } from './find-parts';
import { freePort } from './free-port';
import { guardAgainstOwnDeath, GuardedProcess } from './guarded-process';
import { askRedis } from './redis-wire';

export interface RedisOptions {
  /** Whether it writes its append-only file; yes unless said. */
  readonly appendonly?: boolean;
  /** When that file is synced; `everysec` unless said. */
  readonly appendfsync?: 'always' | 'everysec' | 'no';
  /** As Redis writes it (`64mb`); nothing is ever evicted, the write fails. */
  readonly maxmemory?: string;
  /** Follows this port of the loopback interface. */
  readonly replicaOf?: number;
  /** Where it keeps its data; a temporary directory unless said. It is not removed when it was said. */
  readonly directory?: string;
  /** It speaks TLS and nothing else, with a certificate that this authority signed. */
  readonly authority?: CertificateAuthority;
  /** Of the user `default`, which may do everything; anybody is that user otherwise. */
  readonly password?: string;
  /** Further users as an ACL file writes them, without the word `user`: `veto on >secret ~* +get`. */
  readonly users?: readonly string[];
  /** Further arguments: `['--io-threads', '1']`. */
  readonly args?: readonly string[];
  /** Started here even when `REDIS_URL` names one: for tests that kill it. Implied by every other option. */
  readonly own?: boolean;
}

export interface RedisRestart {
  /** With nothing in its directory. */
  readonly empty?: boolean;
  /** With so many bytes less at the end of its append-only file, as after a power failure. */
  readonly cutAofBytes?: number;
}

/** A real Redis on the loopback interface, for as long as the test lasts. */
export interface RedisPart {
  /** `redis://127.0.0.1:<port>`, or `rediss://:<password>@127.0.0.1:<port>` */
  readonly url: string;
  readonly port: number;
  /** Whether it was given from outside, by `REDIS_URL`: it cannot be killed. */
  readonly external: boolean;
  readonly directory: string;
  readonly pid: number;
  /** Sends a signal; after SIGKILL and SIGTERM it is gone when this returns. */
  kill(signal?: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): Promise<void>;
  /** Kills it when it runs and starts it again on the same port; it answers when this returns. */
  restart(how?: RedisRestart): Promise<void>;
  /** Kills it and removes what it wrote. */
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 60_000;
const PORT_TRIES = 5;
const PORT_TAKEN = /Address already in use/;

/**
 * Starts a Redis and waits until it answers. The servers that `REDIS_URL` names are used instead, each by one part at
 * a time: they must be empty, and are emptied in the end.
 * @throws Error that says what to install when there is none; when one from outside holds anything
 */
export async function startRedis(options: RedisOptions = {}): Promise<RedisPart> {
  const outside = Object.keys(options).length === 0 ? takeFromOutside() : undefined;
  if (outside) return externalRedis(outside);
  const { redis } = await findParts('redis');
  for (let tries = 1; ; tries++) {
    const server = await OwnRedis.prepare(redis, options);
    try {
      await server.restart();
      return server;
    } catch (error) {
      await server.stop();
      if (tries === PORT_TRIES || !PORT_TAKEN.test(String(error))) throw error;
    }
  }
}

class OwnRedis implements RedisPart {
  readonly external = false;
  private process: GuardedProcess | null = null;

  private constructor(
    private readonly executable: string,
    private readonly options: RedisOptions,
    private readonly root: string,
    readonly port: number,
    private readonly endGuard: () => void,
  ) {}

  static async prepare(executable: string, options: RedisOptions): Promise<OwnRedis> {
    const root = options.directory ?? (await mkdtemp(join(tmpdir(), 'veto-redis-')));
    const endGuard = options.directory ? () => undefined : guardAgainstOwnDeath({ directory: root });
    await mkdir(join(root, 'data'), { recursive: true });
    const redis = new OwnRedis(executable, options, root, await freePort(), endGuard);
    if (options.authority) {
      const { certificate, key } = options.authority.issue('127.0.0.1', 'localhost');
      await writeFile(redis.files.cert, certificate);
      await writeFile(redis.files.key, key, { mode: 0o600 });
      await writeFile(redis.files.ca, options.authority.certificate);
    }
    return redis;
  }

  get url(): string {
    const { authority, password } = this.options;
    const login = password === undefined ? '' : `:${encodeURIComponent(password)}@`;
    return `${authority ? 'rediss' : 'redis'}://${login}127.0.0.1:${this.port}`;
  }

  get files(): { readonly cert: string; readonly key: string; readonly ca: string } {
    const at = (name: string): string => join(this.root, name);
    return { cert: at('cert.pem'), key: at('key.pem'), ca: at('ca.pem') };
  }

  get directory(): string {
    return join(this.root, 'data');
  }

  get pid(): number {
    return this.running().pid;
  }

  async kill(signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT' = 'SIGKILL'): Promise<void> {
    await this.running().signal(signal);
  }

  async restart({ empty = false, cutAofBytes = 0 }: RedisRestart = {}): Promise<void> {
    if (this.process?.isRunning) await this.process.signal('SIGKILL');
    if (empty) await this.removeData();
    if (cutAofBytes > 0) await this.cutAof(cutAofBytes);
    this.process = await GuardedProcess.start(this.executable, this.args(), join(this.root, 'redis.log'));
    const at = new URL(this.url);
    const isReady = async (): Promise<boolean> =>
      (await askRedis(at, 'PING', this.options.authority?.certificate)) === '+PONG';
    await this.process.waitUntil(isReady, READY_WITHIN_MS);
  }

  async stop(): Promise<void> {
    if (this.process?.isRunning) await this.process.signal('SIGKILL');
    if (!this.options.directory) await rm(this.root, { recursive: true, force: true });
    this.endGuard();
  }

  private args(): string[] {
    const { appendonly = true, appendfsync = 'everysec', maxmemory, replicaOf, args = [] } = this.options;
    const { password, users = [] } = this.options;
    return [
      ...this.portArgs(),
      ...['--bind', '127.0.0.1', '--dir', this.directory, '--save', ''],
      ...['--appendonly', appendonly ? 'yes' : 'no', '--appendfsync', appendfsync],
      ...['--maxmemory-policy', 'noeviction', ...(maxmemory ? ['--maxmemory', maxmemory] : [])],
      ...(replicaOf ? ['--replicaof', '127.0.0.1', String(replicaOf)] : []),
      ...(password === undefined ? [] : ['--requirepass', password]),
      ...users.flatMap((user) => ['--user', ...user.split(' ')]),
      ...args,
    ];
  }

  private portArgs(): string[] {
    const port = String(this.port);
    if (!this.options.authority) return ['--port', port];
    const { cert, key, ca } = this.files;
    return [
      ...['--port', '0', '--tls-port', port, '--tls-cert-file', cert, '--tls-key-file', key],
      ...['--tls-ca-cert-file', ca, '--tls-auth-clients', 'no'],
    ];
  }

  private async removeData(): Promise<void> {
    await rm(this.directory, { recursive: true });
    await mkdir(this.directory);
  }

  /** Only its newest file grows; it may hold less than is cut, and is then empty. */
  private async cutAof(byteCount: number): Promise<void> {
    const folder = join(this.directory, 'appendonlydir');
    const increments = (await readdir(folder)).filter((name) => name.endsWith('.incr.aof'));
    const newest = increments.sort((a, b) => numberOf(a) - numberOf(b)).at(-1);
    if (!newest) throw new Error(`${folder}: no append-only file`);
    const file = join(folder, newest);
    await truncate(file, Math.max(0, (await stat(file)).size - byteCount));
  }

  private running(): GuardedProcess {
    if (!this.process) throw new Error('redis was never started');
    return this.process;
  }
}

/** `appendonly.aof.12.incr.aof` */
function numberOf(fileName: string): number {
  return Number(/\.(\d+)\.incr\.aof$/.exec(fileName)?.[1] ?? 0);
}

const takenFromOutside = new Set<string>();

/** A server of `REDIS_URL` that no part uses at this moment. */
function takeFromOutside(): string | undefined {
  const urls = (process.env['REDIS_URL'] ?? '').split(',').filter((url) => url !== '');
  const free = urls.find((url) => !takenFromOutside.has(url));
  if (free) takenFromOutside.add(free);
  return free;
}

async function externalRedis(url: string): Promise<RedisPart> {
  const at = new URL(url);
  const size = await askRedis(at, 'DBSIZE');
  // Whoever keeps something there has not given it to the tests.
  if (size !== ':0')
    throw new Error(`REDIS_URL: ${at.host} must be empty to be tested on, DBSIZE says ${size}`);
  const refuse = (): never => {
    throw new Error('REDIS_URL names a Redis of somebody else: ask for one with { own: true }');
  };
  return {
    url,
    port: Number(at.port || 6379),
    external: true,
    get directory() {
      return refuse();
    },
    get pid() {
      return refuse();
    },
    kill: async () => Promise.reject(new Error(`${at.host}: not ours to kill`)),
    restart: async () => Promise.reject(new Error(`${at.host}: not ours to restart`)),
    stop: async () => {
      await askRedis(at, 'FLUSHALL');
      takenFromOutside.delete(url);
    },
  };
}
