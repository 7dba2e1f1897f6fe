import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VetoError } from '@veto/domain';

const ARTIFACT = join('libs', 'model', 'artifacts', 'fraud-gbt');

/**
 * Where the shipped artifact lies: `VETO_MODEL_DIR`, or else the folder above this file, bundled or not, that holds
 * `libs/model/artifacts/fraud-gbt`.
 * @throws VetoError configuration_invalid when neither is there
 */
export function bundledModelDirectory(): string {
  const configured = process.env['VETO_MODEL_DIR'];
  if (configured !== undefined && configured !== '') return configured;
  const start = dirname(fileURLToPath(import.meta.url));
  for (let folder = start; ; folder = dirname(folder)) {
    const candidate = join(folder, ARTIFACT);
    if (existsSync(candidate)) return candidate;
    if (folder === dirname(folder)) break;
  }
  const sentence = `no ${ARTIFACT} above ${start}; set VETO_MODEL_DIR to an artifact's folder, or run npm run train`;
  throw new VetoError('configuration_invalid', sentence);
}
