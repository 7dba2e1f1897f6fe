import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, startServer, type RunningServer } from '../../support/start-server';

/** How one server of a cluster is started. */
export interface InstanceOptions {
  readonly name: string;
  /** `score,stream,desk`, or some of them. */
  readonly roles: string;
  /** The build whose `main.mjs` is started; `server` unless said. */
  readonly build?: 'server' | 'server-test';
  readonly environment?: Readonly<Record<string, string>>;
}

/** One server of a cluster, on one port and one data directory however often it is started. */
export class Instance {
  #server: RunningServer | null = null;
  #hasEnded = false;
  readonly #outputs: string[] = [];
  readonly name: string;

  private constructor(
    private readonly options: InstanceOptions,
    private readonly shared: Readonly<Record<string, string>>,
    private readonly dataDirectory: string,
    private readonly port: number,
  ) {
    this.name = options.name;
  }

  /** @param of.shared environment of every instance of the cluster: where Kafka and Redis are */
  static async prepare(
    options: InstanceOptions,
    of: { readonly shared: Readonly<Record<string, string>>; readonly directory: string },
  ): Promise<Instance> {
    const dataDirectory = join(of.directory, options.name);
    mkdirSync(dataDirectory, { recursive: true });
    return new Instance(options, of.shared, dataDirectory, await freePort());
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Of the process that runs now; null when none does. */
  get pid(): number | null {
    return this.#server?.pid ?? null;
  }

  /** Fulfilled when the process that runs now is gone. */
  get exited(): Promise<number | null> {
    return this.running.exited;
  }

  /** Whether it was started and its process is gone, by itself or killed from inside. */
  get hasEnded(): boolean {
    return this.#server === null || this.#hasEnded;
  }

  /** Resolves when it is ready. @param environment for this start alone */
  async start(environment: Readonly<Record<string, string>> = {}): Promise<void> {
    const { build = 'server', roles, name } = this.options;
    this.#keepOutput();
    this.#hasEnded = false;
    const server = await startServer({
      dataDirectory: this.dataDirectory,
      port: this.port,
      program: `dist/apps/${build}/main.mjs`,
      environment: {
        ...this.shared,
        ROLES: roles,
        VETO_INSTANCE: name,
        ...this.options.environment,
        ...environment,
      },
    });
    this.#server = server;
    void server.exited.then(() => {
      if (this.#server === server) this.#hasEnded = true;
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.running.signal(signal);
  }

  /** SIGKILL, when it runs. */
  async kill(): Promise<void> {
    await this.#server?.kill();
    this.#keepOutput();
  }

  async stop(): Promise<{ readonly code: number | null; readonly tookMs: number }> {
    const stopped = await this.running.stop();
    this.#keepOutput();
    return stopped;
  }

  /** Kills what runs, if anything does. */
  async end(): Promise<void> {
    await this.#server?.kill();
  }

  /** Everything that it printed, over all its starts. */
  output(): string {
    return [...this.#outputs, this.#server?.output() ?? ''].join('');
  }

  /** The metrics page. */
  async metrics(): Promise<string> {
    return (await fetch(this.running.metricsUrl)).text();
  }

  /** Sum over every series of one metric whose labels include `labels`. */
  async metric(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    return metricOf(await this.metrics(), name, labels);
  }

  private get running(): RunningServer {
    if (this.#server === null) throw new Error(`${this.name} was never started`);
    return this.#server;
  }

  #keepOutput(): void {
    if (this.#server !== null) this.#outputs.push(this.#server.output());
    this.#server = null;
  }
}

/** Sum over every series of one metric on a Prometheus page. */
export function metricOf(page: string, name: string, labels: Readonly<Record<string, string>> = {}): number {
  let sum = 0;
  for (const line of page.split('\n')) {
    const match = /^([a-zA-Z_:]+)(\{.*\})? (\S+)$/.exec(line);
    if (match?.[1] !== name) continue;
    const has = Object.entries(labels).every(([label, value]) => match[2]?.includes(`${label}="${value}"`));
    if (has) sum += Number(match[3]);
  }
  return sum;
}
