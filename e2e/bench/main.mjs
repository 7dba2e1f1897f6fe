/**
 * `npm run bench [-- line|api|cluster] [--quick]`: measures, prints a row per figure with its goal, and one JSON line per bench.
 * `cluster` starts a Kafka and a Redis of its own; `--profile=DIRECTORY` writes processor profiles of its stream loops.
 * Goals are aims, not assertions: a figure that falls short is printed as it is, and nothing fails.
 */
import { spawnSync } from 'node:child_process';
import { buildClusterBench } from './cluster/build.mjs';
import { benchDecisionApi } from './decision-api.mjs';

const args = process.argv.slice(2);
const quick = args.includes('--quick');
const wanted = args.filter((arg) => !arg.startsWith('--'));
const runs = (/** @type {string} */ name) => wanted.length === 0 || wanted.includes(name);

if (runs('line')) {
  const scale = quick ? '0.02' : '1';
  // The memory that `npm run replay` gives it.
  const memory = ['--max-old-space-size=8192', '--max-semi-space-size=32'];
  spawnSync('node', [...memory, 'dist/apps/replay/main.mjs', 'bench', '--scale', scale], {
    stdio: 'inherit',
  });
}
if (runs('api')) {
  // The goal's rate, and one that leaves two cores room for the load generator beside the server.
  for (const rate of quick ? [200] : [500, 2_000])
    await benchDecisionApi({ rate, seconds: quick ? 2 : 10, rounds: quick ? 1 : 3 });
}
if (runs('cluster')) {
  await buildClusterBench();
  const flags = args.filter((arg) => arg.startsWith('--'));
  const { status } = spawnSync('node', ['dist/bench/cluster-bench.mjs', ...flags], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
}
