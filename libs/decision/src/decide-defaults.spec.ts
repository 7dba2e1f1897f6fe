import type { Decision } from '@veto/domain';
import { aTransaction } from '@veto/testing';
import { aListHit, aRuleHit, aSituation } from './a-situation.spec-support';
import { decide } from './decide';
import { chooseOutcome } from './decide-outcome';
import type { Situation } from './situation';
import { startingPolicy } from './starting-policy';

const decided = (overrides: Partial<Situation> = {}): Decision => {
  const situation = aSituation(overrides);
  return decide(situation, chooseOutcome(situation));
};

describe('a default that approves', () => {
  const silent = {
    scored: null,
    silent: ['model'] as const,
    transaction: aTransaction({ amountMinor: 49_00 }),
  };
  const budget = startingPolicy.fail_open_budget;

  it.each([
    ['with all of the budget left', 0, 'approve'],
    ['with just enough left', budget - 49_00, 'approve'],
    ['with a cent too little left', budget - 48_99, 'review'],
    ['with nothing left', budget, 'review'],
  ])('%s', (_, failOpenSpent, outcome) => {
    expect(decided({ ...silent, failOpenSpent })).toMatchObject({
      outcome,
      decided_by: { kind: 'default', id: 'DEFAULT_MODEL_SILENT' },
    });
  });

  it('says what was spent when it does not', () => {
    expect(decided({ ...silent, failOpenSpent: budget }).decided_by.clause).toMatch(
      /review, EUR 25000\.00 of EUR 25000\.00 were approved by default$/,
    );
  });

  it('is bounded after the deadline too, and nothing else is', () => {
    const late = { ...silent, silent: ['model', 'deadline'] as const, failOpenSpent: budget };
    expect(decided(late)).toMatchObject({ outcome: 'review', decided_by: { id: 'DEFAULT_DEADLINE' } });
    expect(decided({ failOpenSpent: budget }).outcome).toBe('approve');
    expect(decided({ ...late, ruleHits: [aRuleHit({ effect: 'allow' })] }).outcome).toBe('approve');
  });
});

describe('silent histories', () => {
  const large = aTransaction({ amountMinor: 500_00 });
  const small = aTransaction({ amountMinor: 499_99 });
  const silent: Partial<Situation> = { silent: ['histories'] };

  it.each([
    ['let the score decide of what is small', { ...silent, transaction: small }, 'approve', 'policy_v1'],
    [
      'make an approval of what is large the default for them',
      { ...silent, transaction: large },
      'review',
      'DEFAULT_HISTORIES_SILENT',
    ],
    [
      'make no outcome milder',
      { ...silent, transaction: large, scored: { score: 0.99, base: null, contributions: null } },
      'block',
      'policy_v1',
    ],
    [
      'leave the default of a silent model that is as strict',
      { silent: ['histories', 'model'] as const, scored: null, transaction: large },
      'review',
      'DEFAULT_MODEL_SILENT',
    ],
    [
      'leave the word of a list',
      { ...silent, transaction: large, listHits: [aListHit({ effect: 'allow' })] },
      'approve',
      'le_00000001',
    ],
    [
      'leave the block list in force',
      { ...silent, transaction: small, listHits: [aListHit()] },
      'block',
      'le_00000001',
    ],
  ])('%s', (_, says: Partial<Situation>, outcome, id) => {
    expect(decided(says)).toMatchObject({ outcome, decided_by: { id } });
  });
});
