import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ModelScorer, TransactionPayload } from '@veto/domain';
import { kafkaClient } from '@veto/log';
import { openRedisLink, type RedisLink } from '@veto/store';
import { aTransactionPayload } from '@veto/testing';
import {
  createCertificateAuthority,
  startKafka,
  startRedis,
  type KafkaPart,
  type RedisPart,
} from '@veto/testing/parts';
import { aServer, until, type TestServer } from './a-server.spec-support';
import { readCommand, type Configuration } from './configuration';
import { allowAsDocumented, documentedAcls, documentedRedisUser } from './documented-rights.spec-support';
import type { Role } from './variables';

const WORKSPACE = join(__dirname, '../../..');
const REDIS_SECRET = 'secret-of-redis';
/** Of the documented lines, and one of whom none speaks. */
const USERS = [...new Set([...documentedAcls().map(({ user }) => user), 'nobody'])];
const secretOf = (user: string): string => `secret-of-${user}`;
/** What must be seen nowhere. */
export const SECRETS: readonly string[] = [...USERS.map(secretOf), REDIS_SECRET];

type Admin = ReturnType<ReturnType<typeof kafkaClient>['admin']>;

let count = 0;
/** A payment by nobody seen before, of now. */
export function aFreshPayment(amount = 12_00): TransactionPayload {
  count += 1;
  return aTransactionPayload({
    transaction: { id: `ord_${count}`, amount, occurred_at: new Date().toISOString() },
    card: { fingerprint: `cfp_${count}` },
    customer: { id: `cus_${count}`, email: `anna${count}@example.org` },
    device: { fingerprint: `dfp_${count}` },
    ip: { address: `192.0.2.${count % 250}` },
  });
}

export interface ProgramRun {
  readonly code: number;
  readonly said: string;
}

/** A Kafka and a Redis that ask who comes, and everything of ours as an operator runs it on them. */
export class SecuredCluster {
  readonly #folder = mkdtempSync(join(tmpdir(), 'veto-secured-'));
  readonly #servers: TestServer[] = [];

  private constructor(
    readonly kafka: KafkaPart,
    readonly redis: RedisPart,
  ) {}

  static async start(): Promise<SecuredCluster> {
    const authority = createCertificateAuthority('Veto tests');
    const users = Object.fromEntries(USERS.map((user) => [user, secretOf(user)]));
    const [kafka, redis] = await Promise.all([
      startKafka({ security: { authority, users, hasAcls: true } }),
      startRedis({ authority, password: 'of-the-harness', users: [documentedRedisUser(REDIS_SECRET)] }),
      build('replay', 'server'),
    ]);
    const cluster = new SecuredCluster(kafka, redis);
    const { certificate, key } = authority.issue('veto');
    writeFileSync(cluster.file('cert.pem'), certificate);
    writeFileSync(cluster.file('key.pem'), key);
    writeFileSync(cluster.file('ca.pem'), authority.certificate);
    writeFileSync(cluster.file('stranger.pem'), createCertificateAuthority('Somebody else').certificate);
    writeFileSync(cluster.file('redis-password'), `${REDIS_SECRET}\n`);
    for (const user of USERS) writeFileSync(cluster.file(user), `${secretOf(user)}\n`);
    await allowAsDocumented(kafka.innerBrokers);
    return cluster;
  }

  /** `ca.pem`, `stranger.pem`, `cert.pem` and `key.pem` of ours, `redis-password`, and the password of each user by its name. */
  file(name: string): string {
    return join(this.#folder, name);
  }

  newDirectory(): string {
    return mkdtempSync(this.file('directory-'));
  }

  /** As an operator sets it for a user of Kafka. */
  environmentOf(user: string): Record<string, string> {
    return {
      KAFKA_BROKERS: this.kafka.brokers.join(),
      KAFKA_SSL: 'true',
      KAFKA_SSL_CA_FILE: this.file('ca.pem'),
      KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
      KAFKA_SASL_USERNAME: user,
      KAFKA_SASL_PASSWORD_FILE: this.file(user),
      REDIS_URL: `rediss://veto@127.0.0.1:${this.redis.port}`,
      REDIS_CA_FILE: this.file('ca.pem'),
      REDIS_PASSWORD_FILE: this.file('redis-password'),
    };
  }

  configurationOf(user: string): Configuration {
    const command = readCommand([], {
      ...this.environmentOf(user),
      VETO_STATE_BUDGET_MS: '1000',
      VETO_STREAM_TENANT: 'demo',
    });
    if (command.kind !== 'serve') throw new Error('expected to serve');
    return command.configuration;
  }

  /** An instance of one role, by the user of that name, that is ready. */
  async instance(role: Role, scorer: ModelScorer | null = null): Promise<TestServer> {
    const { cluster } = this.configurationOf(role);
    const dataDirectory = this.newDirectory();
    const server = await aServer({ dataDirectory, scorer, configuration: { roles: [role], cluster } });
    this.#servers.push(server);
    await until(() => server.isReady(), 30_000);
    return server;
  }

  async stopInstances(): Promise<void> {
    await Promise.all(this.#servers.splice(0).map((server) => server.close()));
  }

  /** The command line, by the user of this name. */
  replay(user: string, ...args: readonly string[]): Promise<ProgramRun> {
    return runBuilt('replay', args, this.environmentOf(user));
  }

  /** Whoever may do everything at Kafka. */
  async asAdmin<T>(ask: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = kafkaClient({ brokers: this.kafka.innerBrokers, clientId: 'test' }).admin();
    await admin.connect();
    return ask(admin).finally(() => admin.disconnect());
  }

  /** Whoever may do everything at Redis. */
  async redisAdmin(): Promise<RedisLink> {
    const link = openRedisLink(`${this.redis.url}?ca=${this.file('ca.pem')}`, () => undefined);
    await until(() => link.runId !== null);
    return link;
  }

  async stop(): Promise<void> {
    await this.stopInstances();
    await Promise.all([this.kafka.stop(), this.redis.stop()]);
    rmSync(this.#folder, { recursive: true });
  }
}

/** Runs a built program as an operator does, in an environment of its own. */
export async function runBuilt(
  app: 'replay' | 'server',
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<ProgramRun> {
  const program = join(WORKSPACE, 'dist/apps', app, 'main.mjs');
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [program, ...args], {
      env: { PATH: process.env['PATH'], ...environment },
      timeout: 60_000,
    });
    return { code: 0, said: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, said: stdout + stderr };
  }
}

async function build(...apps: readonly string[]): Promise<void> {
  const program = join(WORKSPACE, 'libs/tooling/bin/build.mjs');
  await promisify(execFile)(process.execPath, [program, ...apps, '--quiet'], { cwd: WORKSPACE });
}
