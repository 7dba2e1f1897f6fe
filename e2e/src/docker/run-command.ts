import { execFile } from 'node:child_process';

/** How a command ended, and what it said. */
export interface Ended {
  readonly code: number;
  readonly output: string;
}

/** Runs a command to its end, in an environment that holds what it is given and nothing of this process but PATH. */
export async function runCommand(
  words: readonly string[],
  place: { readonly cwd: string; readonly environment?: Readonly<Record<string, string>> },
): Promise<Ended> {
  const [program = '', ...args] = words;
  const env = { PATH: process.env['PATH'], ...place.environment };
  return new Promise((resolve) => {
    execFile(program, args, { cwd: place.cwd, env }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, output: `${stdout}${stderr}` });
    });
  });
}
