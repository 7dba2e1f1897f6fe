import { measureLine } from './score-transaction.bench';

describe('the bench of the line', () => {
  it('runs every payment through, and prints its figures against the reading of the same payment', async () => {
    const figures = await measureLine(640);
    expect(figures.transactionCount).toBe(640);
    expect(figures.ratio).toBeGreaterThan(0);
    expect(Math.round(1_000_000 / figures.usPerTransaction)).toBe(figures.transactionsPerSecond);
  });
});
