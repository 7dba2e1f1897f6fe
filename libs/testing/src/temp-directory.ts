import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TempDirectory {
  readonly path: string;
  /** A copy of what lies in it at this moment, as a crash would leave it: without the lock of the living. */
  copy(): Promise<string>;
  /** Removes it and its copies. */
  remove(): Promise<void>;
}

/** A fresh directory of its own. */
export async function aTempDirectory(): Promise<TempDirectory> {
  const path = await mkdtemp(join(tmpdir(), 'veto-test-'));
  const copies: string[] = [];
  return {
    path,
    copy: async () => {
      const copied = await mkdtemp(join(tmpdir(), 'veto-test-copy-'));
      copies.push(copied);
      await cp(path, copied, { recursive: true, filter: (from) => !from.endsWith('/lock') });
      return copied;
    },
    remove: async () => {
      for (const directory of [path, ...copies]) await rm(directory, { recursive: true, force: true });
    },
  };
}
