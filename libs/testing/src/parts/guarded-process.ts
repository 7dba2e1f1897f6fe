import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, statSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

/**
 * Reads until the process that holds the other end is gone, whatever ended it; then kills and removes: again and again,
 * as long as a server that is being killed still writes there.
 */
const GUARD =
  'read -r _; [ -z "$1" ] || kill -KILL "$1"; [ -z "$2" ] || until rm -rf "$2"; do sleep 0.2; done';

/**
 * Watches over this process from outside, so that nothing is left behind even after a SIGKILL.
 * @param leftovers a process to kill and a directory to remove
 * @returns ends the watch, leaving both as they are
 */
export function guardAgainstOwnDeath(leftovers: { pid?: number; directory?: string }): () => void {
  const { pid = '', directory = '' } = leftovers;
  const args = ['-c', GUARD, 'guard', String(pid), directory];
  const guard = spawn('/bin/sh', args, { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  release(guard);
  return () => {
    guard.kill('SIGKILL');
  };
}

/** A server in a process of its own, which never outlives this one and does not keep it alive. */
export class GuardedProcess {
  private constructor(
    private readonly child: ChildProcess,
    private readonly logFile: string,
    private readonly logStart: number,
    /** Fulfilled when the process is gone. */
    readonly exited: Promise<void>,
  ) {}

  /**
   * @param logFile takes what it writes, at the end of what is there
   * @param place.environment variables beside those of this process
   * @throws Error when the command cannot be run
   */
  static async start(
    command: string,
    args: readonly string[],
    logFile: string,
    place: { readonly cwd?: string; readonly environment?: Readonly<Record<string, string>> } = {},
  ): Promise<GuardedProcess> {
    const logStart = existsSync(logFile) ? statSync(logFile).size : 0;
    const output = openSync(logFile, 'a');
    const child = spawn(command, args, {
      detached: true,
      ...(place.cwd && { cwd: place.cwd }),
      env: { ...process.env, ...place.environment },
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    await once(child, 'spawn');
    release(child);
    const endGuard = guardAgainstOwnDeath(child.pid === undefined ? {} : { pid: child.pid });
    const exited = once(child, 'exit').then(endGuard);
    return new GuardedProcess(child, logFile, logStart, exited);
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('the process has no id');
    return this.child.pid;
  }

  /** Sends a signal; after SIGKILL and SIGTERM waits until the process is gone. */
  async signal(signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    this.child.kill(signal);
    if (signal === 'SIGKILL' || signal === 'SIGTERM') await this.exited;
  }

  /** What it has written since it was started. */
  log(): string {
    return readFileSync(this.logFile).subarray(this.logStart).toString();
  }

  /**
   * Waits until it is ready.
   * @param isReady asked again and again; may fail as long as it is not
   * @throws Error with the end of its log when it exits before, or after `timeoutMs`
   */
  async waitUntil(isReady: () => Promise<boolean>, timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!(await isReady().catch(() => false))) {
      const sentence = this.isRunning ? `not ready after ${timeoutMs} ms` : 'exited before it was ready';
      if (!this.isRunning || Date.now() > deadline)
        throw new Error(`${this.child.spawnfile}: ${sentence}\n${this.log().slice(-4_000)}`);
      await wait(25);
    }
  }
}

function release(child: ChildProcess): void {
  child.unref();
  // A pipe is a socket here, and would keep the process alive by itself.
  for (const stream of [child.stdin, child.stdout, child.stderr])
    if (stream && 'unref' in stream && typeof stream.unref === 'function') stream.unref();
}
