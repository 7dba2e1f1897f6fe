import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';

/**
 * Bundles a script of the workspace, so that a process of its own can run it.
 * @param entry path below the workspace's root
 * @param packages npm packages that it uses
 * @returns path of the bundle
 */
export function bundleScript(entry: string, packages: readonly string[]): string {
  const root = join(__dirname, '../../..');
  const outDir = join(root, 'tmp/prove');
  mkdirSync(outDir, { recursive: true });
  const file = join(outDir, basename(entry).replace(/\.ts$/, '.mjs'));
  const external = packages.flatMap((name) => ['--external', name]);
  const rolldown = join(root, 'node_modules/rolldown/bin/cli.mjs');
  const args = [
    entry,
    '--platform',
    'node',
    '--format',
    'esm',
    ...external,
    '--file',
    file,
    '--log-level',
    'silent',
  ];
  execFileSync(process.execPath, [rolldown, ...args], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  return file;
}

/**
 * Runs a script, and kills it with SIGKILL so many ms after its first line.
 * @returns the whole lines that it wrote before
 */
export async function killAfter(script: string, args: readonly string[], afterMs: number): Promise<string[]> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  let timer: NodeJS.Timeout | null = null;
  let rest = '';
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => {
    lines.push(line);
    timer ??= setTimeout(() => child.kill('SIGKILL'), afterMs);
  });
  child.stdout.on('data', (chunk: Buffer) => {
    rest = chunk.subarray(chunk.lastIndexOf(10) + 1).toString();
  });
  const [[, signal]] = await Promise.all([once(child, 'exit'), once(reader, 'close')]);
  if (signal !== 'SIGKILL')
    throw new Error(`${script} ended by itself (${String(signal)}), after ${lines.length} lines`);
  // What follows the last line's end was cut by the kill.
  return rest === '' ? lines : lines.slice(0, -1);
}
