import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findParts, type FoundParts } from './find-parts';
import { freePort } from './free-port';
import { guardAgainstOwnDeath, GuardedProcess } from './guarded-process';
import {
  kafkaProperties,
  scramArguments,
  storesOf,
  type BrokerPlace,
  type KafkaSecurity,
} from './kafka-properties';
import { countBrokers } from './kafka-wire';
import { startToxicProxy, type ToxicProxy } from './toxic-proxy';

export interface KafkaOptions {
  /** 1, or 3 with three replicas of which two must have it. */
  readonly brokerCount?: 1 | 3;
  /** Heap of each broker in MB; 256 unless said. */
  readonly heapMb?: number;
  /** Compiled for throughput rather than for a quick start: for benches. */
  readonly longRunning?: boolean;
  /** A proxy before every broker, and clients are told of the proxies alone. */
  readonly behindProxies?: boolean;
  /** Clients come over TLS and log in. */
  readonly security?: KafkaSecurity;
  /** Settings of the brokers that win over the harness's own. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Started here even when `KAFKA_BROKERS` names one: for tests that kill it. Implied by every option but `heapMb` and `longRunning`. */
  readonly own?: boolean;
  /** Where a broker keeps its data; a temporary directory unless said. It is not removed when it was said. */
  readonly directory?: string;
}

/** Real Apache Kafka on the loopback interface, for as long as the test lasts. */
export interface KafkaPart {
  /** `host:port` of every broker, as clients are given them. */
  readonly brokers: readonly string[];
  /** The same brokers in the clear and without a login, whatever clients are asked for: for who sets them up. */
  readonly innerBrokers: readonly string[];
  /** Whether it was given from outside, by `KAFKA_BROKERS`: it cannot be killed. */
  readonly external: boolean;
  /** One for each broker when `behindProxies` was asked for. */
  readonly proxies: readonly ToxicProxy[];
  /** The data of one broker: a folder for each partition, `<topic>-<partition>`. */
  directoryOf(broker?: number): string;
  /** Process id of one broker. */
  pidOf(broker?: number): number;
  /** What one broker has written since it was last started. */
  logOf(broker?: number): string;
  /** Sends a signal to one broker; after SIGKILL and SIGTERM it is gone when this returns. */
  kill(signal?: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT', broker?: number): Promise<void>;
  /** Starts a broker that was killed again, on its own ports and data; it answers when this returns. */
  start(broker?: number): Promise<void>;
  /** Kills what runs and removes what was written. */
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 60_000;
const PORT_TRIES = 5;
const PORT_TAKEN = /Address already in use|BindException/;

/**
 * Starts Kafka and waits until every broker answers: 2 s for one. `KAFKA_BROKERS` from outside is used instead.
 * @throws Error that says what to install when Java or Maven is missing
 */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaPart> {
  const outside = process.env['KAFKA_BROKERS'];
  if (outside && !mustBeOwn(options)) return externalKafka(outside.split(','));
  const parts = await findParts('kafka');
  for (let tries = 1; ; tries++) {
    const cluster = await KafkaCluster.prepare(parts, options);
    try {
      await cluster.startAll();
      return cluster;
    } catch (error) {
      await cluster.stop();
      if (tries === PORT_TRIES || !PORT_TAKEN.test(String(error))) throw error;
    }
  }
}

/** As Kafka writes one; a `-` in front would be taken for an option. */
function clusterId(): string {
  const bytes = randomBytes(16);
  bytes[0] = 0;
  return bytes.toString('base64url');
}

function mustBeOwn({ own, brokerCount, behindProxies, ...said }: KafkaOptions): boolean {
  const { properties, directory, security } = said;
  return (
    own === true ||
    brokerCount === 3 ||
    behindProxies === true ||
    Boolean(properties ?? directory ?? security)
  );
}

class KafkaCluster implements KafkaPart {
  readonly external = false;
  private readonly running = new Map<number, GuardedProcess>();

  private constructor(
    private readonly parts: Pick<FoundParts, 'java' | 'kafka' | 'classes'>,
    private readonly options: KafkaOptions,
    private readonly root: string,
    private readonly places: readonly BrokerPlace[],
    readonly proxies: readonly ToxicProxy[],
    private readonly endGuard: () => void,
  ) {}

  static async prepare(
    parts: Pick<FoundParts, 'java' | 'kafka' | 'classes'>,
    options: KafkaOptions,
  ): Promise<KafkaCluster> {
    const root = options.directory ?? (await mkdtemp(join(tmpdir(), 'veto-kafka-')));
    const endGuard = options.directory ? () => undefined : guardAgainstOwnDeath({ directory: root });
    const proxies: ToxicProxy[] = [];
    const places: BrokerPlace[] = [];
    for (let nodeId = 1; nodeId <= (options.brokerCount ?? 1); nodeId++) {
      const clientPort = await freePort();
      if (options.behindProxies) proxies.push(await startToxicProxy({ to: clientPort }));
      places.push({
        nodeId,
        directory: join(root, `broker-${nodeId}`),
        clientPort,
        advertisedPort: proxies[nodeId - 1]?.port ?? clientPort,
        internalPort: await freePort(),
        controllerPort: await freePort(),
      });
    }
    const cluster = new KafkaCluster(parts, options, root, places, proxies, endGuard);
    await cluster.format();
    return cluster;
  }

  get brokers(): readonly string[] {
    return this.places.map(({ advertisedPort }) => `127.0.0.1:${advertisedPort}`);
  }

  get innerBrokers(): readonly string[] {
    return this.places.map(({ internalPort }) => `127.0.0.1:${internalPort}`);
  }

  directoryOf(broker = 0): string {
    return this.placeOf(broker).directory;
  }

  pidOf(broker = 0): number {
    return this.processOf(broker).pid;
  }

  logOf(broker = 0): string {
    return this.processOf(broker).log();
  }

  async kill(signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT' = 'SIGKILL', broker = 0): Promise<void> {
    await this.processOf(broker).signal(signal);
  }

  async start(broker = 0): Promise<void> {
    await this.spawn(broker);
    await this.ready(broker, 1);
  }

  /** All at once, since one alone is no quorum of three. */
  async startAll(): Promise<void> {
    const all = this.places.map((_, broker) => broker);
    await Promise.all(all.map(async (broker) => this.spawn(broker)));
    await Promise.all(all.map(async (broker) => this.ready(broker, this.places.length)));
  }

  async stop(): Promise<void> {
    for (const broker of this.running.values()) if (broker.isRunning) await broker.signal('SIGKILL');
    for (const proxy of this.proxies) await proxy.stop();
    if (!this.options.directory) await rm(this.root, { recursive: true, force: true });
    this.endGuard();
  }

  private async format(): Promise<void> {
    const id = clusterId();
    for (const place of this.places) {
      await mkdir(place.directory, { recursive: true });
      const { properties: overrides = {}, security = null } = this.options;
      await writeFile(this.propertiesOf(place), kafkaProperties(place, this.places, { overrides, security }));
      if (security !== null) await writeStores(place, security);
      const args = ['kafka.tools.StorageTool', 'format', '--ignore-formatted', '-t', id];
      if (security !== null) args.push(...scramArguments(security));
      await promisify(execFile)(this.parts.java, [
        ...this.javaOptions(64),
        ...args,
        '-c',
        this.propertiesOf(place),
      ]);
    }
  }

  private async spawn(broker: number): Promise<void> {
    if (this.running.get(broker)?.isRunning) throw new Error(`broker ${broker} is running`);
    const place = this.placeOf(broker);
    const args = [...this.javaOptions(this.options.heapMb ?? 256), 'kafka.Kafka', this.propertiesOf(place)];
    const log = join(this.root, `broker-${place.nodeId}.log`);
    this.running.set(broker, await GuardedProcess.start(this.parts.java, args, log));
  }

  private async ready(broker: number, brokerCount: number): Promise<void> {
    const { clientPort, internalPort } = this.placeOf(broker);
    const port = this.options.security ? internalPort : clientPort;
    const process = this.processOf(broker);
    const isReady = async (): Promise<boolean> =>
      process.log().includes('Kafka Server started') && (await countBrokers(port)) >= brokerCount;
    await process.waitUntil(isReady, READY_WITHIN_MS);
  }

  private javaOptions(heapMb: number): string[] {
    const { kafka, classes } = this.parts;
    return [
      ...[`-Xms${heapMb}m`, `-Xmx${heapMb}m`, '-XX:+UseSerialGC'],
      ...(this.options.longRunning ? [] : ['-XX:TieredStopAtLevel=1']),
      ...(classes ? [`-XX:SharedArchiveFile=${classes}`] : []),
      ...['-cp', join(kafka, '*')],
    ];
  }

  private propertiesOf({ nodeId }: BrokerPlace): string {
    return join(this.root, `broker-${nodeId}.properties`);
  }

  private placeOf(broker: number): BrokerPlace {
    const place = this.places[broker];
    if (!place) throw new Error(`broker ${broker}: there are ${this.places.length}, counted from 0`);
    return place;
  }

  private processOf(broker: number): GuardedProcess {
    const process = this.running.get(broker);
    if (!process) throw new Error(`broker ${broker} was never started`);
    return process;
  }
}

/** A key and its certificate in one file, and whose clients' certificates count in another. */
async function writeStores(place: BrokerPlace, { authority }: KafkaSecurity): Promise<void> {
  const { certificate, key } = authority.issue('127.0.0.1', 'localhost');
  const stores = storesOf(place);
  await writeFile(stores.key, key + certificate, { mode: 0o600 });
  await writeFile(stores.trust, authority.certificate);
}

/** What somebody else runs is used, and neither killed nor looked into. */
function externalKafka(brokers: readonly string[]): KafkaPart {
  const refuse = (): never => {
    throw new Error('KAFKA_BROKERS names a Kafka of somebody else: ask for one with { own: true }');
  };
  return {
    brokers,
    innerBrokers: brokers,
    external: true,
    proxies: [],
    directoryOf: refuse,
    pidOf: refuse,
    logOf: refuse,
    kill: async () => Promise.reject(new Error(`${brokers.join()}: not ours to kill`)),
    start: async () => Promise.reject(new Error(`${brokers.join()}: not ours to start`)),
    stop: async () => Promise.resolve(),
  };
}
