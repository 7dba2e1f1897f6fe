import { setTimeout as wait } from 'node:timers/promises';
import { expect } from '@playwright/test';
import { type Cluster } from './support/cluster';
import { readDecisions, untilDecided } from './support/decisions';
import { paymentMaker } from './support/payments';
import { judge } from './support/judge';
import { scenario, type Run } from './support/scenario';
import { sendPayments } from './support/stream';

const SECONDS = 60;
const RATE = 300;
/** Each stop and each start of a member is one. */
const REBALANCES = 10;

scenario(
  {
    id: 'K3',
    title:
      'three consumers become one and three again, ten rebalances in a minute: every payment is decided once',
    asked: '3 → 1 → 3 consumers, 10 rebalances in 60 s',
    here: `the same, ${RATE} payments a second`,
    timeoutMs: 300_000,
  },
  async (run) => {
    const { journal } = run;
    const cluster = await run.cluster({
      instances: [1, 2, 3].map((i) => ({ name: `stream-${i}`, roles: 'stream' })),
      partitions: 6,
    });
    const sent: string[] = [];
    const make = paymentMaker('k3', run.random);
    let isStopped = false;
    const sending = (async (): Promise<void> => {
      while (!isStopped) {
        const payments = Array.from({ length: RATE / 5 }, (_, i) => make(sent.length + i));
        await sendPayments(cluster.brokers, payments, journal);
        sent.push(...payments.map(({ id }) => id));
        await wait(200);
      }
    })();
    const tookS = await rebalance(run, cluster);
    isStopped = true;
    await sending;
    await untilDecided(cluster.brokers, sent, 60_000);
    const decided = await readDecisions(cluster.brokers);
    const replayed = await replayedCount(cluster);
    const copies = [...decided.values()].reduce((sum, { copyCount }) => sum + copyCount, 0);
    run.say(
      `${REBALANCES} rebalances in ${tookS.toFixed(0)} s; ${sent.length} sent, ${decided.size} decided, ${replayed} delivered again, ${copies} copies on the log`,
    );
    expect(decided.size).toBe(sent.length);
    // A rebalance that delivered nothing twice would have tested nothing.
    expect(replayed + copies).toBeGreaterThan(0);
    await judge(run, cluster, ['I1', 'I2', 'I4', 'I5', 'I9']);
  },
);

/** 3 → 2 → 1 → 2 → 3 → …, half of the leavers killed and half asked to go. @returns seconds */
async function rebalance(run: Run, cluster: Cluster): Promise<number> {
  const startedAtMs = Date.now();
  const [, second, third] = cluster.instances;
  const steps: (() => Promise<unknown>)[] = [];
  const { random } = run;
  const leave = (instance: (typeof cluster.instances)[number]) => async (): Promise<unknown> =>
    random.next() < 0.5 ? instance.kill() : instance.stop();
  while (steps.length < REBALANCES)
    steps.push(
      leave(second!),
      leave(third!),
      async () => second!.start(),
      async () => third!.start(),
    );
  for (const [i, step] of steps.slice(0, REBALANCES).entries()) {
    const nextAtMs = startedAtMs + ((i + 1) * SECONDS * 1_000) / REBALANCES;
    await step();
    await wait(Math.max(0, nextAtMs - Date.now()));
  }
  // The last two steps were both of leaving.
  await Promise.all([second!.start(), third!.start()]);
  return (Date.now() - startedAtMs) / 1_000;
}

async function replayedCount(cluster: Cluster): Promise<number> {
  const counts = await Promise.all(
    cluster.instances.map(async (instance) => instance.metric('veto_decisions_total', { replayed: 'true' })),
  );
  return counts.reduce((a, b) => a + b, 0);
}
