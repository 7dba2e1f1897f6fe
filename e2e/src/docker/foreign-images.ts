import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findParts, GuardedProcess } from '@veto/testing/parts';
import { serviceOf, type Composition } from './compose-file';
import { type Places } from './places';
import { runCommand } from './run-command';

const READY_WITHIN_MS = 90_000;

/** Starts a service of somebody else's image, by the programs of the same version that the suites use. */
export type StartForeign = (composition: Composition, places: Places) => Promise<GuardedProcess>;

/** As the image of Apache Kafka does: its own program makes the settings of the environment, then the broker starts. */
export const startKafkaService: StartForeign = async (composition, places) => {
  const { java, kafka } = await findParts('kafka');
  const environment = places.environmentOf('kafka');
  const folders = ['defaults', 'mounted', 'final'].map((name) => join(places.directory, 'kafka', name));
  const [defaults = '', mounted = '', final = ''] = folders;
  for (const folder of folders) mkdirSync(folder, { recursive: true });
  for (const name of ['server.properties', 'log4j2.yaml', 'tools-log4j2.yaml'])
    writeFileSync(join(defaults, name), '');
  const classPath = ['-cp', join(kafka, '*')];
  const wrapper = [java, ...classPath, 'kafka.docker.KafkaDockerWrapper', 'setup'];
  const made = await runCommand([...wrapper, '-D', defaults, '-M', mounted, '-F', final], {
    cwd: places.directory,
    environment,
  });
  if (made.code !== 0) throw new Error(`Kafka refused its settings:\n${made.output}`);
  const args = [...heapOf(environment), ...classPath, 'kafka.Kafka', join(final, 'server.properties')];
  const broker = await GuardedProcess.start(java, args, join(places.directory, 'kafka.log'));
  // The check is a program of Java: asked once it may be so, not all the time.
  const isHealthy = async (): Promise<boolean> =>
    broker.log().includes('Kafka Server started') && (await checkKafka(composition, places)) === 0;
  await broker.waitUntil(isHealthy, READY_WITHIN_MS);
  return broker;
};

/** The composition's own check, by the program that its script starts. */
async function checkKafka(composition: Composition, places: Places): Promise<number> {
  const { java, connect } = await findParts('connect');
  const [, script = '', ...words] = serviceOf(composition, 'kafka').healthcheck?.test ?? [];
  if (!script.endsWith('/kafka-broker-api-versions.sh')) throw new Error(`another check: ${script}`);
  const program = [java, '-cp', join(connect, '*'), 'org.apache.kafka.tools.BrokerApiVersionsCommand'];
  const args = words.map((word) => places.placed('kafka', word));
  return (await runCommand([...program, ...args], { cwd: places.directory })).code;
}

/** Its command as it stands, and its check. */
export const startRedisService: StartForeign = async (composition, places) => {
  const { redis } = await findParts('redis');
  const { command = [], healthcheck } = serviceOf(composition, 'redis');
  const port = String(places.portOf(6379));
  const place = ['--bind', '127.0.0.1', '--port', port, '--dir', places.pathOf('redis', '/data')];
  const args = [...command.slice(1), ...place];
  const server = await GuardedProcess.start(redis, args, join(places.directory, 'redis.log'));
  const [, client = '', ...words] = healthcheck?.test ?? [];
  const check = async (): Promise<boolean> => {
    const { code, output } = await runCommand([client, '-p', port, ...words], { cwd: places.directory });
    return code === 0 && output.trim() === 'PONG';
  };
  await server.waitUntil(check, READY_WITHIN_MS);
  return server;
};

/** As the image's script does: the file connectors are not on the class path, but where the worker looks for plugins. */
export const startConnectService: StartForeign = async (composition, places) => {
  const { java, connect } = await findParts('connect');
  const { command = [], healthcheck } = serviceOf(composition, 'connect');
  const [script = '', ...files] = command;
  if (!script.endsWith('/connect-standalone.sh')) throw new Error(`another program: ${script}`);
  const [worker = '', ...connectors] = files.map((file) => places.pathOf('connect', file));
  const jars = readdirSync(connect).filter((name) => !name.startsWith('connect-file'));
  const placedWorker = join(places.directory, 'worker.properties');
  writeFileSync(placedWorker, readFileSync(worker, 'utf8').replace('/opt/kafka/libs', connect));
  const environment = places.environmentOf('connect');
  const classPath = ['-cp', jars.map((name) => join(connect, name)).join(':')];
  const main = ['org.apache.kafka.connect.cli.ConnectStandalone', placedWorker, ...connectors];
  const args = [...heapOf(environment), ...classPath, ...main];
  const log = join(places.directory, 'connect.log');
  const process = await GuardedProcess.start(java, args, log, { environment });
  const url = places.placed('connect', healthcheck?.test?.at(-1) ?? '');
  await process.waitUntil(async () => (await fetch(url)).ok, READY_WITHIN_MS);
  return process;
};

function heapOf(environment: Readonly<Record<string, string>>): string[] {
  return (environment['KAFKA_HEAP_OPTS'] ?? '').split(' ');
}
