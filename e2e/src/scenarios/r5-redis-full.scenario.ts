import { setTimeout as wait } from 'node:timers/promises';
import { expect } from '@playwright/test';
import { until, type Cluster } from './support/cluster';
import { answeredDecisions } from './support/degraded';
import { endingsOf, expectAllDecided, waitsText } from './support/figures';
import { judge } from './support/judge';
import { startLoad } from './support/load';
import { paymentMaker } from './support/payments';
import { scenario } from './support/scenario';
import { startTwoScorers } from './support/two-scorers';

const RATE = 150;
const FULL_MS = 8_000;

scenario(
  {
    id: 'R5',
    title:
      'Redis has no memory left: payments are decided without it, it is told, and no payment is half applied',
    asked: 'maxmemory reached (noeviction)',
    here: `the same for ${FULL_MS / 1_000} s at ${RATE}/s, then room again`,
  },
  async (run) => {
    const { journal } = run;
    const { cluster, targets } = await startTwoScorers(run);
    const load = startLoad({ targets, rate: RATE, payment: paymentMaker('r5', run.random), journal });
    await wait(5_000);
    const usedBytes = await usedMemory(cluster);
    await cluster.redisCommand('CONFIG', 'SET', 'maxmemory', String(usedBytes + 200_000));
    await until('nothing more fits', async () => (await usedMemory(cluster)) >= usedBytes + 190_000, 20_000);
    const fullAtMs = Date.now();
    await wait(FULL_MS);
    const told = await Promise.all(
      cluster.instances.map(async (instance) => instance.metric('veto_ladder_total', { level: 'L1' })),
    );
    await cluster.redisCommand('CONFIG', 'SET', 'maxmemory', '0');
    const roomAtMs = Date.now();
    await wait(6_000);
    const payments = await load.stop();
    run.say(`${waitsText(payments)}; attempts ended ${JSON.stringify(endingsOf(payments))}`);
    expectAllDecided(payments);

    const answers = answeredDecisions(payments);
    const localAmong = (fromMs: number, toMs: number): string => {
      const due = answers.filter(({ payment }) => payment.dueAtMs >= fromMs && payment.dueAtMs < toMs);
      const local = due.filter(({ isDegradedBy }) => isDegradedBy('histories'));
      return `${local.length}/${due.length}`;
    };
    const during = localAmong(fullAtMs + 1_000, roomAtMs);
    const after = localAmong(roomAtMs + 5_000, Number.POSITIVE_INFINITY);
    run.say(
      `on own histories: ${during} while it was full, ${after} from five seconds after on; metrics say ${told.join(' and ')}`,
    );
    expect(shareOf(during)).toBeGreaterThan(0.9);
    run.goal('on own histories five seconds after', 100 * shareOf(after), 2, '%');
    expect(Math.min(...told)).toBeGreaterThan(0);
    await judge(run, cluster, ['I1', 'I2', 'I3', 'I4', 'I5', 'I9']);
  },
);

async function usedMemory(cluster: Cluster): Promise<number> {
  const info = String(await cluster.redisCommand('INFO', 'memory'));
  return Number(/used_memory:(\d+)/.exec(info)?.[1] ?? Number.NaN);
}

function shareOf(fraction: string): number {
  const [part = 0, whole = 0] = fraction.split('/').map(Number);
  return part / whole;
}
