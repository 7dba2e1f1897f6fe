import { readFileSync, statSync } from 'node:fs';
import { VetoError } from '@veto/domain';
import { z } from 'zod';
import { analystEntrySchema, type AnalystEntry } from './analyst-ring';
import { apiKeyEntrySchema, type ApiKeyEntry, type KeyRing } from './key-ring';

/** A revoked key is refused this soon, in ms. */
const RELOAD_INTERVAL_MS = 1_000;

/** @throws VetoError configuration_invalid naming the file, the place in it and the fix; never a value of the file */
export function readKeyFile(path: string): ApiKeyEntry[] {
  return readEntries(path, z.array(apiKeyEntrySchema).min(1), 'VETO_API_KEYS_FILE');
}

/** @throws VetoError configuration_invalid as `readKeyFile` */
export function readAnalystFile(path: string): AnalystEntry[] {
  return readEntries(path, z.array(analystEntrySchema).min(1), 'VETO_ANALYSTS_FILE');
}

function readEntries<T>(path: string, schema: z.ZodType<T>, variable: string): T {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    const why = cause instanceof SyntaxError ? 'is not JSON' : 'cannot be read';
    throw new VetoError('configuration_invalid', `${variable}: the file ${path} ${why}`, { cause });
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const first = parsed.error.issues[0];
  const place = first === undefined ? '' : `/${first.path.join('/')}: ${first.message}`;
  throw new VetoError('configuration_invalid', `${variable}: in ${path} at ${place}`);
}

/**
 * Looks at the file of keys every second, so that a revocation takes effect without a restart. A file that is broken
 * keeps the keys as they were and is reported.
 * @returns how to stop
 */
export function watchKeyFile(path: string, ring: KeyRing, report: (message: string) => void): () => void {
  let seen = modifiedAt(path);
  const timer = setInterval(() => {
    const modified = modifiedAt(path);
    if (modified === seen) return;
    seen = modified;
    try {
      ring.replace(readKeyFile(path));
    } catch (error) {
      report(error instanceof Error ? error.message : 'the file of keys cannot be read');
    }
  }, RELOAD_INTERVAL_MS);
  timer.unref();
  return () => clearInterval(timer);
}

function modifiedAt(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? 'gone' : `${stat.mtimeMs}:${stat.size}:${stat.ino}`;
}
