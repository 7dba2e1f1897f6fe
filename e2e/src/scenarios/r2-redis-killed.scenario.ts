import { setTimeout as wait } from 'node:timers/promises';
import { expect } from '@playwright/test';
import type { RedisRestart } from '@veto/testing/parts';
import { measureLoad } from './support/capacity';
import type { Cluster } from './support/cluster';
import { answeredDecisions } from './support/degraded';
import { nextEpoch, readEpochs } from './support/epochs';
import { endingsOf, expectAllDecided, waitsText } from './support/figures';
import { startLoad } from './support/load';
import { paymentMaker } from './support/payments';
import { judge } from './support/judge';
import { scenario, type Run } from './support/scenario';
import { startTwoScorers } from './support/two-scorers';

/** How Redis comes back, and whether what it then holds is behind the log. */
const WAYS: readonly { readonly name: string; readonly how: RedisRestart; readonly isBehind: boolean }[] = [
  { name: 'with its append-only file', how: {}, isBehind: false },
  { name: 'with an empty directory', how: { empty: true }, isBehind: true },
  { name: 'with 64 KB cut off its file', how: { cutAofBytes: 64 * 1024 }, isBehind: true },
  { name: 'with 1 MB cut off its file', how: { cutAofBytes: 1024 * 1024 }, isBehind: true },
];
const BACK_MS_MAX = 30_000;
/** The decisions of so long a time at the end are looked at; the first second of it is for whoever adopts the epoch last. */
const LOOKED_AT_MS = 3_000;

scenario(
  {
    id: 'R2',
    title:
      'Redis is killed and comes back whole, empty, or with less than it had: nothing is served from a state behind the log',
    asked: 'kill -9 and restart with the file, empty, cut by 64 KB and by 1 MB',
    here: 'the same, at R / 2 (a rebuild takes one of two cores)',
    timeoutMs: 300_000,
  },
  async (run) => {
    const { journal } = run;
    const { cluster, targets } = await startTwoScorers(run);
    const rate = await measureLoad(run, targets, { shareOfRate: 0.5 });
    for (const [i, way] of WAYS.entries()) {
      const load = startLoad({ targets, rate, payment: paymentMaker(`r2_${i}`, run.random), journal });
      await wait(4_000);
      await comeBack(run, cluster, way);
      const payments = await load.stop();
      run.say(`  ${waitsText(payments)}; attempts ended ${JSON.stringify(endingsOf(payments))}`);
      expectAllDecided(payments);
      // The shared state is back on both.
      const lastAtMs = payments.at(-1)?.dueAtMs ?? 0;
      const late = answeredDecisions(payments).filter(
        ({ payment }) => payment.dueAtMs > lastAtMs - (LOOKED_AT_MS - 1_000),
      );
      const local = late.filter(({ isDegradedBy }) => isDegradedBy('histories'));
      run.goal('on own histories afterwards', (100 * local.length) / late.length, 1, '%');
    }
    await judge(run, cluster, ['I1', 'I2', 'I3', 'I4', 'I5', 'I9']);
  },
);

async function comeBack(
  run: Run,
  cluster: Cluster,
  { name, how, isBehind }: (typeof WAYS)[number],
): Promise<void> {
  const before = (await readEpochs(cluster.brokers)).at(-1)?.epoch ?? 0;
  await cluster.redis.kill('SIGKILL');
  await wait(1_000);
  const backAtMs = Date.now();
  await cluster.redis.restart(how);
  if (isBehind) {
    const { epoch, reason, opened_at_ms: openedAtMs } = await nextEpoch(cluster, before, BACK_MS_MAX);
    run.say(`${name}: epoch ${epoch} (${reason}) opened after ${openedAtMs - backAtMs} ms`);
    await wait(LOOKED_AT_MS);
  } else {
    await wait(LOOKED_AT_MS + 3_000);
    expect((await readEpochs(cluster.brokers)).at(-1)?.epoch).toBe(before);
    run.say(`${name}: the same epoch goes on`);
  }
}
