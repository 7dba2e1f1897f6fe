import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

/** The log's, and LMDB's. */
const LOCKS = ['lock', 'lock.mdb'];

export interface TempDirectory {
  readonly path: string;
  /** A copy of what lies in it at this moment, as a crash would leave it: without the locks of the living. */
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
      await cp(path, copied, { recursive: true, filter: (from) => !LOCKS.includes(basename(from)) });
      return copied;
    },
    remove: async () => {
      for (const directory of [path, ...copies]) await rm(directory, { recursive: true, force: true });
    },
  };
}
