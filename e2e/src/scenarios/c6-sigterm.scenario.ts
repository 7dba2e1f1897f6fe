import { setTimeout as wait } from 'node:timers/promises';
import { expect } from '@playwright/test';
import { measureRate } from './support/capacity';
import { until, type Cluster } from './support/cluster';
import { ConsoleSocket } from './support/console-socket';
import { readDecisions } from './support/decisions';
import { endingsOf, waitsText } from './support/figures';
import { startLoad } from './support/load';
import { paymentMaker } from './support/payments';
import { judge } from './support/judge';
import { sized } from './support/scale';
import { scenario, type Run } from './support/scenario';
import { sendPayments, TRANSACTIONS } from './support/stream';
import { committedBy } from './support/topic';

const STOPS = sized({ asked: 20, here: 8 });
const EXIT_MS_MAX = 10_000;
const GROUP = `veto-stream-${TRANSACTIONS}`;
/** Payments a second that come by Kafka meanwhile. */
const STREAM_RATE = 100;

scenario(
  {
    id: 'C6',
    title: 'SIGTERM under load: out within ten seconds, nothing lost, no offset goes back, consoles are told',
    asked: 'SIGTERM under R, 20 times',
    here: `SIGTERM under R, ${STOPS} times`,
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
    const warm = paymentMaker('warm', run.random);
    const { capacity, rate } = await measureRate({ targets, payment: warm, journal });
    run.say(`capacity ${Math.round(capacity)}/s, R = ${rate}/s and ${STREAM_RATE}/s by Kafka`);
    const load = startLoad({ targets, rate, payment: paymentMaker('c6', run.random), journal });
    const stream = startStream(run, cluster);
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
    expect(payments.filter(({ status }) => status !== 200)).toEqual([]);
    await until(
      'everything from Kafka is decided',
      async () => {
        const decided = await readDecisions(cluster.brokers);
        return streamed.every((id) => decided.has(id));
      },
      30_000,
      500,
    );
    expect(await offsets.stop()).toEqual([]);
    await judge(run, cluster, ['I1', 'I2', 'I3', 'I4', 'I5', 'I9']);
  },
);

/** Sends payments by Kafka, a few at a time. @returns on `stop` the ids of all */
function startStream(run: Run, cluster: Cluster): { stop(): Promise<string[]> } {
  const make = paymentMaker('c6s', run.random);
  const sent: string[] = [];
  let isStopped = false;
  const sending = (async (): Promise<void> => {
    while (!isStopped) {
      const payments = Array.from({ length: STREAM_RATE / 2 }, (_, i) => make(sent.length + i));
      await sendPayments(cluster.brokers, payments, run.journal);
      sent.push(...payments.map(({ id }) => id));
      await wait(500);
    }
  })();
  return {
    stop: async () => {
      isStopped = true;
      await sending;
      return sent;
    },
  };
}

/** Looks at what the group has committed, over and over. @returns on `stop` every time that an offset went back */
function watchOffsets(cluster: Cluster): { stop(): Promise<string[]> } {
  const regressions: string[] = [];
  const highest = new Map<number, number>();
  let isStopped = false;
  const watching = (async (): Promise<void> => {
    while (!isStopped) {
      for (const { partition, offset } of await committedBy(cluster.brokers, GROUP, TRANSACTIONS)) {
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
      if (highest.size === 0) throw new Error(`${GROUP} has committed nothing`);
      return regressions;
    },
  };
}
