import { open, readdir, readFile, rename, stat, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { VetoError } from '@veto/domain';
import { frameContinues, frameTopicBit } from './frame';
import { findFrameAfter, scanFrames, type ScanResult } from './scan-frames';
import { decodeSegmentIndex, SegmentIndex } from './segment-index';

const SEGMENT_NAME = /^(\d{20})\.log$/;
const SCAN_CHUNK_BYTES = 4 * 1024 * 1024;

/** One file of the log. */
export interface Segment {
  readonly path: string;
  /** Position of its first record; its name. */
  readonly base: number;
  readonly index: SegmentIndex;
  /** Durable bytes. */
  byteLength: number;
}

/** What a torn last write left behind, and was cut off. */
export interface TornTail {
  readonly file: string;
  readonly offset: number;
  readonly byteCount: number;
  /** Where the bytes that were cut off are kept. */
  readonly keptAt: string;
}

export function segmentPath(directory: string, base: number): string {
  return join(directory, `${String(base).padStart(20, '0')}.log`);
}

/** Position after the segment's last record. */
export function segmentEnd(segment: Segment): number {
  return segment.base + segment.index.recordCount;
}

export function corruptAt(path: string, offset: number, what: string): VetoError {
  return new VetoError('log_corrupt', `${path}: ${what} at byte ${offset}`);
}

/** Makes the names in a directory durable: a new file's, or a renamed one's. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** First positions of the segments in a directory, ascending. */
export async function listSegmentBases(directory: string): Promise<readonly number[]> {
  const bases: number[] = [];
  for (const name of await readdir(directory)) {
    const base = SEGMENT_NAME.exec(name)?.[1];
    if (base !== undefined) bases.push(Number(base));
  }
  return bases.sort((a, b) => a - b);
}

/**
 * Opens every segment: sealed ones by their index file where there is one, the last by reading all of it and cutting
 * off what a crash tore.
 * @throws VetoError log_corrupt naming file and offset when anything is missing or damaged before the tail
 */
export async function loadSegments(
  directory: string,
  onTornTail: (torn: TornTail) => void,
): Promise<Segment[]> {
  const bases = await listSegmentBases(directory);
  const segments: Segment[] = [];
  for (const [i, base] of bases.entries()) {
    const path = segmentPath(directory, base);
    const expected = i === 0 ? 0 : segmentEnd(segments[i - 1]!);
    if (base !== expected)
      throw corruptAt(
        path,
        0,
        `record ${base} follows where record ${expected} is due: a file is missing or was cut`,
      );
    const isLast = i === bases.length - 1;
    segments.push(
      isLast ? await loadLastSegment(path, base, onTornTail) : await loadSealedSegment(path, base),
    );
  }
  return segments;
}

function indexPath(segmentPath: string): string {
  return segmentPath.replace(/\.log$/, '.index');
}

/** Writes the index of a segment that will not grow any more. Without it the next start reads the whole segment. */
export async function writeSegmentIndex(segment: Segment): Promise<void> {
  const path = indexPath(segment.path);
  await writeFile(`${path}.tmp`, segment.index.encode(segment.byteLength));
  await rename(`${path}.tmp`, path);
}

async function loadSealedSegment(path: string, base: number): Promise<Segment> {
  const fileBytes = (await stat(path)).size;
  const bytes = await readFile(indexPath(path)).catch(() => null);
  const known = bytes === null ? null : decodeSegmentIndex(bytes);
  if (known !== null) {
    if (known.byteLength === fileBytes) return { path, base, index: known.index, byteLength: fileBytes };
    throw corruptAt(
      path,
      Math.min(known.byteLength, fileBytes),
      `${fileBytes} bytes where ${known.byteLength} were sealed: it differs`,
    );
  }
  const file = await open(path, 'r');
  try {
    const scanned = await indexFrames(file, base, fileBytes);
    if (scanned.result.stopped !== 'end')
      throw corruptAt(path, scanned.result.offset, 'a damaged record in a segment that was complete');
    const segment = { path, base, index: scanned.index, byteLength: fileBytes };
    await writeSegmentIndex(segment);
    return segment;
  } finally {
    await file.close();
  }
}

async function loadLastSegment(
  path: string,
  base: number,
  onTornTail: (torn: TornTail) => void,
): Promise<Segment> {
  const file = await open(path, 'r+');
  try {
    const fileBytes = (await file.stat()).size;
    const scanned = await indexFrames(file, base, fileBytes);
    if (scanned.result.stopped === 'bad' || scanned.result.stopped === 'incomplete') {
      const from = scanned.result.offset;
      const position = base + scanned.index.recordCount;
      const found = await findFrameAfter(file, { from, to: fileBytes, position });
      if (found !== null)
        throw corruptAt(path, from, `a damaged record, with whole ones after it (from byte ${found}),`);
    }
    const { byteLength } = scanned;
    if (byteLength === fileBytes) return { path, base, index: scanned.index, byteLength };
    onTornTail(await cutTail(file, { path, byteLength, fileBytes }));
    // The index also holds the records of an append that was not completed: make it again of what is left.
    return { path, base, index: (await indexFrames(file, base, byteLength)).index, byteLength };
  } finally {
    await file.close();
  }
}

/** Indexes the frames of a file. `byteLength` is the end of the last append that is complete. */
async function indexFrames(
  file: FileHandle,
  base: number,
  fileBytes: number,
): Promise<{ readonly index: SegmentIndex; readonly byteLength: number; readonly result: ScanResult }> {
  const index = new SegmentIndex();
  let byteLength = 0;
  const range = { from: 0, to: fileBytes, position: base, chunkBytes: SCAN_CHUNK_BYTES };
  const result = await scanFrames(file, range, (buffer, offset, frameLength, fileOffset) => {
    index.add(fileOffset, frameTopicBit(buffer, offset));
    if (!frameContinues(buffer, offset)) byteLength = fileOffset + frameLength;
    return true;
  });
  return { index, byteLength, result };
}

/** Cuts a file, after what is cut off was put into a file beside it. */
async function cutTail(
  file: FileHandle,
  cut: { readonly path: string; readonly byteLength: number; readonly fileBytes: number },
): Promise<TornTail> {
  const tail = Buffer.alloc(cut.fileBytes - cut.byteLength);
  await file.read(tail, 0, tail.length, cut.byteLength);
  const keptAt = `${cut.path}.torn-${cut.byteLength}`;
  await writeFile(keptAt, tail, { flush: true });
  await file.truncate(cut.byteLength);
  await file.sync();
  return { file: cut.path, offset: cut.byteLength, byteCount: tail.length, keptAt };
}
