import { anAlert } from '../testing/an-alert';
import { sortAlerts } from './queue-order';

const NOW_MS = 10_000_000;

describe('the orders of the list', () => {
  const small = anAlert({ decisionId: 'small', position: 1, score: 0.9, amountBaseMinor: 1, decidedAtMs: 1 });
  const large = anAlert({
    decisionId: 'large',
    position: 2,
    score: 0.1,
    amountBaseMinor: 1_000,
    decidedAtMs: 2,
  });

  it.each([
    ['newest', 'large'],
    ['oldest', 'small'],
    ['score', 'small'],
    ['amount', 'large'],
    ['urgency', 'large'],
  ] as const)('%s puts %s first', (order, first) => {
    expect(sortAlerts([small, large], order, NOW_MS)[0]?.decisionId).toBe(first);
  });

  it('break a tie by position, the newest first', () => {
    const twins = [anAlert({ decisionId: 'a', position: 1 }), anAlert({ decisionId: 'b', position: 2 })];
    expect(sortAlerts(twins, 'score', NOW_MS).map(({ decisionId }) => decisionId)).toEqual(['b', 'a']);
  });
});
