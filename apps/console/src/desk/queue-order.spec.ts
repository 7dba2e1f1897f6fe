import { anAlert } from '../testing/an-alert';
import { priorityOf, sortAlerts } from './queue-order';

const NOW_MS = 10_000_000;

describe('the order by expected loss and time left', () => {
  it('weighs an item three times when it is due now', () => {
    const alert = anAlert({ score: 0.5, amountBaseMinor: 200 });
    // 0.5 × 200 × 1 = 100 without a due time; × 3 = 300 when due.
    expect(priorityOf(alert, NOW_MS)).toBe(100);
    expect(priorityOf({ ...alert, dueAtMs: NOW_MS }, NOW_MS)).toBe(300);
    expect(priorityOf({ ...alert, dueAtMs: NOW_MS - 1 }, NOW_MS)).toBe(300);
  });

  it('weighs it twice with fifteen of thirty minutes left', () => {
    expect(
      priorityOf(anAlert({ score: 0.5, amountBaseMinor: 200, dueAtMs: NOW_MS + 15 * 60_000 }), NOW_MS),
    ).toBe(200);
  });

  it('takes a payment without a score for one at the lower bound of high', () => {
    expect(priorityOf(anAlert({ score: null, amountBaseMinor: 100 }), NOW_MS)).toBe(65);
  });
});

describe('the other orders', () => {
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
