import { setTimeout as wait } from 'node:timers/promises';
import { createClient } from 'redis';
import { startRedis, startToxicProxy } from '@veto/testing/parts';
import { readDecisions } from './support/decisions';
import { answeredDecisions } from './support/degraded';
import { nextEpoch } from './support/epochs';
import { endingsOf, expectAllDecided, waitsText } from './support/figures';
import { judge } from './support/judge';
import { startLoad } from './support/load';
import { paymentMaker } from './support/payments';
import { scenario } from './support/scenario';
import { SwitchProxy } from './support/switch-proxy';

const RATE = 150;
const LAG_MS = 3_000;
const STILL_WRITABLE_MS = 5_000;

scenario(
  {
    id: 'R4',
    title:
      'a replica that lags is promoted while the old master is still written to: the old epoch is refused, and the order is one',
    asked: 'replica promoted while lagging (WAIT 0), old master still writable 5 s',
    here: `the same, the replica ${LAG_MS / 1_000} s behind, at ${RATE}/s`,
    timeoutMs: 240_000,
  },
  async (run) => {
    const { journal } = run;
    const master = await startRedis({ own: true });
    const replication = await startToxicProxy({ to: master.port });
    const replica = await startRedis({ replicaOf: replication.port });
    const first = await SwitchProxy.start(master.port);
    const second = await SwitchProxy.start(master.port);
    try {
      const cluster = await run.cluster({
        startedRedis: replica,
        instances: [
          { name: 'score-1', roles: 'score', environment: { REDIS_URL: `redis://127.0.0.1:${first.port}` } },
          { name: 'score-2', roles: 'score', environment: { REDIS_URL: `redis://127.0.0.1:${second.port}` } },
        ],
      });
      const targets = cluster.instances.map(({ url }) => url);
      const load = startLoad({ targets, rate: RATE, payment: paymentMaker('r4', run.random), journal });
      await wait(4_000);
      replication.set([{ type: 'timeout', afterMs: 0 }]);
      await wait(LAG_MS);
      const promotedAtMs = Date.now();
      await command(replica.url, ['REPLICAOF', 'NO', 'ONE']);
      first.pointTo(replica.port);
      await wait(STILL_WRITABLE_MS);
      second.pointTo(replica.port);
      const movedAtMs = Date.now();
      const opened = await nextEpoch(cluster, 1, 30_000);
      await wait(8_000);
      const payments = await load.stop();
      run.say(`${waitsText(payments)}; attempts ended ${JSON.stringify(endingsOf(payments))}`);
      expectAllDecided(payments);
      run.say(
        `epoch ${opened.epoch} (${opened.reason}) opened ${opened.opened_at_ms - promotedAtMs} ms after the promotion; the old master was written to for ${movedAtMs - promotedAtMs} ms`,
      );
      const late = answeredDecisions(payments).filter(
        ({ payment }) => payment.dueAtMs > (payments.at(-1)?.dueAtMs ?? 0) - 2_000,
      );
      const local = late.filter(({ isDegradedBy }) => isDegradedBy('histories'));
      run.goal('on own histories afterwards', (100 * local.length) / late.length, 2, '%');
      // What was begun at the old master and never answered is lost with it, and whoever was decided there meanwhile saw it:
      // these decisions stand, and their vectors cannot be made again. Nothing else may differ, and nothing later.
      const decided = await readDecisions(cluster.brokers);
      const report = await judge(run, cluster, ['I1', 'I2', 'I3', 'I5', 'I9'], ({ kind, subject }) => {
        if (kind === 'counts_repeat') return true;
        const atMs = decided.get(subject.slice(subject.indexOf('|') + 1))?.record.decided_at_ms ?? 0;
        return kind === 'vector_differs' && atMs >= promotedAtMs - LAG_MS && atMs <= movedAtMs + 1_000;
      });
      const forked = report.findings.filter(({ kind }) => kind === 'vector_differs');
      run.say(
        `fork window: ${movedAtMs - promotedAtMs} ms; ${report.invariants.find(({ invariant }) => invariant === 'I4')?.finding_count ?? 0} vectors cannot be made again, all of them of that time (${forked.length} looked at)`,
      );
    } finally {
      await first.stop();
      await second.stop();
      await replication.stop();
      await master.stop();
    }
  },
);

async function command(url: string, words: readonly string[]): Promise<void> {
  const client = createClient({ url });
  await client.connect();
  await client.sendCommand([...words]);
  client.destroy();
}
