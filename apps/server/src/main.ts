import 'reflect-metadata';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VetoError } from '@veto/domain';
import { bannerText } from './banner';
import { helpText, readCommand, type Command, type Configuration } from './configuration';
import { DemoTraffic } from './demo-traffic';
import { runtimeForTests } from './failpoints';
import { newAnalystText, newKeyText } from './keys/new-secret';
import { createRuntime } from './runtime';
import { startServer } from './server';
import manifest from '../package.json' with { type: 'json' };

// Before the library that reads it is loaded: the model's runtime sends nothing anywhere.
process.env['ORT_DISABLE_TELEMETRY'] ??= '1';

/** Apps are built side by side: dist/apps/server, dist/apps/console, dist/apps/traffic. */
const builtApps = dirname(dirname(fileURLToPath(import.meta.url)));
/** Whatever hangs, the process is gone after this long, in ms. */
const EXIT_DEADLINE_MS = 9_500;

async function run(command: Command): Promise<void> {
  if (command.kind === 'help') process.stdout.write(helpText());
  else if (command.kind === 'new-key') process.stdout.write(newKeyText(command));
  else if (command.kind === 'new-analyst') process.stdout.write(newAnalystText(command));
  else await serve(command.configuration);
}

async function serve(configuration: Configuration): Promise<void> {
  const startedMs = performance.now();
  const ofTests = typeof __BUILT_FOR_TESTS__ !== 'undefined' && __BUILT_FOR_TESTS__ ? runtimeForTests() : {};
  const runtime = await createRuntime({ configuration, sink: process.stderr, ...ofTests });
  const consoleDirectory = join(builtApps, 'console');
  const server = await startServer(runtime, {
    consoleDirectory,
    version: manifest.version,
    onFatal: die,
  }).catch(async (error: unknown) => {
    await runtime.close();
    throw error;
  });
  const { telemetry } = runtime;
  telemetry.started({ logEnd: runtime.log.end(), startMs: Math.round(performance.now() - startedMs) });
  process.stdout.write(
    bannerText({
      configuration,
      url: server.url,
      metricsUrl: server.metricsUrl,
      dataDirectory: runtime.data.root,
      hasConsole: server.hasConsole,
      version: manifest.version,
    }),
  );
  const traffic =
    configuration.mode === 'demo'
      ? DemoTraffic.start({
          program: join(builtApps, 'traffic', 'main.mjs'),
          url: server.url,
          rate: configuration.trafficRate,
          seed: configuration.trafficSeed,
          telemetry,
        })
      : null;
  stopOnSignal(async (reason) => {
    const stoppingMs = performance.now();
    telemetry.stopping(reason);
    const trafficStopped = traffic?.stop();
    await server.close();
    await trafficStopped;
    telemetry.stopped(Math.round(performance.now() - stoppingMs));
  });
}

/** The first signal stops in order; a second one, or the deadline, at once. */
function stopOnSignal(stop: (reason: string) => Promise<void>): void {
  let isStopping = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isStopping) process.exit(1);
    isStopping = true;
    setTimeout(() => process.exit(1), EXIT_DEADLINE_MS).unref();
    stop(signal).then(
      () => process.exit(0),
      (error: unknown) => refuse(error),
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

/** Something hangs that only a new process can mend: what is in hand is not committed, and comes again. */
function die(error: Error): void {
  process.stderr.write(`veto: ${error.message}; ends, to be started anew\n`, () => process.exit(1));
}

/** A refusal to start is one clear line each; anything else is our mistake and comes with its stack. */
function refuse(error: unknown): void {
  const text =
    error instanceof VetoError
      ? `veto: ${error.message}`
      : `veto: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  process.stderr.write(`${text}\n`, () => process.exit(1));
}

try {
  run(readCommand(process.argv.slice(2), process.env)).catch(refuse);
} catch (error) {
  refuse(error);
}
