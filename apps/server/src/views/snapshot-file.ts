import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';

const FORMAT = 'veto-views.v2';

/**
 * Reads back what `writeSnapshot` wrote.
 * @returns null when there is none, or it is torn or of another format: the views are then folded from the whole log
 */
export function readSnapshot(path: string): unknown {
  try {
    const text = readFileSync(path, 'utf8');
    const lineEnd = text.indexOf('\n');
    const [format, checksum] = text.slice(0, lineEnd).split(' ');
    const body = text.slice(lineEnd + 1);
    return format === FORMAT && checksum === String(crc32(body)) ? JSON.parse(body) : null;
  } catch {
    return null;
  }
}

/** Written beside and renamed, so that a crash leaves the one before. */
export function writeSnapshot(path: string, value: unknown): void {
  const body = JSON.stringify(value);
  const beside = `${path}.new`;
  const descriptor = openSync(beside, 'w', 0o600);
  try {
    writeSync(descriptor, `${FORMAT} ${crc32(body)}\n${body}`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(beside, path);
}
