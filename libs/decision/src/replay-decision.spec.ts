import fc from 'fast-check';
import type { DecisionRecord } from '@veto/domain';
import { featureSet } from '@veto/features';
import { compileRuleset, startingRules } from '@veto/rules';
import { aListEntry, aRule, DULL_NOW_MS, DULL_TENANT_ID } from '@veto/testing';
import { aLine, anArrival, aScorer, type TestLine } from './a-line.spec-support';
import { createListBook } from './list-book';
import { parseDecisionRecord } from './record-codec';
import { replayDecision } from './replay-decision';
import { scoreTransactions } from './score-transaction';

/** What is on the log for this payment, read back as any later version would. */
async function recordOf(
  line: TestLine,
  id: string,
  overrides: Parameters<typeof anArrival>[1] = {},
): Promise<DecisionRecord> {
  await scoreTransactions(line, [anArrival(id, overrides)]);
  const bytes = await line.store.find({ tenantId: DULL_TENANT_ID, transactionId: id });
  return parseDecisionRecord(bytes!) as DecisionRecord;
}

const versionsOf = (line: TestLine): Parameters<typeof replayDecision>[1] => ({
  ...line,
  model: line.scorer?.manifest ?? null,
});

describe('a decision replayed from its record', () => {
  it('is identical, byte for byte, for all kinds of payments', async () => {
    const lists = createListBook();
    const watched = aListEntry({ kind: 'device', value: 'dfp_watched', effect: 'watch' });
    lists.apply({ type: 'list_entry_added', tenant_id: DULL_TENANT_ID, entry: watched });
    const scores = [0.001, 0.08, 0.4, 0.93];
    let turn = 0;
    const line = await aLine({
      lists,
      scorer: aScorer(() => scores[turn++ % scores.length]!),
      openReviews: () => turn % 3,
    });
    const payment = fc.record({
      amount: fc.integer({ min: 0, max: 500_000 }),
      currency: fc.constantFrom('EUR', 'JPY', 'KWD'),
      card: fc.constantFrom('cfp_1', 'cfp_2'),
      device: fc.option(fc.constantFrom('dfp_watched', 'dfp_2'), { nil: undefined }),
      cvv: fc.constantFrom('M' as const, 'N' as const, null),
      skewMs: fc.constantFrom(0, 600_000),
    });
    const payments = fc.sample(payment, { numRuns: 100, seed: 4 });
    for (const [i, { amount, currency, card, device, cvv, skewMs }] of payments.entries()) {
      const record = await recordOf(line, `t_${i}`, {
        transaction: { amount, currency, occurred_at: new Date(DULL_NOW_MS + skewMs).toISOString() },
        card: { fingerprint: card },
        device: { fingerprint: device },
        checks: { cvv_result: cvv },
      });
      expect(replayDecision(record, versionsOf(line))).toMatchObject({ identical: true, differences: [] });
    }
  });

  it('is identical when the model was silent', async () => {
    const line = await aLine({ scorer: null });
    expect(replayDecision(await recordOf(line, 't_1'), versionsOf(line)).identical).toBe(true);
  });

  it('shows what another policy would change', async () => {
    const line = await aLine({ scorer: aScorer(() => 0.03) });
    const record = await recordOf(line, 't_1', { transaction: { amount: 100_00 } });
    const costs = { ...line.policy.costs, challenge_abandon_share: 0.01 };
    const { identical, differences, decision } = replayDecision(record, {
      ...versionsOf(line),
      policy: { ...line.policy, version: 2, costs },
    });
    expect(identical).toBe(false);
    expect([record.decision.outcome, decision.outcome]).toEqual(['approve', 'challenge']);
    expect(differences).toContainEqual({ pointer: '/outcome', recorded: 'approve', replayed: 'challenge' });
    expect(differences).toContainEqual({ pointer: '/policy/version', recorded: 1, replayed: 2 });
  });

  it('shows what another rule would change', async () => {
    const line = await aLine({ scorer: aScorer(() => 0.001) });
    const record = await recordOf(line, 't_1');
    const rule = aRule({ id: 'rl_new', expression: 'transaction.mcc == "5661"', effect: 'block' });
    const ruleset = compileRuleset([...startingRules, rule], featureSet);
    const { decision, differences } = replayDecision(record, { ...versionsOf(line), ruleset });
    expect(decision).toMatchObject({ outcome: 'block', decided_by: { id: 'rl_new' } });
    expect(differences.map(({ pointer }) => pointer)).toEqual(
      expect.arrayContaining(['/outcome', '/rules/0', '/ruleset_hash']),
    );
  });
});
