import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { systemClock, VetoError } from '@veto/domain';
import { openSegmentLog } from '@veto/log';

/** Where everything lies that outlives the process. Only `log` is the truth; the rest is derived from it. */
export interface DataDirectory {
  readonly root: string;
  readonly log: string;
  readonly store: string;
  readonly index: string;
  readonly views: string;
  readonly sessions: string;
  /** What an instance of a cluster goes by, when nobody said. */
  readonly instance: string;
}

/** @param of.cluster what an instance of a cluster keeps lies apart: a log of its own and a copy of a shared one do not mix */
export function dataDirectoryAt(
  path: string,
  of: { readonly cluster?: { readonly topicPrefix: string } | null } = {},
): DataDirectory {
  const root = resolve(path, ...(of.cluster == null ? [] : [`cluster${nameOf(of.cluster.topicPrefix)}`]));
  const at = (name: string): string => join(root, name);
  return {
    root,
    log: at('log'),
    store: at('store'),
    index: at('index'),
    views: at('views.json'),
    sessions: at('sessions.json'),
    instance: at('instance'),
  };
}

const nameOf = (topicPrefix: string): string => (topicPrefix === '' ? '' : `-${topicPrefix}`);

/** @throws VetoError configuration_invalid when the folder cannot be made */
export function makeDataDirectory(data: DataDirectory): void {
  try {
    mkdirSync(data.root, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new VetoError('configuration_invalid', `VETO_DATA_DIR: the folder ${data.root} cannot be made`, {
      cause,
    });
  }
}

/**
 * Removes what an earlier process left, and nothing else in the folder.
 * @throws VetoError log_locked when a process is at work on it
 */
export async function emptyDataDirectory(data: DataDirectory): Promise<void> {
  try {
    // Opening takes the log's lock, so that nothing is removed under a running server.
    await (await openSegmentLog({ directory: data.log, clock: systemClock })).close();
  } catch (error) {
    if (error instanceof VetoError && error.code === 'log_locked') throw error;
  }
  for (const path of [data.log, data.store, data.index, data.views, data.sessions])
    rmSync(path, { recursive: true, force: true });
}
