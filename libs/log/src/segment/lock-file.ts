import { readFileSync } from 'node:fs';
import { open, readFile, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { invariant, VetoError } from '@veto/domain';

const LOCK_NAME = 'lock';
/** Held only while a stale lock is replaced, so that two processes do not both replace it. */
const TAKEOVER_NAME = 'lock.takeover';
const TAKEOVER_AGE_MAX_MS = 10_000;

/** Who holds a lock. A process id alone is not enough: ids are used again, and in a container it is always 1. */
interface Holder {
  readonly pid: number;
  /** When the process started, in the kernel's words; null where the kernel does not say. */
  readonly started: string | null;
}

/** `<boot id>/<clock ticks from boot to start>` from /proc, or null where there is none. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name is in parentheses and may hold blanks; the 20th word after it is the start time.
    const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return started === undefined ? null : `${boot}/${started}`;
  } catch {
    return null;
  }
}

function isAlive(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // EPERM: it lives, and is somebody else's.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const started = startOf(holder.pid);
  return started === null || holder.started === null || started === holder.started;
}

function parseHolder(text: string): Holder | null {
  try {
    const parsed = JSON.parse(text) as Partial<Holder> | null;
    if (typeof parsed?.pid !== 'number' || !Number.isInteger(parsed.pid) || parsed.pid <= 0) return null;
    return { pid: parsed.pid, started: typeof parsed.started === 'string' ? parsed.started : null };
  } catch {
    return null;
  }
}

async function createExclusively(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'wx');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return null;
    throw error;
  }
}

async function tryLock(path: string): Promise<boolean> {
  const file = await createExclusively(path);
  if (file === null) return false;
  try {
    await file.writeFile(
      JSON.stringify({ pid: process.pid, started: startOf(process.pid) } satisfies Holder),
    );
    await file.sync();
  } finally {
    await file.close();
  }
  return true;
}

function lockedBy(path: string, who: string): VetoError {
  return new VetoError('log_locked', `${path} is held by ${who}; stop it first`);
}

/** Removes a lock whose process is gone. @throws VetoError log_locked when its process lives */
async function removeStaleLock(directory: string): Promise<void> {
  const path = join(directory, LOCK_NAME);
  const takeoverPath = join(directory, TAKEOVER_NAME);
  const guard = await createExclusively(takeoverPath);
  if (guard === null) {
    const taken = await stat(takeoverPath).catch(() => null);
    // A process that died during the milliseconds of a takeover must not lock the log for ever.
    if (taken !== null && Date.now() - taken.mtimeMs > TAKEOVER_AGE_MAX_MS)
      await rm(takeoverPath, { force: true });
    throw lockedBy(path, 'a process that is starting at this moment');
  }
  try {
    const text = await readFile(path, 'utf8').catch(() => null);
    if (text === null) return;
    const holder = parseHolder(text);
    if (holder !== null && isAlive(holder)) throw lockedBy(path, `process ${holder.pid}`);
    // An empty lock is one that is being written at this moment, or one whose writer died at it.
    if (holder === null && Date.now() - (await stat(path)).mtimeMs < 1_000)
      throw lockedBy(path, 'a process that is starting');
    await rm(path, { force: true });
  } finally {
    await guard.close();
    await rm(takeoverPath, { force: true });
  }
}

/**
 * Takes the directory for this process alone. A lock left behind by a process that is gone is taken over.
 * @returns how to let go of it
 * @throws VetoError log_locked when another process, or this one, has it open
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const path = join(directory, LOCK_NAME);
  let locked = await tryLock(path);
  if (!locked) {
    await removeStaleLock(directory);
    locked = await tryLock(path);
  }
  if (!locked) throw lockedBy(path, 'a process that was quicker');
  let released = false;
  return async () => {
    invariant(!released, `${path} is released twice`);
    released = true;
    await rm(path, { force: true });
  };
}
