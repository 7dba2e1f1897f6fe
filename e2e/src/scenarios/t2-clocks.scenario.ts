import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import type { Problem } from '@veto/domain';
import { WORKSPACE } from '../support/start-server';
import { ask } from './support/ask';
import { untilDecided } from './support/decisions';
import { expectAllDecided } from './support/figures';
import { judge } from './support/judge';
import { askUntilAnswered } from './support/load';
import { paymentMaker } from './support/payments';
import { sized } from './support/scale';
import { scenario } from './support/scenario';
import { sendPayments } from './support/stream';

const PAYMENTS = sized({ asked: 10_000, here: 2_000 });
const HOUR_MS = 3_600_000;
const AT_ONCE = 32;
/** Features that may be below zero: how far an amount lies from a mean. */
const MAY_BE_NEGATIVE = /zscore/;

scenario(
  {
    id: 'T2',
    title:
      'clocks that are wrong, at the merchant and here, make no window negative and let nobody see the future',
    asked: 'merchant −24 h … +1 h, scorers ±5 s, DST and leap second',
    here: `the same, ${PAYMENTS} payments by HTTP and by Kafka`,
  },
  async (run) => {
    const { journal, random } = run;
    const cluster = await run.cluster({
      instances: [
        {
          name: 'early',
          roles: 'score,stream',
          build: 'server-test',
          environment: { CLOCK_OFFSET_MS: '-5000' },
        },
        {
          name: 'late',
          roles: 'score,stream',
          build: 'server-test',
          environment: { CLOCK_OFFSET_MS: '5000' },
        },
      ],
    });
    const targets = cluster.instances.map(({ url }) => url);
    const make = paymentMaker('t2', random);
    const payments = Array.from({ length: PAYMENTS }, (_, i) =>
      make(i, { card: `cfp_${i % 150}`, occurredAtMs: Date.now() + random.whole(-24 * HOUR_MS, HOUR_MS) }),
    );
    for (let i = 0; i < payments.length; i += 2 * AT_ONCE) {
      const group = payments.slice(i, i + 2 * AT_ONCE);
      const asked = group
        .filter((_, j) => j % 2 === 0)
        .map(async (payment, j) => askUntilAnswered(payment, { targets, journal, firstTarget: j }));
      const byKafka = group.filter((_, j) => j % 2 === 1);
      const [answers] = await Promise.all([
        Promise.all(asked),
        sendPayments(cluster.brokers, byKafka, journal),
      ]);
      expectAllDecided(answers);
    }
    await expectZones(targets, run.journal);
    const decided = await untilDecided(
      cluster.brokers,
      payments.map(({ id }) => id),
      30_000,
    );
    const names = featureNames();
    const negative = [...decided.values()].flatMap(({ record }) =>
      record.features.flatMap((value, i) =>
        value !== null && value < 0 && !MAY_BE_NEGATIVE.test(names[i] ?? '')
          ? [`${record.transaction.transaction.id}: ${names[i] ?? i} = ${value}`]
          : [],
      ),
    );
    const ahead = [...decided.values()].filter(
      ({ record }) =>
        Date.parse(record.transaction.transaction.occurred_at) > record.received_at_ms + 5 * 60_000,
    );
    run.say(`${decided.size} decided, ${ahead.length} of them more than five minutes ahead of their receipt`);
    expect(ahead.length).toBeGreaterThan(0);
    expect(negative.slice(0, 5)).toEqual([]);
    await judge(run, cluster, ['I1', 'I2', 'I3', 'I4', 'I5', 'I9']);
  },
);

/** As the model has them, in the order of every vector. */
function featureNames(): readonly string[] {
  const path = join(WORKSPACE, 'libs/model/artifacts/fraud-gbt/manifest.json');
  return (JSON.parse(readFileSync(path, 'utf8')) as { features: string[] }).features;
}

/** The hour that comes twice is two hours; a leap second is no time that a clock here shows, and refused by its name. */
async function expectZones(
  targets: readonly string[],
  journal: Parameters<typeof askUntilAnswered>[1]['journal'],
): Promise<void> {
  const at = (id: string, occurredAt: string): { id: string; body: string } => ({
    id,
    body: JSON.stringify({
      transaction: { id, occurred_at: occurredAt, amount: 1_000, currency: 'EUR' },
      card: { fingerprint: 'cfp_dst' },
    }),
  });
  const summer = at('t2_dst_1', '2026-10-25T02:30:00+02:00');
  const winter = at('t2_dst_2', '2026-10-25T02:30:00+01:00');
  for (const payment of [summer, winter])
    expectAllDecided([await askUntilAnswered(payment, { targets, journal })]);
  const leap = await ask(targets[0] ?? '', at('t2_leap', '2016-12-31T23:59:60Z').body, { timeoutMs: 5_000 });
  if (leap.status === null) throw new Error(leap.error);
  expect(leap.status).toBe(400);
  expect((JSON.parse(leap.text) as Problem).errors.map(({ pointer }) => pointer)).toEqual([
    '/transaction/occurred_at',
  ]);
}
