import { setTimeout as wait } from 'node:timers/promises';
import { expect } from '@playwright/test';
import { measureLoad } from './support/capacity';
import { until, type Cluster } from './support/cluster';
import {
  endingsOf,
  expectAllDecided,
  expectNoFailureSeen,
  quantile,
  waitsMs,
  waitsText,
} from './support/figures';
import { startLoad, type AskedPayment } from './support/load';
import { paymentMaker } from './support/payments';
import { readDecisions } from './support/decisions';
import { judge } from './support/judge';
import type { VerifyReport } from './support/replay-cli';
import { scenario, type Run } from './support/scenario';
import { startTwoScorers } from './support/two-scorers';

const OUTAGES_MS = [5_000, 30_000];
const P99_MS_MAX = 100;
const DRAINED_MS_MAX = 30_000;
/** Its own histories of 200 000 entities (60 MB and more), copies of long ones (64 MB), 100 000 ids and their claims. */
const FILLING_MIB_MAX = 200;

scenario(
  {
    id: 'K1',
    title:
      'the broker is away for 5 and for 30 seconds under load: payments are answered, and nothing is missing afterwards',
    asked: 'stop/start (5 s, 30 s) at R',
    here: 'stop/start (5 s, 30 s) at R',
    timeoutMs: 300_000,
  },
  async (run) => {
    const { journal } = run;
    const { cluster, targets } = await startTwoScorers(run);
    const rate = await measureLoad(run, targets);
    run.watchMemory(cluster);
    for (const [i, outageMs] of OUTAGES_MS.entries()) {
      const load = startLoad({ targets, rate, payment: paymentMaker(`k1_${i}`, run.random), journal });
      await wait(2_000);
      const goneAtMs = Date.now();
      await cluster.kafka.kill(i === 0 ? 'SIGTERM' : 'SIGKILL');
      await wait(outageMs);
      const backAtMs = Date.now();
      await cluster.kafka.start();
      await wait(3_000);
      const payments = await load.stop();
      run.say(
        `${outageMs / 1_000} s away: ${waitsText(payments)}; attempts ended ${JSON.stringify(endingsOf(payments))}`,
      );
      expectAnswered(run, payments, { fromMs: goneAtMs, toMs: backAtMs });
      const drainedMs = await drained(cluster, payments, backAtMs);
      run.say(`everything is on the log ${Math.round(drainedMs)} ms after the broker was started again`);
    }
    await judge(run, cluster, ['I1', 'I2', 'I3', 'I4', 'I5', 'I9'], isFilling);
  },
);

/** Whether a process grew by no more than what it keeps at most takes to fill, for which the load is too short. */
function isFilling({ kind, says }: VerifyReport['findings'][number]): boolean {
  return kind === 'memory_grew' && Number(/\d+/.exec(says)?.[0]) <= FILLING_MIB_MAX;
}

function expectAnswered(
  run: Run,
  payments: readonly AskedPayment[],
  away: { readonly fromMs: number; readonly toMs: number },
): void {
  expectAllDecided(payments);
  expectNoFailureSeen(payments);
  const during = payments.filter(({ dueAtMs }) => dueAtMs >= away.fromMs && dueAtMs < away.toMs);
  const byWal = during.filter(
    ({ text, headers }) => headers['veto-durability'] === 'wal' || text.includes('"durability":"wal"'),
  );
  const before = payments.filter(({ dueAtMs }) => dueAtMs < away.fromMs);
  const p99 = quantile(waitsMs(during), 0.99);
  run.say(
    `${during.length} due while it was away, ${byWal.length} said "wal", p99 ${Math.round(p99)} ms; before ${Math.round(quantile(waitsMs(before), 0.99))} ms`,
  );
  // From the moment on when it is noticed; what was under way to the broker is not known to have been lost before.
  expect(byWal.length).toBeGreaterThan(0.9 * during.length);
  run.goal('p99 while it was away', p99, P99_MS_MAX);
}

/** @returns how long after `backAtMs` every answered payment was on the broker */
async function drained(
  cluster: Cluster,
  payments: readonly AskedPayment[],
  backAtMs: number,
): Promise<number> {
  await until(
    'the log holds every answered payment',
    async () => {
      const decided = await readDecisions(cluster.brokers);
      return payments.every(({ id }) => decided.has(id));
    },
    DRAINED_MS_MAX,
    1_000,
  );
  return Date.now() - backAtMs;
}
