import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { workspaceRoot } from '@veto/testing/parts';
import { environmentOf, parseDockerfile, wordsOf, type Stage } from './dockerfile';

/** What the Dockerfile makes, in a directory that stands for the image's root. */
export interface BuiltImage {
  readonly root: string;
  /** Where its programs run, below the root: `/app`. */
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly entrypoint: readonly string[];
  readonly healthcheck: readonly string[];
}

/**
 * Does what `docker build` does, with the Node of this machine: every stage from an empty directory, every RUN in a
 * shell, every COPY from the context or from an earlier stage. The image's user is not made: nobody here may.
 */
export function buildImage(directory: string): BuiltImage {
  const stages = parseDockerfile(readFileSync(join(workspaceRoot(), 'docker/Dockerfile'), 'utf8'));
  const context = join(directory, 'context');
  copyContext(context);
  for (const stage of stages) runStage(stage, { directory, context });
  const last = stages.at(-1);
  if (!last) throw new Error('docker/Dockerfile: no stage');
  return {
    root: rootOf(last, directory),
    workingDirectory: workingDirectoryOf(last),
    environment: environmentOf(last),
    entrypoint: wordsOf(last, 'ENTRYPOINT'),
    healthcheck: wordsOf(last, 'HEALTHCHECK'),
  };
}

function rootOf({ name }: Stage, directory: string): string {
  return join(directory, name === '' ? 'image' : `stage-${name}`);
}

function workingDirectoryOf({ instructions }: Stage): string {
  return instructions.find(({ name }) => name === 'WORKDIR')?.text ?? '/';
}

/** What Git knows or would take, without what the ignore file of the Dockerfile names. */
function copyContext(to: string): void {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
    cwd: workspaceRoot(),
  });
  const ignored = readFileSync(join(workspaceRoot(), 'docker/Dockerfile.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  for (const path of listed.toString().split('\0')) {
    if (path === '' || ignored.some((pattern) => matches(pattern, path))) continue;
    try {
      mkdirSync(dirname(join(to, path)), { recursive: true });
      cpSync(join(workspaceRoot(), path), join(to, path));
    } catch (error) {
      // Git still lists a file that was removed and not yet committed.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

/** A folder with all in it, at the top or, after two stars and a slash, anywhere. */
function matches(pattern: string, path: string): boolean {
  if (pattern.startsWith('**/')) return `/${path}`.includes(`/${pattern.slice(3)}/`);
  return path === pattern || path.startsWith(`${pattern}/`);
}

function runStage(stage: Stage, { directory, context }: { directory: string; context: string }): void {
  const root = rootOf(stage, directory);
  const workingDirectory = join(root, workingDirectoryOf(stage));
  mkdirSync(workingDirectory, { recursive: true });
  for (const { name, text } of stage.instructions) {
    if (name === 'COPY') copy(text, { directory, context, workingDirectory });
    if (name === 'RUN') runShell(inside(text, root), workingDirectory);
  }
}

function copy(
  text: string,
  { directory, context, workingDirectory }: { directory: string; context: string; workingDirectory: string },
): void {
  const [, stage, from = '', to = ''] = /^(?:--from=(\S+) )?(\S+) (\S+)$/.exec(text) ?? [];
  if (from === '') throw new Error(`COPY: expected [--from=STAGE] FROM TO, got ${text}`);
  const source = stage === undefined ? join(context, from) : join(directory, `stage-${stage}`, from);
  cpSync(normalize(source), join(workingDirectory, to), { recursive: true, verbatimSymlinks: true });
}

/** Of this process only where programs and npm's own settings are: a build sees no NODE_ENV of a test. */
function runShell(command: string, cwd: string): void {
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'] };
  execFileSync('sh', ['-ec', command], { cwd, env, stdio: 'pipe' });
}

/** The image's own paths, below its root here; and no other user than the one who tests. */
function inside(command: string, root: string): string {
  return command.replace(/ -o node -g node/g, '').replace(/ \/data\b/g, ` ${root}/data`);
}
