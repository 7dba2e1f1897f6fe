import { setTimeout as wait } from 'node:timers/promises';
import { expect } from '@playwright/test';
import type { Transaction } from 'kafkajs';
import { until } from './support/cluster';
import { untilDecided } from './support/decisions';
import { expectAllDecided, quantile, waitsMs, waitsText } from './support/figures';
import { judge } from './support/judge';
import { startLoad } from './support/load';
import { paymentMaker, type SentPayment } from './support/payments';
import { scenario } from './support/scenario';
import { sendPayments, streamRecordOf, TRANSACTIONS } from './support/stream';
import { kafkaOf } from './support/topic';

const OPEN_MS = 15_000;
const BEHIND = 300;
/** Payments by HTTP before the transaction is opened. */
const BEFORE_COUNT = 400;
/** Longer than the consumer takes to ask the broker where the topic ends. */
const NO_LAG_MS_MAX = 7_000;

scenario(
  {
    id: 'K5',
    title:
      'somebody leaves a transaction open on the topic of payments: it is told, and nobody else is held up',
    asked: 'hanging transaction by a rogue transactional producer',
    here: `open for ${OPEN_MS / 1_000} s, ${BEHIND} payments behind it, payments by HTTP beside it`,
  },
  async (run) => {
    const { journal } = run;
    const cluster = await run.cluster({
      instances: [
        { name: 'score-1', roles: 'score' },
        { name: 'stream-1', roles: 'stream' },
      ],
      partitions: 1,
    });
    const make = paymentMaker('k5', run.random);
    const load = startLoad({
      targets: [cluster.instance('score-1').url],
      rate: 100,
      payment: paymentMaker('k5h', run.random),
      journal,
    });
    while (load.payments.length < BEFORE_COUNT) await wait(50);
    const rogue = kafkaOf(cluster.brokers).producer({
      transactionalId: 'rogue',
      transactionTimeout: 60_000,
      maxInFlightRequests: 1,
      idempotent: true,
    });
    await rogue.connect();
    const transaction = await rogue.transaction();
    const aborted = Array.from({ length: 10 }, (_, i) => make(1_000_000 + i));
    await send(transaction, aborted);
    const behind = Array.from({ length: BEHIND }, (_, i) => make(i));
    await sendPayments(cluster.brokers, behind, journal);

    const stream = cluster.instance('stream-1');
    const toldMs = await until(
      'the lag in seconds is told',
      async () => (await stream.metric('veto_consumer_lag_seconds')) > 2,
      OPEN_MS,
      250,
    );
    run.say(
      `told after ${Math.round(toldMs)} ms: ${await stream.metric('veto_consumer_lag_records')} records wait`,
    );
    await wait(Math.max(0, OPEN_MS - toldMs));
    const payments = await load.stop();
    run.say(`beside it: ${waitsText(payments)}`);
    expectAllDecided(payments);
    const [before, during] = [payments.slice(0, BEFORE_COUNT), payments.slice(BEFORE_COUNT)].map((some) =>
      quantile(waitsMs(some), 0.5),
    );
    run.say(`median before it ${Math.round(before!)} ms, beside it ${Math.round(during!)} ms`);
    run.goal('median beside it', during!, 2 * before! + 20);
    // What is decided can be read everywhere: the log's own readers do not wait for anybody's transaction.
    await untilDecided(
      cluster.brokers,
      payments.map(({ id }) => id),
      5_000,
    );

    await transaction.abort();
    const decided = await untilDecided(
      cluster.brokers,
      behind.map(({ id }) => id),
      20_000,
    );
    expect(aborted.filter(({ id }) => decided.has(id))).toEqual([]);
    // Nothing but the mark of a transaction comes after the last payment: it is no payment that waits.
    const last = await rogue.transaction();
    await send(last, aborted);
    await last.abort();
    await rogue.disconnect();
    await until(
      'the lag is gone',
      async () => (await stream.metric('veto_consumer_lag_records')) === 0,
      NO_LAG_MS_MAX,
      250,
    );
    await wait(NO_LAG_MS_MAX);
    expect(await stream.metric('veto_consumer_lag_records')).toBe(0);
    await judge(run, cluster, ['I1', 'I2', 'I3', 'I4', 'I5', 'I9']);
  },
);

async function send(transaction: Transaction, payments: readonly SentPayment[]): Promise<void> {
  const messages = payments.map((payment) => {
    const { key, headers = {} } = streamRecordOf(payment);
    return { key, headers, value: payment.body };
  });
  await transaction.send({ topic: TRANSACTIONS, messages });
}
