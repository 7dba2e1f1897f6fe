import { benchComputeFeatures } from '../src/compute-features.bench';

// Many short samples, of which the best counts: what else the machine does then falls into the others.
const results = benchComputeFeatures({
  stopwatch: () => performance.now(),
  callCount: 20,
  sampleCount: 2_000,
});
process.stdout.write(`${JSON.stringify({ bench: 'compute-features', node: process.version, results })}\n`);
