/** Builds the programs of the cluster bench into `dist/bench`, as the apps are built. */
import { build } from 'rolldown';

const PROGRAMS = {
  'cluster-bench': 'e2e/bench/cluster/cluster-bench.ts',
  'bare-loop': 'e2e/bench/cluster/bare-loop.ts',
  'stream-loop': 'apps/server/src/bench/stream-loop.bench.ts',
  'memory-line': 'apps/server/src/bench/memory-line.bench.ts',
  'plain-door': 'apps/server/src/bench/plain-door.bench.ts',
};
const BUNDLED = /^(\.|\/|@veto\/|@oxc-project\/runtime|\0)/;

export async function buildClusterBench() {
  for (const [name, input] of Object.entries(PROGRAMS))
    await build({
      input,
      platform: 'node',
      external: (id) => !BUNDLED.test(id),
      tsconfig: input.startsWith('apps/server') ? 'apps/server/tsconfig.json' : 'e2e/tsconfig.json',
      logLevel: 'warn',
      transform: { define: { __BUILT_FOR_TESTS__: 'false' } },
      output: {
        file: `dist/bench/${name}.mjs`,
        format: 'esm',
        codeSplitting: false,
        sourcemap: true,
        keepNames: true,
      },
    });
}
