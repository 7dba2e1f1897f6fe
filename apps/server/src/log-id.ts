import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE_NAME = 'id';

/**
 * The name of the log that lies in a directory, made with the first call: positions mean something together with it,
 * since each instance's copy of a shared log has positions of its own, and a log that is begun anew has others.
 */
export function logIdAt(directory: string): string {
  const path = join(directory, FILE_NAME);
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const id = `log_${randomBytes(8).toString('hex')}`;
  writeFileSync(`${path}.new`, id, { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return id;
}
