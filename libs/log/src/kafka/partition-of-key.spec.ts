import fc from 'fast-check';
import { Partitioners } from 'kafkajs';
import { partitionOfKey } from './partition-of-key';

/** The partition that the library itself would choose. */
function chosenByLibrary(key: string, partitionCount: number): number {
  const partitionMetadata = Array.from({ length: partitionCount }, (_, partitionId) => ({
    partitionErrorCode: 0,
    partitionId,
    leader: 0,
    replicas: [0],
    isr: [0],
  }));
  return Partitioners.DefaultPartitioner()({
    topic: 'any',
    partitionMetadata,
    message: { key: Buffer.from(key), value: null },
  });
}

describe('the partition of a key', () => {
  it("is the one that Kafka's own clients choose, for keys of any length and any bytes", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 40 }),
        fc.integer({ min: 1, max: 50 }),
        (key, count) => {
          expect(partitionOfKey(key, count)).toBe(chosenByLibrary(key, count));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('spreads the transactions of one tenant', () => {
    const counts = new Array<number>(12).fill(0);
    for (let i = 0; i < 12_000; i++) counts[partitionOfKey(`ten_test|ord_${i}`, 12)]! += 1;
    // 1 000 are expected in each, with a standard deviation of 30.
    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(Math.max(...counts)).toBeLessThan(1_150);
  });
});
