import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const WORKSPACE = join(__dirname, '../../../..');
const run = promisify(execFile);

export interface CliRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Builds the command line, as `npm run replay` does before it runs. */
export async function buildCli(): Promise<void> {
  await run(process.execPath, ['libs/tooling/bin/build.mjs', 'replay', '--quiet'], { cwd: WORKSPACE });
}

/** Runs a command as a user does: the built program in a process of its own. */
export async function runCli(...args: readonly string[]): Promise<CliRun> {
  try {
    const { stdout, stderr } = await run(process.execPath, ['dist/apps/replay/main.mjs', ...args], {
      cwd: WORKSPACE,
      maxBuffer: 64 * 1024 * 1024,
    });
    return { code: 0, stdout, stderr };
  } catch (error) {
    if (!hasOutput(error)) throw error;
    return { code: error.code, stdout: error.stdout, stderr: error.stderr };
  }
}

/** Not by `instanceof`: the error is of another realm than the test. */
function hasOutput(error: unknown): error is CliRun {
  return (
    typeof error === 'object' &&
    error !== null &&
    'stdout' in error &&
    'code' in error &&
    typeof error.code === 'number'
  );
}
