import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { bundleScript } from '../killed-process';
import { workspaceRoot } from './find-parts';

describe('a process that started parts and was killed with SIGKILL', () => {
  it('leaves no server and no directory behind', async () => {
    const script = bundleScript('libs/testing/src/parts/hold-parts.spec-support.ts', []);
    const holder = spawn(process.execPath, [script], {
      cwd: workspaceRoot(),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const started = once(createInterface({ input: holder.stdout }), 'line') as Promise<[string]>;
    const ended = once(holder, 'exit').then(([code]) => {
      throw new Error(`it exited with ${code} before it had started anything`);
    });
    const [line] = await Promise.race([started, ended]);
    const { pids, directories } = JSON.parse(line) as { pids: number[]; directories: string[] };
    expect([pids.map(isRunning), directories.map((path) => existsSync(path))]).toEqual([
      [true, true],
      [true, true],
    ]);
    holder.kill('SIGKILL');
    await expect(ended).rejects.toThrow('null');
    while (pids.some(isRunning) || directories.some((path) => existsSync(path))) await wait(20);
  });

  it('does not keep a process alive that forgot to stop them', async () => {
    const script = join(workspaceRoot(), 'tmp/prove/hold-parts.spec-support.mjs');
    const holder = spawn(process.execPath, [script, '--forget'], { cwd: workspaceRoot(), stdio: 'ignore' });
    expect(await once(holder, 'exit')).toEqual([0, null]);
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
