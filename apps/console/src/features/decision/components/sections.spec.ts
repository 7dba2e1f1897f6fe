import { factsOf } from './facts-section';
import { stagesOf } from './latency-section';

describe('the facts of a payment', () => {
  it('are what it carried, with codes in words, and nothing that it did not', () => {
    const facts = factsOf({
      transaction: { channel: 'ecommerce', type: 'payment', mcc: '5732' },
      card: { bin: '457173', last4: '8153', brand: 'visa' },
      checks: { avs_result: 'N' },
    });
    expect(facts).toEqual([
      { label: 'Card', text: '457173 · ••8153 · visa' },
      { label: 'Payment', text: 'ecommerce · payment · MCC 5732' },
      { label: 'AVS', text: 'N — street and postcode do not match' },
    ]);
  });

  it.each([null, 'text', [], { card: null }])('are none for %p', (transaction) => {
    expect(factsOf(transaction)).toEqual([]);
  });
});

describe('the stages of a decision', () => {
  it('name what of the total no stage accounts for: 2.6 − (0.9 + 0.2) = 1.5', () => {
    const { stages, totalMs } = stagesOf({ begin: 0.9, model: 0.2, total: 2.6 });
    expect(totalMs).toBe(2.6);
    expect(stages.map(({ name }) => name)).toEqual(['begin', 'model', 'other']);
    expect(stages[2]?.durationMs).toBeCloseTo(1.5, 9);
  });

  it('never add up to more than the total that is shown', () => {
    expect(stagesOf({ begin: 3, total: 2 }).totalMs).toBe(3);
  });
});
