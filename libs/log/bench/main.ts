import { benchSegmentLog } from '../src/segment/segment-event-log.bench';

const result = await benchSegmentLog({
  stopwatch: () => performance.now(),
  recordCount: 100_000,
  batchCount: 500,
  loneCount: 1_000,
});
const figures = Object.fromEntries(
  Object.entries(result).map(([name, value]: [string, number]) => [name, Number(value.toPrecision(4))]),
);
process.stdout.write(`${JSON.stringify({ bench: 'segment-log', node: process.version, ...figures })}\n`);
