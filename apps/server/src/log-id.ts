import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE_NAME = 'id';

/**
 * The name of the log that lies in a directory, made with the first call: positions mean something together with it,
 * since each instance's copy of a shared log has positions of its own, and a log that is begun anew has others.
 */
export function logIdAt(directory: string): string {
  return keptText(join(directory, FILE_NAME), () => `log_${randomBytes(8).toString('hex')}`);
}

/** The text of a file, which is made with the first call. */
export function keptText(path: string, make: () => string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const text = make();
  writeFileSync(`${path}.new`, text, { mode: 0o600, flush: true });
  renameSync(`${path}.new`, path);
  return text;
}
