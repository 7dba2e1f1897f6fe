import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findParts } from './find-parts';
import { freePort } from './free-port';
import { guardAgainstOwnDeath, GuardedProcess } from './guarded-process';

export interface ConnectOptions {
  readonly brokers: readonly string[];
  /** `worker.properties` and one file for each connector; absolute paths. */
  readonly worker: string;
  readonly connectors: readonly string[];
  /** What those files take from the environment, besides the three that are set here. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A real standalone worker of Kafka Connect. */
export interface ConnectPart {
  /** `http://127.0.0.1:<port>`, its REST interface. */
  readonly url: string;
  /** Where it remembers how far it has read. */
  readonly directory: string;
  /** After SIGKILL and SIGTERM it is gone when this returns. */
  kill(signal?: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Starts it again where it was; its connectors run when this returns. */
  start(): Promise<void>;
  log(): string;
  /** Kills it and removes what it remembered. */
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 60_000;

/**
 * Starts a worker and waits until every task of its connectors runs: 5 s. It is told of `KAFKA_BROKERS`,
 * `CONNECT_DATA_DIR` and `CONNECT_LISTENER`.
 * @throws Error that says what to install when Java or Maven is missing
 */
export async function startConnect(options: ConnectOptions): Promise<ConnectPart> {
  const { java, connect } = await findParts('connect');
  const root = await mkdtemp(join(tmpdir(), 'veto-connect-'));
  const endGuard = guardAgainstOwnDeath({ directory: root });
  const worker = new ConnectWorker(java, connect, options, root, await freePort(), endGuard);
  try {
    await worker.start();
    return worker;
  } catch (error) {
    await worker.stop();
    throw error;
  }
}

class ConnectWorker implements ConnectPart {
  private process: GuardedProcess | null = null;

  constructor(
    private readonly java: string,
    private readonly jars: string,
    private readonly options: ConnectOptions,
    readonly directory: string,
    private readonly port: number,
    private readonly endGuard: () => void,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  log(): string {
    return this.process?.log() ?? '';
  }

  async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    await this.process?.signal(signal);
  }

  async start(): Promise<void> {
    const { worker, connectors, brokers, environment } = this.options;
    const main = 'org.apache.kafka.connect.cli.ConnectStandalone';
    const java = ['-Xms64m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
    const args = [...java, '-cp', join(this.jars, '*'), main, worker, ...connectors];
    this.process = await GuardedProcess.start(this.java, args, join(this.directory, 'connect.log'), {
      environment: {
        ...environment,
        KAFKA_BROKERS: brokers.join(','),
        CONNECT_DATA_DIR: this.directory,
        CONNECT_LISTENER: this.url,
      },
    });
    await this.process.waitUntil(async () => this.runs(), READY_WITHIN_MS);
  }

  async stop(): Promise<void> {
    if (this.process?.isRunning) await this.process.signal('SIGKILL');
    await rm(this.directory, { recursive: true, force: true });
    this.endGuard();
  }

  private async runs(): Promise<boolean> {
    const reply = await fetch(`${this.url}/connectors?expand=status`);
    const connectors = (await reply.json()) as Record<string, { status: { tasks: { state: string }[] } }>;
    const tasks = Object.values(connectors).flatMap(({ status }) => status.tasks);
    const failed = tasks.find(({ state }) => state === 'FAILED');
    if (failed) throw new Error(`a task failed: ${JSON.stringify(failed)}`);
    return tasks.length === this.options.connectors.length && tasks.every(({ state }) => state === 'RUNNING');
  }
}
