import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, TOPICS, type EventLog, type LogRecord } from '@veto/domain';
import { FRAME_HEADER_BYTES } from './frame';
import { openSegmentLog } from './segment-event-log';

export interface LogBenchOptions {
  /** ms, monotonic. */
  readonly stopwatch: () => number;
  readonly recordCount: number;
  readonly batchCount: number;
  readonly loneCount: number;
}

export interface LogBenchResult {
  /** Records of 2 kB a second, in batches, two batches on their way at a time. */
  readonly recordsPerSecond: number;
  /** The same bytes by one write and one fdatasync for each batch, and nothing else. */
  readonly rawRecordsPerSecond: number;
  /** ms until a single record is durable when nothing else is under way: median and 99th percentile. */
  readonly loneMsP50: number;
  readonly loneMsP99: number;
  /** The same for one write and one fdatasync. */
  readonly rawLoneMsP50: number;
  readonly rawLoneMsP99: number;
  /** Records read back a second, checksums checked. */
  readonly readPerSecond: number;
  /** ms to open the log again, its last file read and checked. */
  readonly openMs: number;
}

const VALUE_BYTES = 2_000;

function recordsOf(count: number): LogRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    topic: TOPICS.decisions,
    key: `ten_bench|ord_${i}`,
    value: new Uint8Array(VALUE_BYTES).fill(32 + (i % 90)),
    seq: i,
    epoch: 1,
  }));
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

async function timed(stopwatch: () => number, work: () => Promise<unknown>): Promise<number> {
  const startedAt = stopwatch();
  await work();
  return stopwatch() - startedAt;
}

async function benchRaw(
  directory: string,
  options: LogBenchOptions,
): Promise<{ readonly batchesMs: number; readonly loneMs: number[] }> {
  const { stopwatch, recordCount, batchCount, loneCount } = options;
  const file = await open(join(directory, 'raw'), 'w');
  const frame = Buffer.alloc(VALUE_BYTES + FRAME_HEADER_BYTES + 16, 65);
  const batch = Buffer.alloc(frame.length * batchCount, 65);
  let at = 0;
  const write = async (bytes: Buffer): Promise<void> => {
    await file.write(bytes, 0, bytes.length, at);
    await file.datasync();
    at += bytes.length;
  };
  const loneMs: number[] = [];
  for (let i = 0; i < loneCount; i++) loneMs.push(await timed(stopwatch, () => write(frame)));
  const batchesMs = await timed(stopwatch, async () => {
    for (let i = 0; i < recordCount; i += batchCount) await write(batch);
  });
  await file.close();
  return { batchesMs, loneMs };
}

async function appendAll(log: EventLog, batches: readonly (readonly LogRecord[])[]): Promise<void> {
  let underWay: Promise<unknown> = Promise.resolve();
  for (const batch of batches) {
    const next = log.append(batch);
    await underWay;
    underWay = next;
  }
  await underWay;
}

async function readAll(log: EventLog): Promise<void> {
  for (let after = -1; after < log.end();) after = (await log.read({ after, recordCountMax: 5_000 })).to;
}

export async function benchSegmentLog(options: LogBenchOptions): Promise<LogBenchResult> {
  const { stopwatch, recordCount, batchCount, loneCount } = options;
  const directory = await mkdtemp(join(tmpdir(), 'veto-bench-'));
  try {
    const raw = await benchRaw(directory, options);
    const logDirectory = join(directory, 'log');
    const log = await openSegmentLog({ directory: logDirectory, clock: systemClock });
    const [lone] = recordsOf(1);
    const loneMs: number[] = [];
    for (let i = 0; i < loneCount; i++) loneMs.push(await timed(stopwatch, () => log.append([lone!])));
    const records = recordsOf(batchCount);
    const batches = Array.from({ length: Math.ceil(recordCount / batchCount) }, () => records);
    const appendMs = await timed(stopwatch, () => appendAll(log, batches));
    const readMs = await timed(stopwatch, () => readAll(log));
    const storedCount = log.end() + 1;
    await log.close();
    const openMs = await timed(stopwatch, async () =>
      (await openSegmentLog({ directory: logDirectory, clock: systemClock })).close(),
    );
    return {
      recordsPerSecond: (recordCount / appendMs) * 1_000,
      rawRecordsPerSecond: (recordCount / raw.batchesMs) * 1_000,
      loneMsP50: percentile(loneMs, 0.5),
      loneMsP99: percentile(loneMs, 0.99),
      rawLoneMsP50: percentile(raw.loneMs, 0.5),
      rawLoneMsP99: percentile(raw.loneMs, 0.99),
      readPerSecond: (storedCount / readMs) * 1_000,
      openMs,
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
