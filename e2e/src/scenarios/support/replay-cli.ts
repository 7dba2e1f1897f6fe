import { execFile } from 'node:child_process';
import { WORKSPACE } from '../../support/start-server';

/** What a run of the command line said. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `npm run replay -- …`, without the build. */
export function runReplay(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ran> {
  const memory = ['--max-old-space-size=4096', '--max-semi-space-size=32'];
  return new Promise((resolve) => {
    execFile(
      'node',
      [...memory, 'dist/apps/replay/main.mjs', ...args],
      { cwd: WORKSPACE, maxBuffer: 2 ** 28, env: { ...process.env, ...environment } },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
        resolve({ code, stdout, stderr });
      },
    );
  });
}

export type Invariant = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8' | 'I9' | 'I10';

/** What the verifier prints with `--json`. */
export interface VerifyReport {
  readonly decisions: number;
  readonly undecided: number;
  readonly local: number;
  readonly voids: number;
  readonly difference_count: number;
  readonly digest: string;
  readonly seconds: number;
  readonly invariants: readonly {
    readonly invariant: Invariant;
    readonly verdict: 'held' | 'broken' | 'not_checked' | 'not_applicable';
    readonly promise: string;
    readonly says: string;
    readonly finding_count: number;
    readonly checked_count: number;
  }[];
  readonly findings: readonly { readonly kind: string; readonly subject: string; readonly says: string }[];
}

/**
 * The standalone verifier, on the log and the clients' journals alone.
 * @param of.redisUrls compares the digest of Redis as well
 */
export async function verify(of: {
  readonly brokers: readonly string[];
  readonly journals: readonly string[];
  readonly redisUrls?: readonly string[];
}): Promise<VerifyReport> {
  const args = ['verify', '--brokers', of.brokers.join(','), '--json'];
  for (const journal of of.journals) args.push('--journal', journal);
  if (of.redisUrls) args.push('--redis', of.redisUrls.join(','));
  const { stdout, stderr, code } = await runReplay(args);
  const json = stdout.slice(stdout.indexOf('{'));
  try {
    return JSON.parse(json) as VerifyReport;
  } catch {
    throw new Error(`the verifier ended with ${code} and no report:\n${stdout}\n${stderr}`);
  }
}
