import { expect } from '@playwright/test';
import type { Problem } from '@veto/domain';
import { ask } from './support/ask';
import { until } from './support/cluster';
import { askUntilAnswered } from './support/load';
import { paymentMaker, type SentPayment } from './support/payments';
import { judge } from './support/judge';
import { sized } from './support/scale';
import { scenario } from './support/scenario';
import { DEAD_LETTERS, sendRecords, streamRecordOf } from './support/stream';
import { readTopic } from './support/topic';

const IDS = sized({ asked: 200, here: 60 });

/** Each changes one field of a payment, and names where. */
const CHANGES: readonly { readonly pointer: string; readonly change: (body: Body) => void }[] = [
  { pointer: '/transaction/amount', change: ({ transaction }) => (transaction['amount'] = 987_654) },
  { pointer: '/transaction/currency', change: ({ transaction }) => (transaction['currency'] = 'SEK') },
  { pointer: '/transaction/mcc', change: ({ transaction }) => (transaction['mcc'] = '6051') },
  { pointer: '/card/fingerprint', change: ({ card }) => (card['fingerprint'] = 'cfp_secret_other') },
  { pointer: '/customer/email', change: ({ customer }) => (customer['email'] = 'secret@example.com') },
  {
    pointer: '/transaction/description',
    change: ({ transaction }) => (transaction['description'] = 'secret'),
  },
];
type Body = Record<'transaction' | 'card' | 'customer', Record<string, unknown>>;

scenario(
  {
    id: 'C4',
    title: 'the same id with one field changed is refused everywhere, and leaves no trace',
    asked: 'same id, one field changed',
    here: `${IDS} ids × ${CHANGES.length} fields × 2 servers, and each by Kafka`,
  },
  async (run) => {
    const { journal } = run;
    const cluster = await run.cluster({
      instances: [
        { name: 'score-1', roles: 'score' },
        { name: 'score-2', roles: 'score,stream' },
      ],
    });
    const targets = cluster.instances.map(({ url }) => url);
    const make = paymentMaker('c4', run.random);
    const originals = Array.from({ length: IDS }, (_, i) => make(i));
    const first = new Map<string, string>();
    for (const original of originals) {
      const { text, status } = await askUntilAnswered(original, { targets, journal });
      expect(status).toBe(200);
      first.set(original.id, text);
    }

    let refusals = 0;
    for (const original of originals) {
      for (const { pointer, change } of CHANGES) {
        const body = changed(original, change);
        for (const url of targets) {
          await expectRefused(url, body, pointer);
          refusals++;
        }
      }
    }
    // By Kafka they are nobody's answer, and end among the dead letters.
    const byKafka = originals.map((original, i) => ({
      ...streamRecordOf(original),
      value: changed(original, CHANGES[i % CHANGES.length]!.change),
    }));
    await sendRecords(cluster.brokers, byKafka);
    const reasons = new Map<string, number>();
    await until(
      'every changed payment is among the dead letters',
      async () => {
        reasons.clear();
        await readTopic(cluster.brokers, DEAD_LETTERS, ({ headers }) => {
          const reason = String(headers['dlq.reason']);
          reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
        });
        return [...reasons.values()].reduce((a, b) => a + b, 0) >= IDS;
      },
      20_000,
      500,
    );
    run.say(`${refusals} refusals by HTTP, dead letters ${JSON.stringify(Object.fromEntries(reasons))}`);
    expect([...reasons.keys()].every((reason) => reason.includes('transaction_id_reused'))).toBe(true);

    for (const original of originals) {
      const again = await askUntilAnswered(original, { targets, journal, firstTarget: 1 });
      expect(again.text).toBe(first.get(original.id));
      expect(again.headers['idempotent-replayed']).toBe('true');
    }
    const report = await judge(run, cluster, ['I1', 'I2', 'I3', 'I4', 'I5', 'I9']);
    expect(report.decisions).toBe(IDS);
  },
);

function changed({ body }: SentPayment, change: (body: Body) => void): string {
  const parsed = JSON.parse(body) as Body;
  change(parsed);
  return JSON.stringify(parsed);
}

async function expectRefused(url: string, body: string, pointer: string): Promise<void> {
  const refused = await ask(url, body, { timeoutMs: 5_000 });
  if (refused.status === null) throw new Error(`${url}: ${refused.error}`);
  expect(refused.status).toBe(422);
  const problem = JSON.parse(refused.text) as Problem;
  expect(problem.code).toBe('transaction_id_reused');
  expect(problem.errors.map((issue) => issue.pointer)).toEqual([pointer]);
  expect(refused.text).not.toMatch(/987654|secret/);
}
