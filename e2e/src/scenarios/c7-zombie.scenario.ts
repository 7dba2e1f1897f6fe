import { setTimeout as wait } from 'node:timers/promises';
import { measureLoad } from './support/capacity';
import { untilDecided } from './support/decisions';
import { endingsOf, expectAllDecided, longestSilenceMs, waitsText } from './support/figures';
import { startLoad } from './support/load';
import { paymentMaker } from './support/payments';
import { judge } from './support/judge';
import { sized } from './support/scale';
import { scenario } from './support/scenario';
import { sendPayments } from './support/stream';

const STOPPED_MS = sized({ asked: 20_000, here: 14_000 });
const TIMES = sized({ asked: 3, here: 2 });
const STREAMED = 2_000;

scenario(
  {
    id: 'C7',
    title:
      'an instance that stands still for longer than its session and then goes on changes nothing that was decided without it',
    asked: 'SIGSTOP 20 s, then SIGCONT',
    here: `SIGSTOP ${STOPPED_MS / 1_000} s, ${TIMES} times; sessions end after 10 s`,
    timeoutMs: 240_000,
  },
  async (run) => {
    const { journal } = run;
    const cluster = await run.cluster({
      instances: [
        { name: 'both-1', roles: 'score,stream' },
        { name: 'both-2', roles: 'score,stream' },
      ],
    });
    const targets = cluster.instances.map(({ url }) => url);
    // Half of R: the other instance carries everything, and the stream besides.
    const rate = await measureLoad(run, targets, { shareOfRate: 0.5, seconds: 2 });
    run.say(`and ${STREAMED} by Kafka each time`);
    const load = startLoad({
      targets,
      rate,
      payment: paymentMaker('c7', run.random),
      journal,
      attemptTimeoutMs: 1_000,
    });
    const streamed: string[] = [];
    for (let time = 0; time < TIMES; time++) {
      await wait(2_000);
      const zombie = cluster.instances[time % 2]!;
      const stoppedAtMs = Date.now();
      zombie.signal('SIGSTOP');
      const make = paymentMaker(`c7s_${time}`, run.random);
      const payments = Array.from({ length: STREAMED }, (_, i) => make(i));
      streamed.push(...payments.map(({ id }) => id));
      await sendPayments(cluster.brokers, payments, journal);
      await wait(STOPPED_MS);
      zombie.signal('SIGCONT');
      run.say(
        `${zombie.name} stood still; longest silence ${Math.round(longestSilenceMs(load.payments, stoppedAtMs, Date.now()))} ms`,
      );
      await wait(3_000);
    }
    const payments = await load.stop();
    run.say(waitsText(payments));
    run.say(`attempts ended: ${JSON.stringify(endingsOf(payments))}`);
    expectAllDecided(payments);
    await untilDecided(cluster.brokers, streamed, 30_000);
    await judge(run, cluster, ['I1', 'I2', 'I3', 'I4', 'I5', 'I9']);
  },
);
