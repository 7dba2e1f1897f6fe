import fc from 'fast-check';
import { differencesFromOracle } from './compare-with-oracle.oracle';
import { crowdedStreamOf, eventStreamOf } from './event-stream.oracle';

// A program of its own: inside a test runner's sandbox the same comparison takes ten times as long.
// Arguments: kind of stream, seed, number of streams. Writes one line: what was compared, or fails with the counterexample.

const random = fc.array(fc.nat(), { maxLength: 400, size: 'max' }).map(eventStreamOf);
const crowded = fc
  .record({
    seed: fc.nat(),
    count: fc.integer({ min: 300, max: 900 }),
    stepMs: fc.constantFrom(0, 1, 1000, 60_000, 600_000, 3_600_000),
    lateShare: fc.constantFrom(0, 2, 10),
    lateMs: fc.constantFrom(0, 60_000, 3_600_000, 86_400_000, 30 * 86_400_000),
  })
  .map(crowdedStreamOf);

const [kind, seed, numRuns] = process.argv.slice(2);
let vectors = 0;
fc.assert(
  fc.property(kind === 'crowded' ? crowded : random, (stream) => {
    // A crowded stream is longer than what is looked at; its last vectors are the ones of interest.
    const begun = kind === 'crowded' ? stream.begun.slice(-20) : stream.begun;
    vectors += begun.length;
    const differences = differencesFromOracle(stream, begun);
    if (differences.length > 0) throw new Error(JSON.stringify(differences));
  }),
  { numRuns: Number(numRuns), seed: Number(seed), endOnFailure: kind === 'crowded' },
);
process.stdout.write(`${JSON.stringify({ kind, streams: Number(numRuns), vectors })}\n`);
