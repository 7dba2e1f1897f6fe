import { setTimeout as wait } from 'node:timers/promises';
import { expect } from '@playwright/test';
import type { RedisRestart } from '@veto/testing/parts';
import { measureRate } from './support/capacity';
import type { Cluster } from './support/cluster';
import { answeredDecisions } from './support/degraded';
import { readEpochs } from './support/epochs';
import { endingsOf, waitsText } from './support/figures';
import { startLoad } from './support/load';
import { paymentMaker } from './support/payments';
import { judge } from './support/judge';
import { scenario, type Run } from './support/scenario';

/** How Redis comes back, and whether what it then holds is behind the log. */
const WAYS: readonly { readonly name: string; readonly how: RedisRestart; readonly isBehind: boolean }[] = [
  { name: 'with its append-only file', how: {}, isBehind: false },
  { name: 'with an empty directory', how: { empty: true }, isBehind: true },
  { name: 'with 64 KB cut off its file', how: { cutAofBytes: 64 * 1024 }, isBehind: true },
  { name: 'with 1 MB cut off its file', how: { cutAofBytes: 1024 * 1024 }, isBehind: true },
];
const BACK_MS_MAX = 10_000;

scenario(
  {
    id: 'R2',
    title:
      'Redis is killed and comes back whole, empty, or with less than it had: nothing is served from a state behind the log',
    asked: 'kill -9 and restart with the file, empty, cut by 64 KB and by 1 MB',
    here: 'the same, at R',
    timeoutMs: 300_000,
  },
  async (run) => {
    const { journal } = run;
    const cluster = await run.cluster({
      instances: [
        { name: 'score-1', roles: 'score' },
        { name: 'score-2', roles: 'score' },
      ],
    });
    const targets = cluster.instances.map(({ url }) => url);
    const warm = paymentMaker('warm', run.random);
    const { capacity, rate } = await measureRate({ targets, payment: warm, journal });
    run.say(`capacity ${Math.round(capacity)}/s, R = ${rate}/s`);
    for (const [i, way] of WAYS.entries()) {
      const load = startLoad({ targets, rate, payment: paymentMaker(`r2_${i}`, run.random), journal });
      await wait(4_000);
      await comeBack(run, cluster, way);
      const payments = await load.stop();
      run.say(`  ${waitsText(payments)}; attempts ended ${JSON.stringify(endingsOf(payments))}`);
      expect(payments.filter(({ status }) => status !== 200)).toEqual([]);
      // The last two seconds: the shared state is back on both.
      const lastAtMs = payments.at(-1)?.dueAtMs ?? 0;
      const late = answeredDecisions(payments).filter(({ payment }) => payment.dueAtMs > lastAtMs - 2_000);
      const local = late.filter(({ isDegradedBy }) => isDegradedBy('histories'));
      expect(local.length).toBeLessThanOrEqual(0.01 * late.length);
    }
    await judge(run, cluster, ['I1', 'I2', 'I3', 'I4', 'I5', 'I9']);
  },
);

async function comeBack(
  run: Run,
  cluster: Cluster,
  { name, how, isBehind }: (typeof WAYS)[number],
): Promise<void> {
  const before = (await readEpochs(cluster.brokers)).length;
  await cluster.redis.kill('SIGKILL');
  await wait(1_000);
  const backAtMs = Date.now();
  await cluster.redis.restart(how);
  await wait(BACK_MS_MAX);
  const opened = (await readEpochs(cluster.brokers)).slice(before);
  const texts = opened.map(
    ({ epoch, reason, opened_at_ms: atMs }) => `epoch ${epoch} (${reason}) after ${atMs - backAtMs} ms`,
  );
  run.say(`${name}: ${texts.join(', ') || 'the same epoch goes on'}`);
  expect(opened).toHaveLength(isBehind ? 1 : 0);
}
