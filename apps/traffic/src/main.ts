import { commandOf, UsageError, USAGE, type Command } from './command-line';
import { generate } from './generate';

function run(command: Command): void {
  if (command.name === 'help') {
    process.stdout.write(USAGE);
    return;
  }
  const startedAtMs = Date.now();
  const generated = generate(command.options, command.file);
  const seconds = (Date.now() - startedAtMs) / 1000;
  process.stderr.write(
    `${JSON.stringify({ ...generated, fraudShare: generated.fraudCount / generated.paymentCount, seconds })}\n`,
  );
}

try {
  run(commandOf(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n\n${USAGE}`);
  process.exitCode = 2;
}
