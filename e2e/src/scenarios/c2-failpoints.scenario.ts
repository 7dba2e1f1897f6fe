import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { WORKSPACE } from '../support/start-server';
import { until } from './support/cluster';
import { untilDecided } from './support/decisions';
import { endingsOf, expectAllDecided, waitsText } from './support/figures';
import type { Instance } from './support/instance';
import { judge } from './support/judge';
import { startLoad } from './support/load';
import { paymentMaker } from './support/payments';
import { sized } from './support/scale';
import { scenario, type Run } from './support/scenario';
import { startStream } from './support/stream';

const POINTS = [
  'before_begin',
  'after_begin',
  'after_score',
  'after_commit',
  'before_publish',
  'after_publish_before_ack',
  'before_offset_commit',
];
const CRASHES_EACH = sized({ asked: 50, here: 2 });
const RATE = 100;
const STREAM_RATE = 50;
const PASSES_MAX = 10;
/** A process under load comes by every point within a fraction of this. */
const CRASHED_MS_MAX = 40_000;

test('C2 only a build for tests contains points to die at', () => {
  const textOf = (build: string): string =>
    readFileSync(join(WORKSPACE, 'dist/apps', build, 'main.mjs'), 'utf8');
  const traces = /FAILPOINT|passFailpoint|before_offset_commit|CLOCK_OFFSET_MS/;
  expect(textOf('server')).not.toMatch(traces);
  expect(textOf('server-test')).toMatch(traces);
});

scenario(
  {
    id: 'C2',
    title:
      'a process dies at each step of a decision, again and again: nothing is lost, and what it began is finished',
    asked: `${POINTS.length} points × 50 crashes`,
    here: `${POINTS.length} points × ${CRASHES_EACH} crashes`,
    timeoutMs: CRASHES_EACH * POINTS.length * 30_000 + 120_000,
  },
  async (run) => {
    const { journal } = run;
    const both = { roles: 'score,stream', build: 'server-test' } as const;
    const cluster = await run.cluster({
      instances: [
        { name: 'both-1', ...both },
        { name: 'both-2', ...both },
      ],
    });
    const targets = cluster.instances.map(({ url }) => url);
    const load = startLoad({ targets, rate: RATE, payment: paymentMaker('c2', run.random), journal });
    const stream = startStream({
      brokers: cluster.brokers,
      rate: STREAM_RATE,
      payment: paymentMaker('c2s', run.random),
      journal,
    });
    const victim = cluster.instance('both-1');
    for (const point of POINTS) await crashAt(run, victim, point);
    await victim.start();
    const payments = await load.stop();
    const streamed = await stream.stop();
    run.say(`${waitsText(payments)}; attempts ended ${JSON.stringify(endingsOf(payments))}`);
    expectAllDecided(payments);
    await untilDecided(cluster.brokers, streamed, 30_000);
    await judge(run, cluster, ['I1', 'I2', 'I3', 'I4', 'I5', 'I9']);
  },
);

/** The victim dies at the point, again and again, while the other serves. */
async function crashAt(run: Run, victim: Instance, point: string): Promise<void> {
  const crashedMs: number[] = [];
  for (let crash = 0; crash < CRASHES_EACH; crash++) {
    await victim.kill();
    const at = run.random.whole(1, PASSES_MAX);
    const startedAtMs = Date.now();
    // It may die before it is ready, when it finishes what others left.
    await victim.start({ FAILPOINT: point, FAILPOINT_AT: String(at) }).catch((error: unknown) => {
      if (!String(error).includes('exited with SIGKILL')) throw error;
    });
    await until(`${victim.name} dies ${point}, at pass ${at}`, () => victim.hasEnded, CRASHED_MS_MAX);
    crashedMs.push(Date.now() - startedAtMs);
  }
  run.say(`${point}: died ${CRASHES_EACH} times, ${crashedMs.join(', ')} ms after its start`);
}
