import { setTimeout as wait } from 'node:timers/promises';
import { expect } from '@playwright/test';
import type { Toxic } from '@veto/testing/parts';
import { measureLoad } from './support/capacity';
import type { Cluster } from './support/cluster';
import { answeredDecisions, serverTotalMs, type AnsweredDecision } from './support/degraded';
import { expectAllDecided, quantile, waitsText } from './support/figures';
import { startLoad } from './support/load';
import { paymentMaker } from './support/payments';
import { judge } from './support/judge';
import { scenario, type Run } from './support/scenario';
import { startTwoScorers } from './support/two-scorers';

const DEADLINE_MS = 100;
const OPENS_MS_MAX = 1_000;
const CLOSES_MS_MAX = 5_000;
const TOXIC_MS = 5_000;

interface Trouble {
  readonly name: string;
  readonly toxics: readonly Toxic[];
  /** Whether Redis is then beyond its budget. */
  readonly isBeyond: boolean;
}

/** One way each; the answer to a command waits for both. */
const TROUBLES: readonly Trouble[] = [
  { name: '5 ms', toxics: [{ type: 'latency', latencyMs: 5, direction: 'downstream' }], isBeyond: false },
  { name: '50 ms', toxics: [{ type: 'latency', latencyMs: 50, direction: 'downstream' }], isBeyond: true },
  { name: '500 ms', toxics: [{ type: 'latency', latencyMs: 500, direction: 'downstream' }], isBeyond: true },
  { name: 'reset', toxics: [{ type: 'reset_peer', afterMs: 0 }], isBeyond: true },
  { name: 'half open', toxics: [{ type: 'half_open' }], isBeyond: true },
];

scenario(
  {
    id: 'R3',
    title:
      'Redis is slow, resets or hangs: payments are decided within their deadline on what the process saw itself',
    asked: 'latency 5/50/500 ms, reset, half-open',
    here: `the same, ${TOXIC_MS / 1_000} s each, at R / 2`,
    timeoutMs: 300_000,
  },
  async (run) => {
    const { journal } = run;
    const { cluster, targets } = await startTwoScorers(run, { redisBehindProxy: true });
    const rate = await measureLoad(run, targets, { shareOfRate: 0.5 });
    for (const [i, trouble] of TROUBLES.entries()) {
      const load = startLoad({ targets, rate, payment: paymentMaker(`r3_${i}`, run.random), journal });
      const span = await suffer(cluster, trouble);
      const payments = await load.stop();
      expectAllDecided(payments);
      run.say(`${trouble.name}: ${waitsText(payments)}`);
      expectLadder(run, answeredDecisions(payments), { ...span, isBeyond: trouble.isBeyond });
    }
    await judge(run, cluster, ['I1', 'I2', 'I3', 'I4', 'I5', 'I9']);
  },
);

async function suffer(
  cluster: Cluster,
  { toxics }: Trouble,
): Promise<{ readonly fromMs: number; readonly toMs: number }> {
  const proxy = cluster.redisProxy;
  if (proxy === null) throw new Error('there is no proxy before Redis');
  await wait(2_000);
  const fromMs = Date.now();
  proxy.set(toxics);
  await wait(TOXIC_MS);
  const toMs = Date.now();
  proxy.clear();
  await wait(CLOSES_MS_MAX + 2_000);
  return { fromMs, toMs };
}

function expectLadder(
  run: Run,
  answers: readonly AnsweredDecision[],
  of: { readonly fromMs: number; readonly toMs: number; readonly isBeyond: boolean },
): void {
  const due = (from: number, to: number): AnsweredDecision[] =>
    answers.filter(({ payment }) => payment.dueAtMs >= from && payment.dueAtMs < to);
  const localShare = (some: readonly AnsweredDecision[]): number =>
    some.filter(({ isDegradedBy }) => isDegradedBy('histories')).length / some.length;
  const open = due(of.fromMs + OPENS_MS_MAX, of.toMs);
  const closed = due(of.toMs + CLOSES_MS_MAX, Number.POSITIVE_INFINITY);
  const during = due(of.fromMs, of.toMs).map(({ payment }) => serverTotalMs(payment));
  const p99 = quantile(during, 0.99);
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  run.say(
    `  own histories: ${percent(localShare(open))} from one second on, ${percent(localShare(closed))} five seconds after; server p99 ${p99.toFixed(1)} ms`,
  );
  run.goal('on own histories five seconds after', 100 * localShare(closed), 1, '%');
  run.goal('p99 in the server', p99, DEADLINE_MS + 10);
  // Probes of an open breaker are not payments, so that all of them are decided at once.
  if (of.isBeyond) expect(localShare(open)).toBeGreaterThanOrEqual(0.99);
  else run.goal('on own histories though Redis answers in time', 100 * localShare(open), 5, '%');
}
