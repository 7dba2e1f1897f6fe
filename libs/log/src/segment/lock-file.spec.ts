import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { aTempDirectory, type TempDirectory } from '@veto/testing';
import { lockDirectory } from './lock-file';

let directory: TempDirectory;
let lockPath: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  directory = await aTempDirectory();
  lockPath = join(directory.path, 'lock');
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await directory.remove();
});

async function aLivingProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  children.push(child);
  await once(child, 'spawn');
  return child.pid ?? 0;
}

async function aDeadProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid ?? 0;
}

describe('the lock of a log', () => {
  it('is held by one opener at a time, in this process too, and can be had again after it was let go', async () => {
    const unlock = await lockDirectory(directory.path);
    await expect(lockDirectory(directory.path)).rejects.toMatchObject({ code: 'log_locked' });
    await unlock();
    await (
      await lockDirectory(directory.path)
    )();
  });

  it('names the living process that holds it', async () => {
    const pid = await aLivingProcess();
    await writeFile(lockPath, JSON.stringify({ pid, started: null }));
    await expect(lockDirectory(directory.path)).rejects.toThrow(`${lockPath} is held by process ${pid}`);
  });

  it('is taken over from a process that is dead', async () => {
    await writeFile(lockPath, JSON.stringify({ pid: await aDeadProcess(), started: null }));
    const unlock = await lockDirectory(directory.path);
    expect(JSON.parse(await readFile(lockPath, 'utf8'))).toMatchObject({ pid: process.pid });
    await unlock();
  });

  it('is taken over when another process has the dead one’s id, as the first process of every container does', async () => {
    await writeFile(lockPath, JSON.stringify({ pid: process.pid, started: 'another boot/17' }));
    await (
      await lockDirectory(directory.path)
    )();
  });

  it('is left alone while it is being written, and taken over when its writer died at it', async () => {
    await writeFile(lockPath, '');
    await expect(lockDirectory(directory.path)).rejects.toMatchObject({ code: 'log_locked' });
    const before = new Date(Date.now() - 60_000);
    await utimes(lockPath, before, before);
    await (
      await lockDirectory(directory.path)
    )();
  });

  it('goes to one of many who find it stale at the same time', async () => {
    await writeFile(lockPath, JSON.stringify({ pid: await aDeadProcess(), started: null }));
    const attempts = await Promise.allSettled(
      Array.from({ length: 20 }, () => lockDirectory(directory.path)),
    );
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('does not stay in the way when a process died in the middle of taking it over', async () => {
    await writeFile(lockPath, JSON.stringify({ pid: await aDeadProcess(), started: null }));
    const guard = join(directory.path, 'lock.takeover');
    await writeFile(guard, '');
    await expect(lockDirectory(directory.path)).rejects.toMatchObject({ code: 'log_locked' });
    const before = new Date(Date.now() - 60_000);
    await utimes(guard, before, before);
    await expect(lockDirectory(directory.path)).rejects.toMatchObject({ code: 'log_locked' });
    await (
      await lockDirectory(directory.path)
    )();
  });
});
