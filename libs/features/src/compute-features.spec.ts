import fc from 'fast-check';
import { differencesFromOracle } from './oracle/compare-with-oracle.oracle';
import { crowdedStreamOf, eventStreamOf } from './oracle/event-stream.oracle';

const streams = fc.array(fc.nat(), { maxLength: 400, size: 'max' }).map(eventStreamOf);
const crowdedStreams = fc
  .record({
    seed: fc.nat(),
    count: fc.integer({ min: 400, max: 700 }),
    stepMs: fc.constantFrom(0, 1000, 60_000, 600_000, 3_600_000),
    lateShare: fc.constantFrom(0, 2, 10),
    lateMs: fc.constantFrom(0, 60_000, 86_400_000, 30 * 86_400_000),
  })
  .map(crowdedStreamOf);

describe('the features of a stream with late, repeated and contradicting events', () => {
  it('are those of the naive oracle, bit for bit, in 1 000 random streams', () => {
    fc.assert(
      fc.property(streams, (stream) => {
        expect(differencesFromOracle(stream)).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('are those of the naive oracle also where histories are longer than what is looked at', () => {
    fc.assert(
      fc.property(crowdedStreams, (stream) => {
        expect(differencesFromOracle(stream, stream.begun.slice(-10))).toEqual([]);
      }),
      { numRuns: 8 },
    );
  });
});
