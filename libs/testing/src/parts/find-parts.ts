import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** Folders of jars and executables, as `ensure-parts.mjs` found or fetched them. */
export interface FoundParts {
  readonly java: string;
  readonly kafka: string;
  /** The broker's classes as Java reads them fastest; some Java may not be able to write it. */
  readonly classes?: string;
  readonly connect: string;
  readonly redis: string;
}

const found = new Map<string, Promise<string>>();

/**
 * Where the named parts lie; fetched on the first call when they are not there.
 * @throws Error that names what is missing and what to run
 */
export async function findParts<Name extends 'kafka' | 'connect' | 'redis'>(
  name: Name,
): Promise<Pick<FoundParts, Name | 'java' | 'classes'>> {
  const answer = found.get(name) ?? askForParts(name);
  found.set(name, answer);
  return JSON.parse(await answer) as Pick<FoundParts, Name | 'java' | 'classes'>;
}

async function askForParts(name: string): Promise<string> {
  const script = join(workspaceRoot(), 'libs/tooling/bin/ensure-parts.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [script, name]);
  return stdout;
}

/** The workspace's root, from wherever below it the tests were started. */
export function workspaceRoot(): string {
  let folder = process.cwd();
  while (!existsSync(join(folder, 'nx.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`${process.cwd()}: not below the workspace's root (no nx.json)`);
    folder = parent;
  }
  return folder;
}
