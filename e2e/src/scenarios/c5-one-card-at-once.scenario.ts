import { expect } from '@playwright/test';
import { askUntilAnswered, type AskedPayment } from './support/load';
import { expectAllDecided } from './support/figures';
import { judge } from './support/judge';
import { sized } from './support/scale';
import { scenario } from './support/scenario';

const CARDS = sized({ asked: 200, here: 100 });
const AT_ONCE = 50;
/** The order is what is looked at here: nobody shall go without it because a processor was busy for a moment. */
const PATIENT = { VETO_STATE_BUDGET_MS: '1000' };

scenario(
  {
    id: 'C5',
    title: 'fifty simultaneous payments on one card see the counts 0 … 49, whichever server each came to',
    asked: '50 parallel × 200 cards',
    here: `50 parallel × ${CARDS} cards, over two servers`,
  },
  async (run) => {
    const { journal } = run;
    const cluster = await run.cluster({
      instances: [
        { name: 'score-1', roles: 'score', environment: PATIENT },
        { name: 'score-2', roles: 'score', environment: PATIENT },
      ],
    });
    const targets = cluster.instances.map(({ url }) => url);
    const answers: AskedPayment[] = [];
    for (let card = 0; card < CARDS; card++) {
      const occurredAt = new Date().toISOString();
      const payments = Array.from({ length: AT_ONCE }, (_, i) => {
        const id = `c5_${card}_${i}`;
        const transaction = { id, occurred_at: occurredAt, amount: 1_000 + i, currency: 'EUR' };
        return { id, body: JSON.stringify({ transaction, card: { fingerprint: `cfp_${card}` } }) };
      });
      const asked = payments.map(async (payment, i) =>
        askUntilAnswered(payment, { targets, journal, firstTarget: i }),
      );
      answers.push(...(await Promise.all(asked)));
    }
    expectAllDecided(answers);

    const report = await judge(run, cluster, ['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I9']);
    expect(report.decisions).toBe(CARDS * AT_ONCE);
    // A decision on a process's own histories has seen less, and says so: its card is not among those lined up.
    expect(report.local).toBe(0);
    const order = report.invariants.find(({ invariant }) => invariant === 'I6');
    run.say(`I6: ${order?.says ?? ''}`);
    expect(order?.checked_count).toBe(CARDS);
  },
);
