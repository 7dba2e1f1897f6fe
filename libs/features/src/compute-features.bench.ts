import { computeFeatures } from './compute-features';
import { benchInput, fullPayload } from './oracle/bench-histories.oracle';

/** One line of the bench. */
export interface BenchResult {
  readonly recordCount: number;
  /** Histories of this many entities, each of `recordCount` records. */
  readonly entityCount: number;
  readonly microsPerCall: number;
  /** Against one `JSON.parse` of a transaction of about 1 kB, measured in the same run. */
  readonly timesJsonParse: number;
}

export interface BenchOptions {
  /** Monotonic, in ms. */
  readonly stopwatch: () => number;
  /** Calls per sample. */
  readonly callCount: number;
  /** The best of this many samples counts: the rest is what else the machine was doing. */
  readonly sampleCount: number;
}

function microsPerCall(run: () => unknown, { stopwatch, callCount, sampleCount }: BenchOptions): number {
  let bestMs = Infinity;
  for (let sample = 0; sample < sampleCount; sample++) {
    const startMs = stopwatch();
    for (let i = 0; i < callCount; i++) run();
    bestMs = Math.min(bestMs, stopwatch() - startMs);
  }
  return (bestMs * 1000) / callCount;
}

/** What `computeFeatures` costs for histories of 0, 8, 64 and 256 records for each of seven entities. */
export function benchComputeFeatures(options: BenchOptions): BenchResult[] {
  const json = JSON.stringify(fullPayload(1, Date.UTC(2026, 7, 24)));
  const parseMicros = microsPerCall(() => JSON.parse(json) as unknown, options);
  const inputs = [0, 8, 64, 256].map(benchInput);
  // All sizes first, so that each is measured with code that has seen the others, as in life.
  for (const input of inputs) microsPerCall(() => computeFeatures(input), { ...options, sampleCount: 1 });
  return inputs.map((input) => {
    const micros = microsPerCall(() => computeFeatures(input), options);
    return {
      recordCount: input.seq,
      entityCount: input.histories.length,
      microsPerCall: Number(micros.toFixed(2)),
      timesJsonParse: Number((micros / parseMicros).toFixed(2)),
    };
  });
}
