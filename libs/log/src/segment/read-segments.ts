import { open } from 'node:fs/promises';
import type { LogBatch, LogQuery, StoredLogRecord } from '@veto/domain';
import { decodeFrame, framePosition, frameTopicBit, topicMask } from './frame';
import { scanFrames } from './scan-frames';
import { corruptAt, segmentEnd, type Segment } from './segment-directory';

/** One batch holds no more bytes than about this, however many records were asked for. */
const BATCH_BYTES_MAX = 16 * 1024 * 1024;
const CHUNK_BYTES_MIN = 64 * 1024;
const CHUNK_BYTES_MAX = 1024 * 1024;
/** What a record is taken to measure when the size of the first read is chosen. */
const RECORD_BYTES_TYPICAL = 2048;

/**
 * Records after a position, up to `end`. Goes on until it has found at least one or has looked at everything, so that an
 * empty batch always means that there is nothing.
 * @throws VetoError log_corrupt naming file and offset
 */
export async function readSegments(
  segments: readonly Segment[],
  end: number,
  query: LogQuery,
): Promise<LogBatch> {
  const batch: BatchUnderWay = { records: [], byteCount: 0, to: query.after };
  const last = lastSegmentWith(segments, end);
  for (let i = segmentAt(segments, query.after + 1); i <= last && query.recordCountMax > 0; i++) {
    const full = await readSegment(segments[i]!, end, query, batch);
    if (full) return { records: batch.records, to: batch.to };
  }
  return { records: batch.records, to: query.recordCountMax > 0 ? Math.max(end, query.after) : query.after };
}

interface BatchUnderWay {
  readonly records: StoredLogRecord[];
  byteCount: number;
  /** Position up to which the log was looked at. */
  to: number;
}

/** Index of the segment that holds `position`. */
function segmentAt(segments: readonly Segment[], position: number): number {
  let low = 0;
  let high = segments.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (segments[middle]!.base <= position) low = middle;
    else high = middle - 1;
  }
  return low;
}

function lastSegmentWith(segments: readonly Segment[], end: number): number {
  return end < 0 ? -1 : segmentAt(segments, end);
}

/** @returns true when the batch is full */
async function readSegment(
  segment: Segment,
  end: number,
  query: LogQuery,
  batch: BatchUnderWay,
): Promise<boolean> {
  const { index } = segment;
  // Taken now: the segment may grow while it is read.
  const recordCount = Math.min(segmentEnd(segment), end + 1) - segment.base;
  const byteLength = segment.byteLength;
  const mask = topicMask(query.topics);
  const isFull = (): boolean =>
    batch.records.length >= query.recordCountMax || batch.byteCount >= BATCH_BYTES_MAX;
  let block = index.blockOf(Math.max(0, query.after + 1 - segment.base));
  const file = await open(segment.path, 'r');
  try {
    for (;;) {
      block = index.nextBlockWith(mask, block);
      if (block >= index.blockCount || index.firstOrdinalOf(block) >= recordCount) return false;
      const from = index.offsetOf(block);
      const position = segment.base + index.firstOrdinalOf(block);
      const runEnd = index.runEndWith(mask, block);
      const to = runEnd < index.blockCount ? index.offsetOf(runEnd) : byteLength;
      const chunkBytes = chunkBytesFor(query.recordCountMax - batch.records.length);
      const { offset, stopped } = await scanFrames(
        file,
        { from, to, position, chunkBytes },
        (buffer, at, frameLength) => {
          const seen = framePosition(buffer, at);
          if (seen > query.after) {
            if (seen > end) return false;
            batch.to = seen;
            if ((frameTopicBit(buffer, at) & mask) !== 0) {
              batch.records.push(decodeFrame(buffer, at, frameLength));
              batch.byteCount += frameLength;
            }
          }
          return !isFull();
        },
      );
      if (stopped === 'bad' || stopped === 'incomplete')
        throw corruptAt(segment.path, offset, 'a damaged record');
      if (isFull()) return true;
      block = runEnd;
    }
  } finally {
    await file.close();
  }
}

function chunkBytesFor(recordCount: number): number {
  return Math.min(Math.max(recordCount * RECORD_BYTES_TYPICAL, CHUNK_BYTES_MIN), CHUNK_BYTES_MAX);
}
