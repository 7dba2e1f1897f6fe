import fc from 'fast-check';
import { differencesFromOracle } from './oracle/compare-with-oracle.oracle';
import { crowdedStreamOf, eventStreamOf } from './oracle/event-stream.oracle';

const streams = fc.array(fc.nat(), { maxLength: 400, size: 'max' }).map(eventStreamOf);
const crowdedStreams = fc
  .record({
    seed: fc.nat(),
    count: fc.integer({ min: 300, max: 900 }),
    stepMs: fc.constantFrom(0, 1, 1000, 60_000, 600_000, 3_600_000),
    lateShare: fc.constantFrom(0, 2, 10),
    lateMs: fc.constantFrom(0, 60_000, 3_600_000, 86_400_000, 30 * 86_400_000),
  })
  .map(crowdedStreamOf);

describe('100 000 random streams', () => {
  // In parts, so that a failure names its seed early and no single test runs for many minutes.
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])(
    'part %i of 10: no feature differs from the naive oracle',
    (part) => {
      fc.assert(
        fc.property(streams, (stream) => {
          const differences = differencesFromOracle(stream);
          if (differences.length > 0) throw new Error(JSON.stringify(differences));
        }),
        { numRuns: 10_000, seed: part },
      );
    },
  );
});

describe('histories longer than what is looked at', () => {
  it('give the features of the naive oracle in 200 crowded streams', () => {
    fc.assert(
      fc.property(crowdedStreams, (stream) => {
        expect(differencesFromOracle(stream, stream.begun.slice(-20))).toEqual([]);
      }),
      { numRuns: 200, endOnFailure: true },
    );
  });
});
