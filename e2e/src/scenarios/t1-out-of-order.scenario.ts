import { expect } from '@playwright/test';
import { untilDecided } from './support/decisions';
import { expectAllDecided } from './support/figures';
import { judge } from './support/judge';
import { askUntilAnswered, TENANT, type AskedPayment } from './support/load';
import { sized } from './support/scale';
import { scenario, type Run } from './support/scenario';
import { sendPayments } from './support/stream';
import type { SentPayment } from './support/payments';

const PAYMENTS = sized({ asked: 20_000, here: 4_000 });
const CARDS = PAYMENTS / 20;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const SPAN_MS = 72 * HOUR_MS;
/** The same payments in order of their time, each once. */
const SORTED_TENANT = 'sorted';
const PROBES = 60;
const AT_ONCE = 32;

scenario(
  {
    id: 'T1',
    title:
      'payments that come twice, out of order and a day late leave behind what they would have left in order',
    asked: '20 % duplicates, 10 % out of order ≤ 10 min, 1 % 1–24 h late, 0.1 % > 24 h',
    here: `the same shares of ${PAYMENTS} payments, by HTTP and by Kafka, against the sorted run`,
    timeoutMs: 240_000,
  },
  async (run) => {
    const { journal } = run;
    const patient = { VETO_STATE_BUDGET_MS: '1000' };
    const cluster = await run.cluster({
      instances: [
        { name: 'score-1', roles: 'score', environment: patient },
        { name: 'stream-1', roles: 'stream', environment: patient },
      ],
      // One partition: the sorted run stays sorted.
      partitions: 1,
    });
    const targets = [cluster.instance('score-1').url];
    const nowMs = Date.now();
    const events = eventsOf(run, nowMs);
    const sorted = [...events].sort((a, b) => a.atMs - b.atMs);
    await sendPayments(cluster.brokers, sorted, journal, SORTED_TENANT);

    const arrivals = [...events.flatMap((event) => event.arrivesAtMs.map((atMs) => ({ event, atMs })))].sort(
      (a, b) => a.atMs - b.atMs,
    );
    const answers: AskedPayment[] = [];
    for (let i = 0; i < arrivals.length; i += 2 * AT_ONCE) {
      const group = arrivals.slice(i, i + 2 * AT_ONCE).map(({ event }) => event);
      const [byHttp, byKafka] = [group.filter((_, j) => j % 2 === 0), group.filter((_, j) => j % 2 === 1)];
      const asked = byHttp.map(async (event) => askUntilAnswered(event, { targets, journal }));
      const [answered] = await Promise.all([
        Promise.all(asked),
        sendPayments(cluster.brokers, byKafka, journal),
      ]);
      answers.push(...answered);
    }
    expectAllDecided(answers);
    run.say(
      `${arrivals.length} arrivals of ${events.length} payments, ${answers.filter(({ headers }) => headers['idempotent-replayed'] === 'true').length} of those by HTTP were repetitions`,
    );
    const ids = events.map(({ id }) => id);
    for (const tenant of [TENANT, SORTED_TENANT]) await untilDecided(cluster.brokers, ids, 60_000, tenant);

    await expectSamePast(run, cluster.brokers, nowMs);
    await judge(run, cluster, ['I1', 'I2', 'I3', 'I4', 'I5', 'I7', 'I9']);
  },
);

interface Event extends SentPayment {
  /** When it was made. */
  readonly atMs: number;
  /** When it comes in, once or twice. */
  readonly arrivesAtMs: readonly number[];
}

function eventsOf(run: Run, nowMs: number): Event[] {
  const { random } = run;
  return Array.from({ length: PAYMENTS }, (_, i) => {
    const atMs = nowMs - HOUR_MS - random.whole(0, SPAN_MS);
    const kind = random.next();
    const lateMs =
      kind < 0.001
        ? random.whole(24 * HOUR_MS, 48 * HOUR_MS)
        : kind < 0.011
          ? random.whole(HOUR_MS, 24 * HOUR_MS)
          : kind < 0.111
            ? random.whole(0, 10 * MINUTE_MS)
            : 0;
    const again = random.next() < 0.2 ? [atMs + lateMs + random.whole(0, HOUR_MS)] : [];
    return {
      ...paymentOf(`t1_${i}`, random.whole(0, CARDS - 1), { atMs, amount: random.whole(100, 30_000), i }),
      atMs,
      arrivesAtMs: [atMs + lateMs, ...again],
    };
  });
}

/** Histories that stay below what is kept of an entity, so that no order decides what is forgotten. */
function paymentOf(
  id: string,
  who: number,
  of: { readonly atMs: number; readonly amount: number; readonly i: number },
): SentPayment {
  const body = {
    transaction: {
      id,
      occurred_at: new Date(of.atMs).toISOString(),
      amount: of.amount,
      currency: 'EUR',
      mcc: '5732',
    },
    merchant: { id: `mer_${of.i % (PAYMENTS / 40)}`, country: 'SE' },
    card: {
      fingerprint: `cfp_${who}`,
      bin: `4571${who % (CARDS / 4)}`.padEnd(8, '3'),
      issuer_country: who % 9 === 0 ? 'NG' : 'SE',
    },
    customer: { id: `cus_${who}`, email: `c${who}@example.com` },
    device: { fingerprint: `dfp_${(who + (of.i % 3)) % CARDS}` },
    ip: { address: `198.18.${who % 250}.${of.i % 3}`, country: 'SE' },
  };
  return { id, body: JSON.stringify(body) };
}

/** A payment now, on the same card, sees the same past in both. */
async function expectSamePast(run: Run, brokers: readonly string[], nowMs: number): Promise<void> {
  const probes = Array.from({ length: PROBES }, (_, i) =>
    paymentOf(`t1_probe_${i}`, Math.floor((i * CARDS) / PROBES), { atMs: nowMs, amount: 5_000, i }),
  );
  const past = new Map<string, string>();
  const different: unknown[] = [];
  for (const tenant of [SORTED_TENANT, TENANT]) {
    await sendPayments(brokers, probes, run.journal, tenant);
    const decided = await untilDecided(
      brokers,
      probes.map(({ id }) => id),
      20_000,
      tenant,
    );
    for (const { id } of probes) {
      const features = JSON.stringify(decided.get(id)?.record.features);
      const sorted = past.get(id);
      if (sorted === undefined) past.set(id, features);
      else if (sorted !== features) different.push({ id, shuffled: features, sorted });
    }
  }
  run.say(`${PROBES} probes, ${different.length} saw another past than in the sorted run`);
  expect(different.slice(0, 3)).toEqual([]);
}
