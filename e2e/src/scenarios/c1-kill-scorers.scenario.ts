import { setTimeout as wait } from 'node:timers/promises';
import { measureLoad } from './support/capacity';
import {
  endingsOf,
  expectAllDecided,
  expectNoFailureSeen,
  longestSilenceMs,
  quantile,
  waitsText,
} from './support/figures';
import type { Instance } from './support/instance';
import { startLoad, type AskedPayment } from './support/load';
import { paymentMaker } from './support/payments';
import { judge } from './support/judge';
import { scenario, type Run } from './support/scenario';
import { startTwoScorers } from './support/two-scorers';

const KILL_COUNT = 10;
const RECOVERY_MS_MAX = 2_000;
/** The sweeper takes what is older than two seconds; an orphan is answered by then. */
const ORPHAN_MS_MAX = 5_000;

scenario(
  {
    id: 'C1',
    title:
      'one of two scorers is killed ten times in a minute under load: nothing is lost, nothing is decided twice',
    asked: '60 s at R, kill -9 every 3–7 s, ≥ 10 kills',
    here: '60 s at R / 2 (a start takes one of two cores), 10 kills',
  },
  async (run) => {
    const { cluster, targets } = await startTwoScorers(run);
    const rate = await measureLoad(run, targets, { shareOfRate: 0.5 });

    const load = startLoad({
      targets,
      rate,
      payment: paymentMaker('c1', run.random),
      journal: run.journal,
    });
    const killedAtMs = await killInTurn(run, cluster.instances);
    const payments = await load.stop();
    run.say(waitsText(payments));
    run.say(`attempts ended: ${JSON.stringify(endingsOf(payments))}`);
    expectAllDecided(payments);
    await judge(run, cluster, ['I1', 'I2', 'I3', 'I4', 'I5', 'I9']);
    expectRecovered(run, payments, killedAtMs);
  },
);

/** @returns when each kill was, ms since epoch */
async function killInTurn(run: Run, instances: readonly Instance[]): Promise<number[]> {
  const killedAtMs: number[] = [];
  await wait(3_000);
  for (let kill = 0; kill < KILL_COUNT; kill++) {
    const victim = instances[kill % 2]!;
    const nextAtMs = Date.now() + run.random.whole(3_000, 7_000);
    killedAtMs.push(Date.now());
    await victim.kill();
    await victim.start();
    await wait(Math.max(0, nextAtMs - Date.now()));
  }
  return killedAtMs;
}

function expectRecovered(run: Run, payments: readonly AskedPayment[], killedAtMs: readonly number[]): void {
  expectNoFailureSeen(payments);

  const silences = killedAtMs.map((atMs) => longestSilenceMs(payments, atMs, atMs + 3_000));
  run.say(`longest silence after each kill: ${silences.map(Math.round).join(', ')} ms`);
  run.goal('the longest silence', Math.max(...silences), RECOVERY_MS_MAX);
  // Whoever was told "in flight" had begun at the scorer that died: its sweeper's sister answers it.
  const isOrphan = ({ earlier }: AskedPayment): boolean => earlier.includes('409');
  const others = waitOf(payments.filter((payment) => !isOrphan(payment)));
  const orphans = waitOf(payments.filter(isOrphan));
  run.say(
    `${orphans.length} orphans, the slowest ${Math.round(Math.max(0, ...orphans))} ms; others p99.9 ${Math.round(quantile(others, 0.999))} ms`,
  );
  run.goal('the slowest payment', Math.max(0, ...others), RECOVERY_MS_MAX);
  run.goal('the slowest orphan', Math.max(0, ...orphans), ORPHAN_MS_MAX);
}

function waitOf(payments: readonly AskedPayment[]): number[] {
  return payments.map(({ answeredAtMs, dueAtMs }) => (answeredAtMs ?? Number.POSITIVE_INFINITY) - dueAtMs);
}
