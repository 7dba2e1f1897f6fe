import { readdirSync, statSync, truncateSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import type { Cluster } from './support/cluster';
import { endingsOf, expectAllDecided, waitsText } from './support/figures';
import { judge } from './support/judge';
import { startLoad } from './support/load';
import { paymentMaker } from './support/payments';
import { scenario } from './support/scenario';
import { startTwoScorers } from './support/two-scorers';
import { DECISIONS } from './support/stream';
import { untilDecided } from './support/decisions';

const RATE = 60;
const CUT_BYTES = 4_096;
const KILLS = 3;

scenario(
  {
    id: 'K2',
    title:
      'a broker is killed and loses the last 4 KB of its segments: the others have what was acknowledged',
    asked: 'broker kill -9 + truncate last 4 KB of a segment',
    here: `three brokers, each killed once, 4 KB cut off every segment of decisions, at ${RATE}/s`,
    timeoutMs: 240_000,
  },
  async (run) => {
    const { journal } = run;
    const { cluster, targets } = await startTwoScorers(run, { kafka: { brokerCount: 3 } });
    const load = startLoad({ targets, rate: RATE, payment: paymentMaker('k2', run.random), journal });
    await wait(3_000);
    for (let broker = 0; broker < KILLS; broker++) {
      await cluster.kafka.kill('SIGKILL', broker);
      await wait(2_000);
      const cut = cutTails(cluster, broker);
      await cluster.kafka.start(broker);
      run.say(`broker ${broker} came back without the last ${CUT_BYTES} bytes of ${cut} segments`);
      expect(cut).toBeGreaterThan(0);
      // In sync again before the next one goes: two of three must have what is acknowledged.
      await wait(6_000);
    }
    const payments = await load.stop();
    run.say(`${waitsText(payments)}; attempts ended ${JSON.stringify(endingsOf(payments))}`);
    expectAllDecided(payments);
    await untilDecided(
      cluster.brokers,
      payments.map(({ id }) => id),
      60_000,
    );
    await judge(run, cluster, ['I1', 'I2', 'I3', 'I4', 'I5', 'I9']);
  },
);

/** @returns how many segments were cut */
function cutTails(cluster: Cluster, broker: number): number {
  const root = cluster.kafka.directoryOf(broker);
  let count = 0;
  for (const folder of readdirSync(root).filter((name) => name.startsWith(`${DECISIONS}-`))) {
    const segment = readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.log'))
      .sort()
      .at(-1);
    if (segment === undefined) continue;
    const path = join(root, folder, segment);
    const { size } = statSync(path);
    if (size === 0) continue;
    truncateSync(path, Math.max(0, size - CUT_BYTES));
    count++;
  }
  return count;
}
