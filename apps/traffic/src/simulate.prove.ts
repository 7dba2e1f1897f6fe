import { parseLabel, parseTransactionPayload } from '@veto/domain';
import { lineOf } from './generate';
import { simulate } from './simulate';

describe('a quarter of a year of traffic', () => {
  it('passes the door, every payment and every label of it', () => {
    let eventCount = 0;
    const refused: unknown[] = [];
    for (const event of simulate({
      seed: 23,
      dayCount: 90,
      startMs: Date.UTC(2026, 0, 1),
      paymentsPerDay: 4_000,
    })) {
      const { body } = JSON.parse(lineOf(event)) as { readonly body: unknown };
      const parsed = event.type === 'label' ? parseLabel(body) : parseTransactionPayload(body);
      if (!parsed.ok) refused.push(parsed.issues);
      eventCount++;
    }
    expect(eventCount).toBeGreaterThan(300_000);
    expect(refused).toEqual([]);
  });
});
