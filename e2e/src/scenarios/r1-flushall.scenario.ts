import { setTimeout as wait } from 'node:timers/promises';
import { expect } from '@playwright/test';
import { measureLoad } from './support/capacity';
import { answeredDecisions, localSpan } from './support/degraded';
import { readEpochs } from './support/epochs';
import { endingsOf, expectAllDecided, waitsText } from './support/figures';
import { startLoad } from './support/load';
import { paymentMaker } from './support/payments';
import { judge } from './support/judge';
import { sized } from './support/scale';
import { scenario } from './support/scenario';
import { startTwoScorers } from './support/two-scorers';

const NOTICED_MS_MAX = 1_000;
const REBUILT_MS_MAX = 30_000;
/** Every instance works on the new state so long after it was opened. */
const ADOPTED_MS_MAX = 1_000;
/** 100 000 decisions within 30 s; fewer need no less than the log's and the leader's own times. */
const DECISIONS_PER_S_MIN = 100_000 / 30;
const FLOOR_MS = 5_000;
const DECISIONS = sized({ asked: 100_000, here: 12_000 });

scenario(
  {
    id: 'R1',
    title:
      'Redis forgets everything under load: noticed at once, made anew from the log, and every vector is what it was',
    asked: 'FLUSHALL at R, 100 000 decisions',
    here: `FLUSHALL at R, ${DECISIONS} decisions`,
    timeoutMs: 300_000,
  },
  async (run) => {
    const { journal } = run;
    const { cluster, targets } = await startTwoScorers(run);
    const rate = await measureLoad(run, targets);
    const load = startLoad({ targets, rate, payment: paymentMaker('r1', run.random), journal });
    while (load.payments.length < DECISIONS) await wait(100);

    const flushedAtMs = Date.now();
    await cluster.redisCommand('FLUSHALL');
    const decidedBefore = load.payments.length;
    const rebuiltWithinMs = Math.max(
      FLOOR_MS,
      Math.min(REBUILT_MS_MAX, (decidedBefore / DECISIONS_PER_S_MIN) * 1_000),
    );
    await wait(rebuiltWithinMs + 5_000);
    const payments = await load.stop();
    run.say(waitsText(payments));
    run.say(`attempts ended: ${JSON.stringify(endingsOf(payments))}`);
    expectAllDecided(payments);

    const answers = answeredDecisions(payments);
    const local = localSpan(answers, { fromMs: flushedAtMs, toMs: Date.now() });
    expect(local).not.toBeNull();
    const [first, second, ...more] = await readEpochs(cluster.brokers);
    expect([first?.epoch, second?.epoch, second?.reason, more.length]).toEqual([1, 2, 'lost', 0]);
    const openedMs = (second?.opened_at_ms ?? Number.NaN) - flushedAtMs;
    run.say(
      `noticed after ${local!.firstMs - flushedAtMs} ms, the next epoch opened after ${openedMs} ms, ${local!.count} decided on own histories`,
    );
    run.goal('noticed', local!.firstMs - flushedAtMs, NOTICED_MS_MAX);
    run.goal('rebuilt', openedMs, rebuiltWithinMs);
    const later = answers.filter(({ payment }) => payment.dueAtMs > flushedAtMs + openedMs + ADOPTED_MS_MAX);
    const laterLocal = later.filter(({ isDegradedBy }) => isDegradedBy('histories'));
    run.say(`of ${later.length} afterwards ${laterLocal.length} were decided on own histories`);
    run.goal('on own histories afterwards', (100 * laterLocal.length) / later.length, 1, '%');
    expect(later.length).toBeGreaterThan(0);

    await judge(run, cluster, ['I1', 'I2', 'I3', 'I4', 'I5', 'I9']);
  },
);
