import { commandOf, UsageError, USAGE, type GenerateCommand, type LiveCommand } from './command-line';
import { generate } from './generate';
import { live } from './live/live';
import { statusLineOf, type LiveReport } from './live/live-report';

const PARENT_CHECK_MS = 500;

function runGenerate(command: GenerateCommand): void {
  const startedAtMs = Date.now();
  const generated = generate(command.options, command.file);
  const seconds = (Date.now() - startedAtMs) / 1000;
  const fraudShare = generated.fraudCount / generated.paymentCount;
  process.stderr.write(`${JSON.stringify({ ...generated, fraudShare, seconds })}\n`);
}

function show(report: LiveReport): void {
  process.stdout.write(
    process.stdout.isTTY ? `\r\x1b[2K${statusLineOf(report)}` : `${JSON.stringify(report)}\n`,
  );
}

/** Aborted by a signal, or when the process that started this one is gone: nobody is left who would stop it. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(name, () => stop.abort());
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) stop.abort();
  }, PARENT_CHECK_MS).unref();
  // Nobody reads any more.
  process.stdout.on('error', () => stop.abort());
  return stop.signal;
}

async function runLive(command: LiveCommand): Promise<void> {
  const end = await live(command.options, { signal: stopSignal(), onReport: show });
  if (process.stdout.isTTY) process.stdout.write('\n');
  if (end.reason === 'refused' || end.reason === 'unanswered') {
    process.stderr.write(`traffic: ${end.reason}: ${end.detail}\n`);
    process.exitCode = 1;
  }
  // Connections that are kept alive would keep the process too.
  process.exit();
}

try {
  const command = commandOf(process.argv.slice(2), process.env);
  if (command.name === 'help') process.stdout.write(USAGE);
  else if (command.name === 'generate') runGenerate(command);
  else await runLive(command);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n\n${USAGE}`);
  process.exitCode = 2;
}
