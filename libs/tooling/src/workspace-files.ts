import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceRoot } from './workspace-root';

/** A file of the project as it lies in the working copy. */
export interface WorkspaceFile {
  /** From the workspace's root, with forward slashes. */
  readonly path: string;
  /** Its contents as UTF-8; empty for a binary file. */
  readonly text: string;
}

const FILE_BYTES_MAX = 2 * 1024 * 1024;
const NOT_OURS = new Set(['.git', '.nx', 'node_modules', 'dist', 'tmp', 'coverage', '__pycache__', '.venv']);

/** Every file that git tracks or would track; without git (a downloaded archive), every file that is not made by a tool. */
export function readWorkspaceFiles(): WorkspaceFile[] {
  const paths = existsSync(join(workspaceRoot, '.git')) ? pathsOfGit() : pathsBelow('');
  return paths.map((path) => ({ path, text: readText(path) }));
}

function pathsOfGit(): string[] {
  const listing = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: workspaceRoot,
    encoding: 'utf8',
    maxBuffer: 32 * 1024 * 1024,
  });
  return listing.split('\0').filter((path) => path !== '' && existsSync(join(workspaceRoot, path)));
}

function pathsBelow(folder: string): string[] {
  return readdirSync(join(workspaceRoot, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : pathsBelow(path);
    return entry.isFile() ? [path] : [];
  });
}

function readText(path: string): string {
  const bytes = readFileSync(join(workspaceRoot, path));
  return bytes.length > FILE_BYTES_MAX || bytes.includes(0) ? '' : bytes.toString('utf8');
}
