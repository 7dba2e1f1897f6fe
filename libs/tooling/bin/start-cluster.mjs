#!/usr/bin/env node
/**
 * Veto as it runs with many instances, on this machine and without Docker: Apache Kafka, Redis, two instances that score,
 * one that consumes from Kafka, one with the desk and its console, and traffic. `start-cluster.mjs [--rate N] [--port N]`.
 * Everything lies in a temporary folder and is gone when it stops. A Kafka and a Redis of somebody else are used where
 * `KAFKA_BROKERS` and `REDIS_URL` name them, with everything that says how they are reached; what is put there stays.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundled } from './bundled.mjs';
import { producePayments } from './produce-payments.mjs';
import { workspaceRoot } from './workspace.mjs';

const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 12_000;
/** Each takes two ports: its own, and that of its metrics. */
const INSTANCE_COUNT = 4;

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '20' },
    port: { type: 'string', default: '8080' },
    replication: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(`Usage: npm run start:cluster -- [--rate N] [--port N]
  --rate N  payments a second by HTTP, over both scoring instances (default 20; 0 = none)
  --port N  the desk's port; the others and the metrics take the seven after it (default 8080)
  --replication N  copies of each partition (default 1, on a Kafka of somebody else 3)

KAFKA_BROKERS and REDIS_URL name a Kafka and a Redis that run already, with KAFKA_SSL…, KAFKA_SASL_… and REDIS_…_FILE as
for the server, and VETO_TOPIC_PREFIX. The user at Kafka needs what the roles and \`replay topics\` need.`);
  process.exit(0);
}
process.chdir(workspaceRoot);

/** @type {{ name: string, child: import('node:child_process').ChildProcess, exited: Promise<void> }[]} */
const programs = [];
/** @type {(() => Promise<void>)[]} */
const parts = [];
const folder = mkdtempSync(join(tmpdir(), 'veto-cluster-'));
let isStopping = false;
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void stop(0));

try {
  await start();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  await stop(1);
}

async function start() {
  const base = Number(values.port);
  // Another program that answers there would pass for an instance of this one.
  for (let port = base; port < base + 2 * INSTANCE_COUNT; port++) await requireFree(port);
  const given = givenPlace();
  say('Building');
  run('libs/tooling/bin/build.mjs', 'server', 'console', 'traffic', 'replay');
  const { environment, kafka, redis } = given ?? (await startParts());
  const replication = values.replication ?? (given ? '3' : '1');
  runWith(
    environment,
    'dist/apps/replay/main.mjs',
    'topics',
    '--partitions',
    '6',
    '--replication',
    replication,
  );
  const shared = { ...environment, VETO_STREAM_TENANT: 'demo' };
  const instances = [
    { name: 'desk-1', roles: 'desk', port: base },
    { name: 'score-1', roles: 'score', port: base + 1 },
    { name: 'score-2', roles: 'score', port: base + 2 },
    { name: 'stream-1', roles: 'stream', port: base + 3 },
  ];
  for (const { name, roles, port } of instances) {
    launch(name, ['dist/apps/server/main.mjs'], {
      ...shared,
      ROLES: roles,
      VETO_INSTANCE: name,
      VETO_DATA_DIR: join(folder, name),
      PORT: String(port),
      METRICS_PORT: String(port + 4),
      VETO_LOG_LEVEL: 'warn',
      // Kafka, Redis and six programs share this machine's processors.
      VETO_STATE_BUDGET_MS: '100',
    });
  }
  await Promise.all(instances.map(ready));
  traffic([base + 1, base + 2]);
  const producing = await producePayments(environment);
  parts.unshift(() => producing.stop());
  console.log(banner({ base, kafka, redis }));
}

/**
 * A Kafka and a Redis of somebody else, and how they are reached; null = they are started here. Addresses of Redis hold
 * passwords and are not shown.
 */
function givenPlace() {
  const { KAFKA_BROKERS: brokers, REDIS_URL: urls } = process.env;
  if (!brokers && !urls) return null;
  if (!brokers || !urls)
    throw new Error(
      'start:cluster: set both KAFKA_BROKERS and REDIS_URL, or neither to have them started here',
    );
  const named = Object.entries(process.env).filter(([name]) =>
    /^(KAFKA|REDIS)_|^VETO_TOPIC_PREFIX$/.test(name),
  );
  const environment = /** @type {Record<string, string>} */ (Object.fromEntries(named));
  return { environment, kafka: brokers, redis: `${urls.split(',').length} of somebody else` };
}

async function startParts() {
  say('Looking for Java, Kafka and Redis');
  run('libs/tooling/bin/ensure-parts.mjs', 'kafka', 'redis');
  const { startKafka, startRedis } = await bundled('libs/testing/src/parts/index.ts');
  say('Starting Kafka and Redis');
  const [kafka, redis] = await Promise.all([startKafka({ own: true }), startRedis({ own: true })]);
  parts.push(
    () => kafka.stop(),
    () => redis.stop(),
  );
  const brokers = kafka.brokers.join(',');
  return {
    environment: { KAFKA_BROKERS: brokers, REDIS_URL: redis.url },
    kafka: `${brokers}   pid ${kafka.pidOf()}`,
    redis: redis.url,
  };
}

/** @param {number} port */
async function requireFree(port) {
  const server = createServer();
  await new Promise((resolve, reject) => {
    server.once('error', () =>
      reject(
        new Error(`start:cluster: port ${port} is in use by another program; choose others with --port N`),
      ),
    );
    server.listen(port, '127.0.0.1', () => resolve(undefined));
  });
  await new Promise((resolve) => server.close(resolve));
}

/** @param {string[]} args */
function run(...args) {
  runWith(process.env, ...args);
}

/**
 * @param {NodeJS.ProcessEnv} environment
 * @param {string[]} args
 */
function runWith(environment, ...args) {
  const env = { PATH: process.env['PATH'] ?? '', ...environment };
  const { status } = spawnSync(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`start:cluster: ${args[0]} failed`);
}

/**
 * @param {string} name
 * @param {string[]} args
 * @param {Record<string, string>} environment
 */
function launch(name, args, environment) {
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    // A signal from the terminal is passed on by us, in order.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    for (const line of text.trimEnd().split('\n')) console.error(`${name.padEnd(9)} ${line}`);
  });
  const exited = new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      if (!isStopping) say(`${name} (pid ${child.pid}) has ended: ${signal ?? `exit code ${code}`}`);
      resolve(undefined);
    });
  });
  programs.push({ name, child, exited });
}

/** @param {{ name: string, port: number }} instance */
async function ready({ name, port }) {
  for (const late = Date.now() + READY_WITHIN_MS; ;) {
    const reply = await fetch(`http://127.0.0.1:${port}/v1/health/ready`).catch(() => null);
    if (reply?.ok) return;
    const program = programs.find((each) => each.name === name);
    if (program?.child.exitCode !== null) throw new Error(`start:cluster: ${name} did not start`);
    if (Date.now() > late) throw new Error(`start:cluster: ${name} is not ready: ${await reply?.text()}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** @param {number[]} ports */
function traffic(ports) {
  const rate = Number(values.rate) / ports.length;
  if (!(rate > 0)) return;
  for (const [i, port] of ports.entries()) {
    const to = ['--url', `http://127.0.0.1:${port}`, '--rate', String(rate), '--seed', String(i + 1)];
    launch(`traffic-${i + 1}`, ['dist/apps/traffic/main.mjs', 'live', ...to], { VETO_API_KEY: demoKey() });
  }
}

/** The published key, from where it is published. */
function demoKey() {
  const source = readFileSync('apps/server/src/keys/demo-key.ts', 'utf8');
  return /DEMO_API_KEY = '(\w+)'/.exec(source)?.[1] ?? '';
}

/** @param {{ base: number, kafka: string, redis: string }} of */
function banner({ base, kafka, redis }) {
  const pidOf = (/** @type {string} */ name) => programs.find((each) => each.name === name)?.child.pid;
  const line = (/** @type {string} */ name, /** @type {number} */ port) =>
    `  ${name.padEnd(9)}  http://127.0.0.1:${port}   metrics :${port + 4}/metrics   pid ${pidOf(name)}`;
  return `
Veto is ready as a cluster

  Console    http://127.0.0.1:${base}/
${line('desk-1', base)}
${line('score-1', base + 1)}   API and /docs
${line('score-2', base + 2)}   API and /docs
${line('stream-1', base + 3)}
  Kafka      ${kafka}
  Redis      ${redis}
  Traffic    ${values.rate} payments a second by HTTP, one by Kafka

Try it: ask one scorer and read from the other; kill -9 one of them; kill -STOP and -CONT Kafka. Ctrl-C stops everything
that was started here.
`;
}

/** @param {string} text */
function say(text) {
  console.log(`${new Date().toTimeString().slice(0, 8)}  ${text}`);
}

/** Whoever asks first, then whoever answers, then what they stand on. @param {number} code */
async function stop(code) {
  if (isStopping) process.exit(1);
  isStopping = true;
  say('Stopping');
  const kill = setTimeout(() => programs.forEach(({ child }) => child.kill('SIGKILL')), STOP_WITHIN_MS);
  for (const { child } of programs.filter(({ name }) => name.startsWith('traffic'))) child.kill('SIGTERM');
  for (const { child } of programs) child.kill('SIGTERM');
  await Promise.all(programs.map(({ exited }) => exited));
  clearTimeout(kill);
  rmSync(folder, { recursive: true, force: true });
  // What is still to be stopped keeps no process alive by itself.
  const alive = setInterval(() => undefined, 1_000);
  for (const end of parts) await end().catch((/** @type {unknown} */ error) => console.error(String(error)));
  clearInterval(alive);
  process.exit(code);
}
