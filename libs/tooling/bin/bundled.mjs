import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { workspaceRoot } from './workspace.mjs';

/**
 * TypeScript of a lib that no built program has: the suites' way to start Kafka and Redis, the log's way to speak to Kafka.
 * @param {string} input
 */
export async function bundled(input) {
  const { build } = await import('rolldown');
  const file = join(workspaceRoot, 'tmp/build', `${basename(dirname(input))}-${basename(input, '.ts')}.mjs`);
  await build({
    input,
    platform: 'node',
    external: (id) => !/^(\.|\/|@veto\/|\0)/.test(id),
    logLevel: 'warn',
    output: { file, format: 'esm' },
  });
  return import(pathToFileURL(file).href);
}
