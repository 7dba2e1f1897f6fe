import { setTimeout as wait } from 'node:timers/promises';
import { expect } from '@playwright/test';
import { measureLoad } from './support/capacity';
import { type Cluster } from './support/cluster';
import { ConsoleSocket } from './support/console-socket';
import { untilDecided } from './support/decisions';
import { endingsOf, expectAllDecided, waitsText } from './support/figures';
import { startLoad } from './support/load';
import { paymentMaker } from './support/payments';
import { judge } from './support/judge';
import { sized } from './support/scale';
import { scenario } from './support/scenario';
import { startStream, TRANSACTIONS } from './support/stream';
import { committedBy } from './support/topic';

const STOPS = sized({ asked: 20, here: 5 });
const EXIT_MS_MAX = 10_000;
const LOOKS_MIN = 20;
const GROUP = `veto-stream-${TRANSACTIONS}`;
/** Payments a second that come by Kafka meanwhile. */
const STREAM_RATE = 100;

scenario(
  {
    id: 'C6',
    title: 'SIGTERM under load: out within ten seconds, nothing lost, no offset goes back, consoles are told',
    asked: 'SIGTERM under R, 20 times',
    here: `SIGTERM under R / 2 (a start takes one of two cores), ${STOPS} times`,
    timeoutMs: 300_000,
  },
  async (run) => {
    const { journal } = run;
    const cluster = await run.cluster({
      instances: [
        { name: 'all-1', roles: 'score,stream,desk' },
        { name: 'all-2', roles: 'score,stream,desk' },
      ],
    });
    const targets = cluster.instances.map(({ url }) => url);
    const rate = await measureLoad(run, targets, { shareOfRate: 0.5 });
    run.say(`and ${STREAM_RATE}/s by Kafka`);
    const load = startLoad({ targets, rate, payment: paymentMaker('c6', run.random), journal });
    const stream = startStream({
      brokers: cluster.brokers,
      rate: STREAM_RATE,
      payment: paymentMaker('c6s', run.random),
      journal,
    });
    const offsets = watchOffsets(cluster);
    const tookMs: number[] = [];
    for (let stop = 0; stop < STOPS; stop++) {
      await wait(run.random.whole(500, 2_000));
      const instance = cluster.instances[stop % 2]!;
      const socket = await ConsoleSocket.connect(instance.url);
      const stopped = await instance.stop();
      expect(stopped.code).toBe(0);
      expect(stopped.tookMs).toBeLessThan(EXIT_MS_MAX);
      expect(socket.restarts).toHaveLength(1);
      tookMs.push(Math.round(stopped.tookMs));
      socket.close();
      await instance.start();
    }
    const payments = await load.stop();
    const streamed = await stream.stop();
    run.say(`out after ${tookMs.join(', ')} ms`);
    run.say(`${waitsText(payments)}; attempts ended ${JSON.stringify(endingsOf(payments))}`);
    expectAllDecided(payments);
    await untilDecided(cluster.brokers, streamed, 30_000);
    expect(await offsets.stop()).toEqual([]);
    await judge(run, cluster, ['I1', 'I2', 'I3', 'I4', 'I5', 'I9']);
  },
);

/** Looks at what the group has committed, over and over. @returns on `stop` every time that an offset went back */
function watchOffsets(cluster: Cluster): { stop(): Promise<string[]> } {
  const regressions: string[] = [];
  const highest = new Map<number, number>();
  let lookCount = 0;
  let isStopped = false;
  const watching = (async (): Promise<void> => {
    while (!isStopped) {
      // A look that is not answered while the group moves is no look: the next one sees whether an offset went back.
      const committed = await committedBy(cluster.brokers, GROUP, TRANSACTIONS).catch(() => []);
      if (committed.length > 0) lookCount++;
      for (const { partition, offset } of committed) {
        const before = highest.get(partition) ?? -1;
        if (offset < before) regressions.push(`partition ${partition}: ${before} → ${offset}`);
        highest.set(partition, Math.max(before, offset));
      }
      await wait(250);
    }
  })();
  return {
    stop: async () => {
      isStopped = true;
      await watching;
      if (lookCount < LOOKS_MIN) throw new Error(`${GROUP}: only ${lookCount} looks at its offsets`);
      return regressions;
    },
  };
}
